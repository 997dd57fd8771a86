import type { BundleRef, Dependency, Hold } from '@meridian/fleet';
import type { StatusObserved } from './events.ts';
import { isOver } from './moving.ts';
import { isHealthyAt } from './observe.ts';
import type { ClusterProgress, Placed, RolloutState } from './state.ts';

/** What is known of an application that another one waits for. */
export interface Depended {
  readonly dependency: Dependency;
  /** What git has for each cluster; or why that is not known, as a sentence that begins with `it`. */
  readonly wanted: { readonly [cluster: string]: BundleRef } | string;
  readonly state: RolloutState | undefined;
  /** What the agent of a cluster said last of it. */
  readonly report: (cluster: string) => StatusObserved | undefined;
}

/**
 * What holds pushes to some clusters as long as the applications that have to be healthy first are not. Whatever is not known
 * holds. The texts change only with what is so: they are part of the state of the rollout that waits.
 */
export function dependencyHolds(depended: readonly Depended[], clusters: readonly string[]): Hold[] {
  return depended.flatMap((one): Hold[] => {
    const hold = (name: string, reason: string | undefined): Hold[] =>
      reason === undefined
        ? []
        : [{ scope: 'dependency', name, author: one.dependency.application, reason, sinceMs: 0 }];
    const { wanted } = one;
    if (typeof wanted === 'string') return hold('', wanted);
    if (one.dependency.scope === 'fleet') return hold('', missingInFleet(one, wanted));
    return clusters.flatMap((cluster) => hold(cluster, missingIn(one, wanted, cluster)));
  });
}

type Wanted = { readonly [cluster: string]: BundleRef };

function missingInFleet(depended: Depended, wanted: Wanted): string | undefined {
  const clusters = Object.keys(wanted).sort();
  if (clusters.length === 0) return 'its placement selects no cluster; leave it out of dependsOn';
  for (const cluster of clusters) {
    const reason = missingIn(depended, wanted, cluster);
    if (reason !== undefined) return `in ${cluster} ${reason}`;
  }
  const { state } = depended;
  return state && isOver(state) ? undefined : 'its rollout has not completed';
}

function missingIn({ state, report }: Depended, wanted: Wanted, cluster: string): string | undefined {
  const bundle = wanted[cluster];
  if (!bundle) return 'it does not run there; add the cluster to its placement, or leave it out of dependsOn';
  const placed = state?.placed[cluster];
  if (!state || !placed) return notThere;
  return notBrought(state, placed, { cluster, bundle }) ?? notHealthy(placed, report(cluster));
}

const notThere = 'its rollout has not brought it there';

/** Why the cluster does not count as having what git says, by the rollout that has to bring it there. */
function notBrought(
  state: RolloutState,
  placed: Placed,
  { cluster, bundle }: { readonly cluster: string; readonly bundle: BundleRef },
): string | undefined {
  const progress = progressOf(state, cluster);
  if (progress?.phase === 'failed') return 'it has failed there';
  // A release that waits for the end of the present one may differ in its settings alone.
  if (placed.bundle === bundle.digest && !state.queued)
    return progress === undefined || progress.phase === 'healthy' ? undefined : notYet[progress.phase];
  if (state.pin) return 'it was taken back from what git says; start that again, or revert it in git';
  return notThere;
}

const notYet = { waiting: notThere, assigned: 'it is not healthy there yet' };

function progressOf({ stages }: RolloutState, name: string): ClusterProgress | undefined {
  return stages.flatMap(({ clusters }) => clusters).find((cluster) => cluster.name === name);
}

function notHealthy({ release, generation }: Placed, report: StatusObserved | undefined): string | undefined {
  if (!report) return 'its agent has not reported it there';
  if (report.stale) return 'its agent is silent there';
  if (report.generation === generation && isHealthyAt(report, release)) return undefined;
  return `it is ${report.sync} and ${report.health} there`;
}
