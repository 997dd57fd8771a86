import { matchesSelector } from '@meridian/fleet';
import type { BundleRef, Release, RolloutStrategy, Stage } from '@meridian/fleet';
import type { ReleaseMade } from './events.ts';
import { plannedGates } from './gates/gate-of.ts';
import type { Placed, Policy, RolloutState, StageProgress, Target } from './state.ts';

/** The implicit last stage: clusters that no stage selects land here, never nowhere. */
export const restStage = 'rest';

/**
 * Orders the clusters of a release into stages: the first stage that selects a cluster has it, the rest go last.
 * Stages without clusters are left out, but for mandatory ones, which then let nothing pass.
 */
export function planStages(
  strategy: RolloutStrategy,
  clusters: readonly string[],
  labels: ReleaseMade['labels'],
): StageProgress[] {
  let open = [...clusters].sort();
  const stages: StageProgress[] = [];
  const add = (stage: Omit<Stage, 'clusters'>, names: readonly string[]) => {
    if (names.length === 0 && !(stage.mandatory === true && clusters.length > 0)) return;
    const { name, maxConcurrent, soakMs, mandatory } = stage;
    stages.push({
      name,
      phase: 'waiting',
      maxConcurrent: share(maxConcurrent, Math.max(1, names.length), 1),
      soakMs,
      ...(mandatory === true ? { mandatory } : {}),
      ...plannedGates(stage),
      clusters: names.map((cluster) => ({ name: cluster, phase: 'waiting', message: '' })),
    });
  };
  for (const stage of strategy.stages) {
    const isSelected = (name: string) => matchesSelector(stage.clusters, labels[name] ?? {});
    const { selected = [], left = [] } = Object.groupBy(open, (name) =>
      isSelected(name) ? 'selected' : 'left',
    );
    open = left;
    add(stage, selected);
  }
  add({ name: freeName(strategy), maxConcurrent: '100%', soakMs: 0 }, open);
  return stages;
}

/** Names of the windows that each cluster of a release has to mind. */
export function windowsOf({ release, strategy, labels }: ReleaseMade): Pick<Target, 'windows'> {
  const { windows } = strategy;
  if (!windows) return {};
  const minded = Object.keys(release.bundles).map((cluster): [string, string[]] => {
    const selecting = windows.filter((window) => matchesSelector(window.clusters, labels[cluster] ?? {}));
    return [cluster, selecting.map(({ name }) => name)];
  });
  return { windows: Object.fromEntries(minded.filter(([, names]) => names.length > 0)) };
}

function freeName(strategy: RolloutStrategy): string {
  return strategy.stages.some((stage) => stage.name === restStage) ? `${restStage} (implicit)` : restStage;
}

/** `amount` of `whole`: a number as it is, a percentage rounded down; never below `least`, never above `whole`. */
export function share(amount: number | `${number}%`, whole: number, least: number): number {
  const count = typeof amount === 'number' ? amount : Math.floor((Number(amount.slice(0, -1)) * whole) / 100);
  return Math.max(least, Math.min(whole, Number.isFinite(count) ? count : least));
}

/** How many of the objects that an agent may hold one release may remove from its cluster unasked. */
export function deletionAllowance(policy: Policy, held: number): number {
  return share(policy.deletionBudget, held, 0);
}

/** Clusters that run the application by the ledger's word and are not in the release, in name order. */
export function planWithdrawals(release: Release, placed: RolloutState['placed']): string[] {
  return Object.keys(placed)
    .filter((cluster) => placed[cluster]?.bundle !== undefined && release.bundles[cluster] === undefined)
    .sort();
}

/**
 * Most objects each cluster may lose by a release, for those that lose some. An agent that has not caught up may
 * still hold objects of earlier bundles, so this counts from what it may hold, not only from its last bundle. What other
 * applications take over is not lost.
 */
export function planRemovals(
  event: ReleaseMade,
  placed: RolloutState['placed'],
): { [cluster: string]: number } {
  const removals: { [cluster: string]: number } = {};
  const note = (cluster: string, lost: number) => {
    const deleted = lost - (event.moved?.[cluster] ?? 0);
    if (deleted > 0) removals[cluster] = deleted;
  };
  for (const [cluster, bundle] of Object.entries(event.release.bundles)) {
    const present = placed[cluster];
    if (present) note(cluster, losses(present, bundle, event.removals[cluster] ?? 0, event.policy));
  }
  for (const cluster of planWithdrawals(event.release, placed)) note(cluster, placed[cluster]?.held ?? 0);
  return removals;
}

function losses(present: Placed, bundle: BundleRef, dropped: number, policy: Policy): number {
  if (bundle.objects === 0) return present.held;
  return policy.prune ? Math.max(0, present.held - keptObjects(present, dropped)) : 0;
}

/** Objects of the last assigned bundle that stay when `dropped` of them go. */
export function keptObjects(present: Placed, dropped: number): number {
  return Math.max(0, present.objects - dropped);
}

/** Why a target needs a person's approval, as a sentence for each cluster; empty when it needs none. */
export function approvalReasons(target: Target, placed: RolloutState['placed']): string[] {
  const reasons: string[] = [];
  for (const [cluster, lost] of Object.entries(target.removals)) {
    const held = placed[cluster]?.held ?? 0;
    const allowed = deletionAllowance(target.policy, held);
    const bundle = target.release.bundles[cluster];
    if (bundle === undefined)
      reasons.push(`it withdraws the application and its ${count(held)} from ${cluster}`);
    else if (bundle.objects === 0) reasons.push(`it empties ${cluster}, which holds ${count(held)}`);
    else if (lost > allowed)
      reasons.push(`it deletes up to ${lost} of ${count(held)} in ${cluster} (budget ${allowed})`);
  }
  return reasons;
}

function count(objects: number): string {
  return countOf(objects, 'object');
}

/** `1 cluster`, `2 clusters`. */
export function countOf(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}
