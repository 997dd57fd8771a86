import { advance, stageBound } from './advance.ts';
import type { AdvanceContext } from './advance.ts';
import { observe } from './observe.ts';
import { approvalReasons, countOf, planRemovals, planStages, planWithdrawals } from './plan.ts';
import type {
  ClusterProgress,
  Decision,
  DeletionsApproved,
  Halted,
  Placed,
  Progressing,
  ReleaseMade,
  RetryRequested,
  RolloutEffect,
  RolloutEvent,
  RolloutState,
  Target,
} from './state.ts';
import {
  knownGeneration,
  nothingPlaced,
  ended,
  eventEffect,
  progressingFrom,
  releaseText,
  shortDigest,
} from './step.ts';
import type { Step } from './step.ts';

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
      return decided(state, observe(state, event, context), 'the report changes nothing');
    case 'tick':
      return tick(state, { ...context, reports: event.reports ?? {} });
    case 'deletionsApproved':
      return approved(state, event, context);
    case 'retryRequested':
      return retried(state, event, context);
  }
}

function decided(before: RolloutState, step: Step, otherwise: string): Decision {
  const reason = step.state === before ? otherwise : step.state.reason;
  return { next: step.state, effects: step.effects, reason };
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

function begin(step: Step<Progressing>, nowMs: number): Decision {
  const { target } = step.state;
  const clusters = Object.keys(target.release.bundles).length;
  const message = `rollout ${target.number} moves ${countOf(clusters, 'cluster')} to ${releaseText(target.release)} in ${countOf(step.state.stages.length, 'stage')}`;
  const started = eventEffect(target, 'rollout.started', message, { atMs: nowMs });
  const next = advance(
    { state: step.state, effects: [...step.effects, started] },
    { nowMs, dropped: target.dropped, reports: {} },
  );
  return { next: next.state, effects: next.effects, reason: next.state.reason };
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
      raised[cluster] = { ...before, floor };
  }
  return raised;
}

function approved(state: RolloutState, event: DeletionsApproved, context: AdvanceContext): Decision {
  const refusal = refusedApproval(state, event);
  if (refusal) return { next: state, effects: [], reason: refusal };
  const { release, author, reason } = event;
  const approval = { release, author, reason, atMs: context.nowMs };
  const target: Target = { ...state.target, approval };
  const message = `${author} approved the deletions of ${releaseText(state.target.release)}: ${reason}`;
  const consent = eventEffect(target, 'deletions.approved', message, { atMs: context.nowMs });
  const first = progressingFrom({ ...state, target, reason: message }, state.stages, 0);
  return begin({ state: first, effects: [consent] }, context.nowMs);
}

function refusedApproval(state: RolloutState, event: DeletionsApproved): string | undefined {
  if (state.phase !== 'waiting') return `no release of ${state.application} waits for an approval`;
  if (state.target.release.digest === event.release) return undefined;
  return `the approval is for release ${shortDigest(event.release)}, but ${releaseText(state.target.release)} waits`;
}

function retried(state: RolloutState, event: RetryRequested, context: AdvanceContext): Decision {
  if (state.phase !== 'halted' || state.target.release.digest !== event.release) {
    return {
      next: state,
      effects: [],
      reason: `release ${shortDigest(event.release)} of ${state.application} is not halted`,
    };
  }
  const message = `${event.author} retries ${releaseText(state.target.release)}: ${event.reason}`;
  const first = progressingFrom(
    { ...state, reason: message },
    resumedStages(state, context.nowMs),
    state.stage,
  );
  const effects = [eventEffect(state.target, 'rollout.retried', message, { atMs: context.nowMs })];
  return decided(state, advance({ state: first, effects }, context), message);
}

/** Failed and unfinished clusters of the halted stage keep their generation and get another deadline. */
function resumedStages(state: Halted, nowMs: number): Halted['stages'] {
  const deadlineAtMs = nowMs + state.target.strategy.progressDeadlineMs;
  return state.stages.map((stage, index) => {
    if (index !== state.stage) return stage;
    const clusters = stage.clusters.map((cluster): ClusterProgress => {
      if (cluster.phase !== 'failed' && cluster.phase !== 'assigned') return cluster;
      return {
        ...cluster,
        phase: 'assigned',
        deadlineAtMs,
        message: `has another deadline at generation ${cluster.generation ?? 0}`,
      };
    });
    return { ...stage, phase: 'progressing', boundAtMs: stageBound(state, stage, nowMs), clusters };
  });
}
