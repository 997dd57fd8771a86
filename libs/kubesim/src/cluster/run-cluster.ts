import { systemClock } from '@meridian/runtime';
import type { Clock } from '@meridian/runtime';
import { ReviewPending } from '../admission/webhooks/review-memo.ts';
import { runControllers } from '../controllers/all-controllers.ts';
import { openJournaledStore } from '../store/journal.ts';
import { createStore } from '../store/memory-store.ts';
import { createCluster } from './sim-cluster.ts';
import type { SimCluster } from './sim-cluster.ts';

/** How a simulated cluster runs, wherever it is served. */
export interface RunOptions {
  /** Time of the cluster; the machine's unless told. */
  readonly clock?: Clock | undefined;
  /** Whether controllers, scheduler and kubelets run; without them nothing happens but what clients do. */
  readonly controllers?: boolean | undefined;
  /** Numbers in [0, 1) by which faults are drawn; the machine's unless told. */
  readonly random?: (() => number) | undefined;
  /** Told of what a controller threw; it tries again by itself. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** What those who serve a cluster know of it. */
export interface ClusterAccess {
  /** The token of its administrator. */
  readonly token: string;
  /** `127.0.0.1:6443`. */
  readonly address: string;
  readonly caPem: string;
  /** Signs tokens of service accounts, as PEM; a key that ends with the process unless told. */
  readonly serviceAccountKey?: string | undefined;
  /** Where its objects are kept; in memory when undefined. */
  readonly journalDir: string | undefined;
}

/** A cluster that runs. Disposing it ends its controllers and closes its store. */
export interface RunningCluster extends AsyncDisposable {
  readonly cluster: SimCluster;
}

/** Runs a cluster, which somebody else has to serve. */
export function runCluster(access: ClusterAccess, options: RunOptions): RunningCluster {
  const { clock = systemClock, random, onError, controllers = false } = options;
  const { token, address, caPem, journalDir, serviceAccountKey } = access;
  const store = journalDir === undefined ? createStore() : openJournaledStore(journalDir);
  const cluster = createCluster({
    store,
    tokens: { [token]: { name: 'admin', uid: 'admin', groups: ['system:masters'] } },
    address: () => address,
    nowMs: () => clock.nowMs(),
    ...(random && { random }),
    ...(serviceAccountKey !== undefined && { serviceAccountKey }),
  });
  const loop = controllers
    ? runControllers(cluster.core, { clock, caPem, onError: (error) => tell(error, onError) })
    : undefined;
  return {
    cluster,
    async [Symbol.asyncDispose]() {
      await loop?.[Symbol.asyncDispose]();
      await store.close();
    },
  };
}

/** A controller that came while webhooks were being asked did nothing wrong. */
function tell(error: unknown, onError: RunOptions['onError']): void {
  if (!(error instanceof ReviewPending)) onError?.(error);
}
