import { makesRun, type ApplicationPlan, type Folded, type ObjectChange } from '@meridian/diff';
import type { Dependency, LocatedError } from '@meridian/fleet';

/** A problem and the clusters that have it, none when it is one of the fleet configuration. */
export interface PlannedProblem extends LocatedError {
  readonly clusters: readonly string[];
  /** Whether the base has no such problem. */
  readonly isNew: boolean;
}

/** What a change means for one application. */
export type PlannedApplication =
  /** Its objects or its settings change. */
  | (ApplicationPlan & { readonly outcome: 'new' | 'changed'; readonly waitsFor?: readonly PlannedWait[] })
  /** Errors keep it at its last good release in every cluster. */
  | { readonly outcome: 'frozen'; readonly application: string; readonly problems: readonly PlannedProblem[] }
  /** It was frozen at the base. What its clusters run is not known here, so nothing is compared. */
  | { readonly outcome: 'mended'; readonly application: string; readonly clusters: readonly string[] }
  /** It is in no document any more, and stays as it is. */
  | { readonly outcome: 'vanished'; readonly application: string };

/** Another application that has to be healthy before this one is pushed. */
export interface PlannedWait extends Dependency {
  /** What becomes of the other one by the same commits. */
  readonly outcome: PlannedApplication['outcome'] | 'same';
  /** Clusters of the head in which it is waited for and does not run, so that nothing is ever pushed there. */
  readonly missingIn: readonly string[];
}

/** How much happens. An object counts once for each cluster. */
export interface PlanSummary {
  readonly created: number;
  readonly changed: number;
  /** Objects that go to another application as they are. */
  readonly moved: number;
  readonly deleted: number;
  readonly left: number;
  /** Hooks that run, created and changed ones too. */
  readonly hooks: number;
  /** Clusters in which an object changes. */
  readonly clusters: number;
  /** Applications that change. */
  readonly applications: number;
  readonly frozen: number;
  /** Applications whose next release waits for an approval, because of what it deletes. */
  readonly approvals: number;
}

/** What a change would do to a fleet; `meridian plan -o json` prints it. */
export interface FleetPlan {
  /** Commit ids. */
  readonly base: string;
  readonly head: string;
  /** How many clusters the fleet has at the head. */
  readonly fleetClusters: number;
  readonly summary: PlanSummary;
  /** Those that something happens to, in name order. */
  readonly applications: readonly PlannedApplication[];
  /** Problems of the fleet configuration that name no application. */
  readonly problems: readonly PlannedProblem[];
  /** What the resolver warns of at the head and did not at the base. */
  readonly warnings: readonly Folded<LocatedError>[];
}

/** Whether anything would happen in a cluster, at once or by the next release. */
export function hasChanges({ applications }: FleetPlan): boolean {
  return applications.some(
    ({ outcome }) => outcome === 'new' || outcome === 'changed' || outcome === 'mended',
  );
}

/** Whether the head brings a problem that the base does not have. */
export function hasNewProblems({ applications, problems }: FleetPlan): boolean {
  return (
    problems.some(({ isNew }) => isNew) ||
    applications.some((each) => each.outcome === 'frozen' && each.problems.some(({ isNew }) => isNew))
  );
}

/** Counts what the applications of a plan say. */
export function summaryOf(applications: readonly PlannedApplication[]): PlanSummary {
  const counts = { created: 0, changed: 0, moved: 0, deleted: 0, left: 0, hooks: 0 };
  const clusters = new Set<string>();
  let [applicationCount, approvals] = [0, 0];
  for (const each of applications) {
    if (each.outcome !== 'new' && each.outcome !== 'changed') continue;
    applicationCount += 1;
    if (each.approvals.length > 0) approvals += 1;
    for (const group of each.changes) {
      for (const cluster of group.clusters) clusters.add(cluster);
      for (const counted of group.items.flatMap(countsOf)) counts[counted] += group.clusters.length;
    }
  }
  const frozen = applications.filter(({ outcome }) => outcome === 'frozen').length;
  return {
    ...counts,
    clusters: clusters.size,
    applications: applicationCount,
    frozen,
    approvals,
  };
}

type Counted = 'created' | 'changed' | 'moved' | 'deleted' | 'left' | 'hooks';

function countsOf(item: ObjectChange): readonly Counted[] {
  // What moves here is counted where it comes from.
  if (item.movesFrom !== undefined) return [];
  const own = item.change === 'replaced' ? 'changed' : item.change;
  return [...(own === 'runs' ? [] : [own]), ...(makesRun(item) ? (['hooks'] as const) : [])];
}
