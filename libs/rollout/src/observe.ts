import { advance, assigned, stageBound } from './advance.ts';
import type { AdvanceContext } from './advance.ts';
import { checksNeeded } from './gates/checks.ts';
import { withChecks } from './gates/heard.ts';
import { isMoving, isOver, pausedBy } from './moving.ts';
import { isRefusing, tellRefusals, withRefusal } from './refusals.ts';
import type { StatusObserved } from './events.ts';
import type { ClusterProgress, Placed, RolloutState, StageProgress } from './state.ts';
import { assign, eventEffect, nothingPlaced, reissue, withCluster, withFloor, withStage } from './step.ts';
import type { Step } from './step.ts';
import { stoppedBy } from './stopped.ts';

/** Generations above this are refused: nobody counts that far, and arithmetic must stay exact. */
const highestGeneration = Number.MAX_SAFE_INTEGER - 1_000_000;

/** Takes in one report of an agent. The state is the same object when the report says nothing new. */
export function observe(state: RolloutState, event: StatusObserved, context: AdvanceContext): Step {
  const { generation } = event;
  const placed = placedOf(state, event.cluster);
  if (!placed || !Number.isSafeInteger(generation) || generation < 0 || generation > highestGeneration) {
    return { state, effects: [] };
  }
  if (isAhead(placed, event)) return overtaken(state, event, context);
  const caughtUp = withRefusal(generation === placed.generation ? withHeld(state, event) : state, event);
  return tellRefusals(state, observeProgress(caughtUp, event, context), context.nowMs);
}

/** A Synced report at the present generation proves that the agent has pruned down to its bundle. */
function withHeld(state: RolloutState, event: StatusObserved): RolloutState {
  const placed = state.placed[event.cluster];
  if (!placed || event.stale || !isSynced(event, placed.release)) return state;
  if (placed.held === placed.objects || !(state.target.policy.prune || placed.objects === 0)) return state;
  return { ...state, placed: { ...state.placed, [event.cluster]: { ...placed, held: placed.objects } } };
}

/** What is placed in a cluster of a rollout, which may be nothing yet; undefined for one that it is not about. */
function placedOf(state: RolloutState, cluster: string): Placed | undefined {
  return state.placed[cluster] ?? (stageOf(state, cluster) ? nothingPlaced : undefined);
}

/** Whether an agent has a higher generation than the ledger, or the same one for another release. */
function isAhead({ generation, release }: Placed, event: StatusObserved): boolean {
  const isOther = release !== undefined && release !== event.release;
  return event.generation > generation || (isOther && event.generation === generation);
}

/**
 * An agent that is ahead of the ledger, or has its generation for another release, has seen a ledger that is lost. It rightly
 * refuses what we assigned, so the floor rises and it is told the same thing again one generation later, once it may be.
 */
function overtaken(state: RolloutState, event: StatusObserved, { nowMs }: AdvanceContext): Step {
  const { cluster } = event;
  const placed = placedOf(state, cluster);
  if (!placed) return { state, effects: [] };
  const raised = withRaisedFloor(state, placed, event);
  const at = stageOf(raised, cluster);
  if (!at || !mayBeTold(raised, cluster, nowMs)) return { state: raised, effects: [] };
  if (at.cluster.phase === 'waiting') return toldWhatItHas(raised, event, placed, nowMs);
  if (placed.bundle !== raised.target.release.bundles[cluster]?.digest) return { state: raised, effects: [] };
  const step = assign({ state: raised, effects: [] }, cluster, 0);
  const message = `${overtakenText(placed, event)}; assigned again above it`;
  const stage = bounded(raised, at.stage, nowMs);
  const deadlineAtMs = at.cluster.deadlineAtMs ?? stage.boundAtMs;
  const told = { ...assigned(step.state, cluster, nowMs), deadlineAtMs };
  const next = isMoving(raised) ? withStage(step.state, at.index, withCluster(stage, told)) : step.state;
  const warning = eventEffect(state.target, 'assignment.reissued', message, {
    atMs: nowMs,
    level: 'warning',
    cluster,
  });
  return { state: next, effects: [...step.effects, warning] };
}

/**
 * Gates before a stage ask clusters that still wait for it, and what they ask rides in the assignment before. An agent that
 * refuses that one would never hear of it, and nothing would get past the gate: so it is told again what it has by the ledger.
 */
function toldWhatItHas(raised: RolloutState, event: StatusObserved, placed: Placed, nowMs: number): Step {
  const { cluster } = event;
  if (!checksNeeded(raised).has(cluster)) return { state: raised, effects: [] };
  const { state, effects } = reissue({ state: raised, effects: [] }, cluster);
  const message = `${overtakenText(placed, event)}; what the ledger has for it is assigned again above it, so that it hears what gates ask`;
  const warning = eventEffect(state.target, 'assignment.reissued', message, {
    atMs: nowMs,
    level: 'warning',
    cluster,
  });
  return { state, effects: [...effects, warning] };
}

