import { readFile } from 'node:fs/promises';
import { openIdentity } from '@meridian/testkit';
import type { ApiServerAccess } from '@meridian/testkit';
import type { Faults } from '../faults/faults.ts';
import { runCluster } from './run-cluster.ts';
import type { RunOptions } from './run-cluster.ts';
import type { SimCluster } from './sim-cluster.ts';
import { listenTls } from './tls-listener.ts';

/** What a simulated API server should be. */
export interface SimServerOptions extends RunOptions {
  /** A DNS label: the name of the cluster in the kubeconfig. */
  readonly name: string;
  /** Keeps keys and address; a second start in the same folder has the same ones. */
  readonly dir: string;
  /** Whether its objects are kept in the folder too, so that a later start goes on where this one ended. */
  readonly durable?: boolean;
  /** Port; kept from the first start on when not given. */
  readonly port?: number | undefined;
}

/** A running simulated API server. */
export interface SimServer extends ApiServerAccess, AsyncDisposable {
  readonly name: string;
  /** Path of a kubeconfig with an admin token. */
  readonly kubeconfig: string;
  readonly cluster: SimCluster;
  /** What goes wrong on request. */
  readonly faults: Faults;
}

/** Starts a simulated API server on a port of its own, on 127.0.0.1. Rejects when the port is taken. */
export async function startSimServer(options: SimServerOptions): Promise<SimServer> {
  const { name, dir, durable = false } = options;
  const { url, port, token, caPem, kubeconfig, files } = await openIdentity(name, dir, options.port);
  const [certificatePem, keyPem, serviceAccountKey] = await Promise.all([
    readFile(files.certificate, 'utf8'),
    readFile(files.key, 'utf8'),
    readFile(files.serviceAccountKey, 'utf8'),
  ]);
  const address = `127.0.0.1:${String(port)}`;
  const journalDir = durable ? dir : undefined;
  const running = runCluster({ token, address, caPem, serviceAccountKey, journalDir }, options);
  const { cluster } = running;
  const identity = { certificatePem, keyPem, caPem };
  const listener = await listenTls(identity, port, (request, response) => {
    void cluster.handle(request, response);
  }).catch(async (error: unknown) => {
    await running[Symbol.asyncDispose]();
    throw error;
  });
  return {
    ...{ name, url, token, caPem, kubeconfig, cluster },
    faults: cluster.faults,
    async [Symbol.asyncDispose]() {
      await listener[Symbol.asyncDispose]();
      await running[Symbol.asyncDispose]();
    },
  };
}
