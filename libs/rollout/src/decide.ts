import { advance, begin } from './advance.ts';
import type { AdvanceContext } from './advance.ts';
import { approved } from './approval.ts';
import { observe } from './observe.ts';
import { approvalReasons, planRemovals, planStages, planWithdrawals } from './plan.ts';
import { refusalReason } from './refusals.ts';
import { retried } from './retry.ts';
import type {
  Decision,
  Placed,
  Progressing,
  ReleaseMade,
  RolloutEffect,
  RolloutEvent,
  RolloutState,
  StatusObserved,
  Target,
} from './state.ts';
import {
  decided,
  ended,
  eventEffect,
  knownGeneration,
  nothingPlaced,
  releaseText,
  withFloor,
} from './step.ts';

/**
 * One step of one application's rollout. Takes the state (undefined before the first release), what happened and the
 * hub's time; gives the next state, what to do and why. Pure: the same input gives the same output.
 */
export function decide(state: RolloutState | undefined, event: RolloutEvent, nowMs: number): Decision {
  if (event.kind === 'releaseMade') return releaseMade(state, event, nowMs);
  if (!state) return { next: undefined, effects: [], reason: 'no release has been made yet' };
  const context: AdvanceContext = { nowMs, dropped: state.target.dropped, reports: {} };
  switch (event.kind) {
    case 'statusObserved':
      return observed(state, event, context);
    case 'tick':
      return tick(state, { ...context, reports: event.reports ?? {} });
    case 'deletionsApproved':
      return approved(state, event, context);
    case 'retryRequested':
      return retried(state, event, context);
  }
}

/** As `decided`, but what a cluster refuses to delete is the reason when the report brought it to light. */
function observed(state: RolloutState, event: StatusObserved, context: AdvanceContext): Decision {
  const step = observe(state, event, context);
  const decision = decided(state, step, 'the report changes nothing');
  if (step.state.placed === state.placed) return decision;
  const refusal = refusalReason(step.state);
  return refusal === undefined || refusal === refusalReason(state)
    ? decision
    : { ...decision, reason: refusal };
}

function tick(state: RolloutState, context: AdvanceContext): Decision {
  const nothing = 'nothing is due';
  if (state.phase !== 'progressing') return decided(state, { state, effects: [] }, nothing);
  return decided(state, advance({ state, effects: [] }, context), nothing);
}

function releaseMade(state: RolloutState | undefined, event: ReleaseMade, nowMs: number): Decision {
  const { release } = event;
  if (state && isSameContent(state, event)) {
    const reason = `nothing changes for any cluster at revision ${release.revision.slice(0, 7)}`;
    return { next: state, effects: [], reason };
  }
  if (!state && Object.keys(release.bundles).length === 0) {
    return { next: undefined, effects: [], reason: 'the placement selects no cluster' };
  }
  const first = plan(state, event, nowMs);
  const superseded = supersededEffects(state, event, nowMs);
  const reasons = approvalReasons(first.target, first.placed);
  if (reasons.length === 0) return begin({ state: first, effects: superseded }, nowMs);
  const reason = `${releaseText(release)} waits for an approval: ${reasons.join('; ')}`;
  const { stage: _, ...kept } = first;
  const warning = eventEffect(first.target, 'rollout.approval.needed', reason, {
    atMs: nowMs,
    level: 'warning',
  });
  return { next: { ...kept, phase: 'waiting', reason }, effects: [...superseded, warning], reason };
}

/** The rollout to a release before its first step. */
function plan(state: RolloutState | undefined, event: ReleaseMade, nowMs: number): Progressing {
  const placed = withFloors(state?.placed ?? {}, event);
  return {
    version: 1,
    application: event.release.application,
    phase: 'progressing',
    reason: '',
    target: targetOf(event, placed, { number: (state?.target.number ?? 0) + 1, startedAtMs: nowMs }),
    placed,
    history: state ? ended(state, nowMs) : [],
    stage: 0,
    stages: planStages(event.strategy, Object.keys(event.release.bundles), event.labels),
  };
}

function targetOf(
  event: ReleaseMade,
  placed: RolloutState['placed'],
  more: Pick<Target, 'number' | 'startedAtMs'>,
): Target {
  const { release, policy, strategy } = event;
  return {
    ...more,
    release,
    policy,
    strategy,
    withdrawals: planWithdrawals(release, placed),
    removals: planRemovals(event, placed),
    dropped: Object.fromEntries(Object.entries(event.removals).filter(([, count]) => count > 0)),
  };
}

function supersededEffects(
  state: RolloutState | undefined,
  event: ReleaseMade,
  nowMs: number,
): RolloutEffect[] {
  if (!state) return [];
  if (state.phase !== 'progressing' && state.phase !== 'waiting') return [];
  const message = `${releaseText(event.release)} supersedes ${releaseText(state.target.release)}; clusters that wait never get the older one`;
  return [eventEffect(state.target, 'rollout.superseded', message, { atMs: nowMs })];
}

/** Equal for every cluster: same bundles, same set of clusters, same policy. Mere strategy changes matter while in motion. */
function isSameContent(state: RolloutState, event: ReleaseMade): boolean {
  const { release, policy, strategy } = state.target;
  const bundles = (one: ReleaseMade['release']) =>
    Object.entries(one.bundles)
      .map(([name, bundle]) => `${name} ${bundle.digest}`)
      .sort();
  const settled = state.phase === 'completed';
  return (
    isEqual(bundles(release), bundles(event.release)) &&
    isEqual(policy, event.policy) &&
    (settled || isEqual(strategy, event.strategy))
  );
}

function isEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}

/** Key order must not matter: one side may have come back from JSON. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}

function withFloors(placed: RolloutState['placed'], event: ReleaseMade): RolloutState['placed'] {
  const raised: { [cluster: string]: Placed } = { ...placed };
  for (const [cluster, floor] of Object.entries(event.floors ?? {})) {
    const before = raised[cluster] ?? nothingPlaced;
    if (Number.isSafeInteger(floor) && floor > knownGeneration(before))
      raised[cluster] = withFloor(before, floor);
  }
  return raised;
}