function withRaisedFloor(
  state: RolloutState,
  placed: Placed,
  { cluster, generation }: StatusObserved,
): RolloutState {
  if (generation <= (placed.floor ?? -1)) return state;
  return { ...state, placed: { ...state.placed, [cluster]: withFloor(placed, generation) } };
}

/** To tell a cluster again what it was told is a push like any other. */
function mayBeTold(state: RolloutState, cluster: string, nowMs: number): boolean {
  if (!isMoving(state) && !isOver(state)) return false;
  return pausedBy(state) === undefined && stoppedBy(state, cluster, nowMs) === undefined;
}

function overtakenText(placed: Placed, { cluster, generation }: StatusObserved): string {
  const isAbove = generation > placed.generation;
  const what = isAbove
    ? `above the ledger's ${placed.generation}`
    : 'which the ledger has for another release';
  return `${cluster} reported generation ${generation}, ${what}`;
}

function observeProgress(state: RolloutState, event: StatusObserved, context: AdvanceContext): Step {
  const at = stageOf(state, event.cluster);
  if (!at) return { state, effects: [] };
  const stage = withTime(state, bounded(state, at.stage, context.nowMs), context.nowMs);
  const changed = judge(state, { ...at, stage }, event);
  const judged = changed === at.cluster ? state : withStage(state, at.index, withCluster(stage, changed));
  const next = isMoving(judged) ? withChecks(judged, event, context.nowMs) : judged;
  if (next === state) return { state, effects: [] };
  return isMoving(next) ? advance({ state: next, effects: [] }, context) : { state: next, effects: [] };
}

type Bounded = StageProgress & { readonly boundAtMs: number };

/** The stage with its bound; one of a rollout that was recorded without bounds has it from now on. */
function bounded(state: RolloutState, stage: StageProgress, nowMs: number): Bounded {
  return { ...stage, boundAtMs: stage.boundAtMs ?? stageBound(state, stage, nowMs) };
}

/** A stage that waits for its gates may do so for days: one that loses its health meanwhile gets another deadline. */
function withTime(state: RolloutState, stage: Bounded, nowMs: number): Bounded {
  return stage.phase === 'gated' ? { ...stage, boundAtMs: stageBound(state, stage, nowMs) } : stage;
}

/**
 * What a report makes of a cluster; the same object when nothing changes. A cluster that loses its health gets what is
 * left of its stage, not a deadline of its own: otherwise one that flaps would hold the rollout for ever.
 */
function judge(
  state: RolloutState,
  at: Place & { readonly stage: Bounded },
  event: StatusObserved,
): ClusterProgress {
  const { cluster, stage } = at;
  if (cluster.phase === 'waiting' || cluster.generation !== event.generation) return cluster;
  const healthy = isHealthyAt(event, state.placed[cluster.name]?.release);
  if (healthy) return cluster.phase === 'healthy' ? cluster : proven(cluster, event);
  const isGated = isMoving(state) && stage.phase !== 'passed';
  return cluster.phase === 'healthy' && isGated ? lapsed(cluster, stage, event) : cluster;
}

function proven({ deadlineAtMs: _, ...kept }: ClusterProgress, event: StatusObserved): ClusterProgress {
  const { release, generation, observedAtMs } = event;
  const evidence = { release, generation, observedAtMs };
  return { ...kept, phase: 'healthy', evidence, message: `healthy at generation ${generation}` };
}

function lapsed(cluster: ClusterProgress, stage: Bounded, event: StatusObserved): ClusterProgress {
  // It was healthy with this bundle before this rollout; it gets it again when its stage comes.
  if (stage.phase === 'waiting') return { name: cluster.name, phase: 'waiting', message: '' };
  const why = event.stale ? 'its status is stale' : `${event.sync}, ${event.health}: ${event.message}`;
  return {
    ...cluster,
    phase: 'assigned',
    deadlineAtMs: stage.boundAtMs,
    message: `no longer healthy: ${why}`,
  };
}

/** Whether a report proves health at exactly the release that the cluster was given: fresh, Synced and Healthy. */
export function isHealthyAt(event: StatusObserved, release: string | undefined): boolean {
  return !event.stale && isSynced(event, release) && event.health === 'Healthy';
}

/** An agent that refuses to delete is not in sync, whatever else it says. */
function isSynced(event: StatusObserved, release: string | undefined): boolean {
  return event.release === release && event.sync === 'Synced' && !isRefusing(event);
}

interface Place {
  readonly index: number;
  readonly stage: StageProgress;
  readonly cluster: ClusterProgress;
}

function stageOf(state: RolloutState, name: string): Place | undefined {
  for (const [index, stage] of state.stages.entries()) {
    const cluster = stage.clusters.find((one) => one.name === name);
    if (cluster) return { index, stage, cluster };
  }
  return undefined;
}
