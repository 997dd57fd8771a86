import type { ClusterAccess } from './cluster-access.ts';
import { openInCluster } from './in-cluster.ts';
import type { Kube } from './kube.ts';
import { openKubeconfig } from './kubeconfig.ts';
import { withBackpressure } from './backpressure.ts';
import { systemClock } from '@meridian/runtime';
import { kubeOver } from './kube-client.ts';
import { createTransport } from './transport.ts';
import type { TransportLimits } from './transport.ts';

/** Which cluster to connect to, and as whom. */
export interface ConnectKubeOptions {
  /** Path of a kubeconfig; without it the pod's service account is used. */
  readonly kubeconfigPath?: string;
  /** A context of the kubeconfig; its current one unless told. */
  readonly context?: string;
  /** Sent with every request, for the audit log of the cluster: `meridian-agent/0.1.0`. */
  readonly userAgent: string;
  readonly limits?: TransportLimits;
}

/**
 * Opens a cluster without talking to it yet. Rejects with `invalid` when the kubeconfig cannot be used,
 * naming the file and what is wrong with it.
 */
export async function connectKube(options: ConnectKubeOptions): Promise<Kube> {
  const access = await openAccess(options);
  const transport = createTransport(access, options.userAgent, options.limits);
  return kubeOver(withBackpressure(transport, systemClock), access.url);
}

async function openAccess(options: ConnectKubeOptions): Promise<ClusterAccess> {
  return options.kubeconfigPath === undefined
    ? openInCluster()
    : openKubeconfig(options.kubeconfigPath, options.context);
}
