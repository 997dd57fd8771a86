import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  apiServerArguments,
  controllerManagerArguments,
  etcdArguments,
  isApiServerReady,
  kwokArguments,
  openIdentity,
  portAccepts,
  requirePart,
  schedulerArguments,
} from '@meridian/testkit';
import type { ControlPlaneIdentity } from '@meridian/testkit';
import { addNodes } from './cluster-nodes.ts';
import type { DataDirectory } from './data-directory.ts';
import { portOf } from './plan.ts';
import type { PlannedCluster, SandboxPlan } from './plan.ts';
import type { ProcessSpec, Supervisor } from './supervisor.ts';

/** Starts a real control plane and returns when its nodes take pods. Its kubeconfig lies where `kubeconfigOf` says. */
export async function startCluster(
  cluster: PlannedCluster,
  { data, plan }: { readonly data: DataDirectory; readonly plan: SandboxPlan },
  supervisor: Supervisor,
  signal: AbortSignal,
): Promise<void> {
  const folder = join(data.path, 'clusters', cluster.name);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const identity = await openIdentity(cluster.name, folder, portOf(plan, `kube-apiserver-${cluster.name}`));
  const { etcd, apiServer, rest } = clusterProcesses(cluster.name, { data, plan, identity, folder });
  await supervisor.start(etcd, signal);
  await supervisor.start(apiServer, signal);
  await Promise.all(rest.map((spec) => supervisor.start(spec, signal)));
  await addNodes(identity, cluster, signal);
}

/** Names of a cluster's processes in the order in which they are stopped: those that write first, etcd last. */
export function stopOrder(cluster: string): string[][] {
  return [
    [`kwok-${cluster}`, `kube-scheduler-${cluster}`, `kube-controller-manager-${cluster}`],
    [`kube-apiserver-${cluster}`],
    [`etcd-${cluster}`],
  ];
}

interface ClusterSetup {
  readonly data: DataDirectory;
  readonly plan: SandboxPlan;
  readonly identity: ControlPlaneIdentity;
  readonly folder: string;
}

function clusterProcesses(
  cluster: string,
  { data, plan, identity, folder }: ClusterSetup,
): { etcd: ProcessSpec; apiServer: ProcessSpec; rest: ProcessSpec[] } {
  const clientPort = portOf(plan, `etcd-${cluster}`);
  const etcdUrl = `http://127.0.0.1:${clientPort}`;
  const spec = (
    program: Parameters<typeof requirePart>[0],
    args: readonly string[],
    ready: () => Promise<boolean>,
  ): ProcessSpec => ({
    name: `${program}-${cluster}`,
    command: requirePart(program),
    args,
    logFile: join(data.logs, `${program}-${cluster}.log`),
    ready,
    readyWithinMs: 120_000,
    // An API server whose etcd is gone can hang on SIGTERM for minutes.
    stopWithinMs: 5_000,
  });
  const atOnce = () => Promise.resolve(true);
  return {
    etcd: spec(
      'etcd',
      etcdArguments({
        dataDir: join(folder, 'etcd'),
        clientPort,
        peerPort: portOf(plan, `etcd-${cluster} peer`),
        durable: true,
      }),
      () => portAccepts(clientPort),
    ),
    apiServer: spec(
      'kube-apiserver',
      apiServerArguments(identity, { url: etcdUrl, prefix: '/registry' }, folder),
      () => isApiServerReady(identity),
    ),
    rest: [
      spec('kube-controller-manager', controllerManagerArguments(identity), atOnce),
      spec('kube-scheduler', schedulerArguments(identity), atOnce),
      spec('kwok', kwokArguments(identity), atOnce),
    ],
  };
}
