import { readFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { systemClock } from '@meridian/runtime';
import type { Clock } from '@meridian/runtime';
import { openIdentity } from '@meridian/testkit';
import type { ApiServerAccess } from '@meridian/testkit';
import { runControllers } from '../controllers/all-controllers.ts';
import type { Faults } from '../faults/faults.ts';
import { openJournaledStore } from '../store/journal.ts';
import { createStore } from '../store/memory-store.ts';
import { createCluster } from './sim-cluster.ts';
import type { SimCluster } from './sim-cluster.ts';

/** What a simulated API server should be. */
export interface SimServerOptions {
  /** A DNS label: the name of the cluster in the kubeconfig. */
  readonly name: string;
  /** Keeps keys and address; a second start in the same folder has the same ones. */
  readonly dir: string;
  /** Whether its objects are kept in the folder too, so that a later start goes on where this one ended. */
  readonly durable?: boolean;
  /** Port; kept from the first start on when not given. */
  readonly port?: number;
  /** Time of the cluster; the machine's unless told. */
  readonly clock?: Clock;
  /** Whether controllers, scheduler and kubelets run; without them nothing happens but what clients do. */
  readonly controllers?: boolean;
  /** Numbers in [0, 1) by which faults are drawn; the machine's unless told. */
  readonly random?: () => number;
  /** Told of what a controller threw; it tries again by itself. */
  readonly onError?: (error: unknown) => void;
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
  const { url, port, token, caPem, kubeconfig, files } = await openIdentity(
    options.name,
    options.dir,
    options.port,
  );
  const { clock = systemClock } = options;
  const store = options.durable === true ? openJournaledStore(options.dir) : createStore();
  const cluster = createCluster({
    store,
    tokens: { [token]: { name: 'admin', uid: 'admin', groups: ['system:masters'] } },
    address: () => `127.0.0.1:${String(port)}`,
    nowMs: () => clock.nowMs(),
    ...(options.random && { random: options.random }),
  });
  const { onError } = options;
  const loop =
    options.controllers === true
      ? runControllers(cluster.core, { clock, caPem, ...(onError && { onError }) })
      : undefined;
  const [cert, key] = await Promise.all([readFile(files.certificate), readFile(files.key)]);
  const server = createServer(
    { cert, key, ca: caPem, requestCert: true, rejectUnauthorized: false },
    (request, response) => void cluster.handle(request, response),
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    name: options.name,
    url,
    token,
    caPem,
    kubeconfig,
    cluster,
    faults: cluster.faults,
    async [Symbol.asyncDispose]() {
      await loop?.[Symbol.asyncDispose]();
      server.closeAllConnections();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      await store.close();
    },
  };
}
