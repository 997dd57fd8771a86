import { haltOverBudget } from './breach.ts';
import { isThrough } from './gates/gate-of.ts';
import { gatesText, triedGates } from './gates/stage-gates.ts';
import { failedClusters, presentStage } from './moving.ts';
import { failOverdue } from './overdue.ts';
import {
  stoppedClusters,
  stoppedWithdrawals,
  withPassedOver,
  withStopped,
  withStoppedWithdrawals,
} from './stopped.ts';
import type { Stopped } from './stopped.ts';
import { fewOf } from './few.ts';
import { countOf } from './plan.ts';
import type { ClusterProgress, Completed, Moving, RolloutState, StageProgress } from './state.ts';
import { interrupted, isSettled, isSoaking, settleStage } from './settle.ts';
import type { MovedStage } from './settle.ts';
import { assignEach, eventEffect, releaseText, withStage } from './step.ts';
import type { Step } from './step.ts';

/** How many releases that completed a rollback may go to. */
const keptReleases = 10;

/** What `advance` may look at beside the state. */
export interface AdvanceContext {
  readonly nowMs: number;
  /** For each cluster: objects that the assigned bundle drops from the one before. */
  readonly dropped: { readonly [cluster: string]: number };
  /** What each cluster said last, for the reason of a failure. */
  readonly reports: { readonly [cluster: string]: string };
}

/**
 * Moves a rollout as far as it can go now: fails clusters past their deadline, halts when the budget is spent,
 * fills the free places of the present stage, and passes it when every cluster is settled and has soaked. One that is
 * paused stays where it is.
 */
export function advance(start: Step<Moving>, context: AdvanceContext): Step {
  if (start.state.paused) return { ...start, state: withoutBrokenSoak(start.state) };
  let step = failOverdue(start, context);
  for (;;) {
    const halted = haltOverBudget(step, context.nowMs);
    if (halted) return halted;
    const stage = step.state.stages[step.state.stage];
    if (!stage) return completeUnlessHeld(step, context);
    if (stage.phase === 'passed') {
      step = { ...step, state: { ...step.state, stage: step.state.stage + 1 } };
      continue;
    }
    const { isMoved, step: next } = moveStage(step, stage, context);
    if (!isMoved) return next;
    step = next;
  }
}

/** Fills the free places of the present stage with clusters that may be pushed to, and passes it when it is done. */
function moveStage(step: Step<Moving>, stage: StageProgress, context: AdvanceContext): MovedStage {
  if (stage.clusters.length === 0)
    return { isMoved: false, step: { ...step, state: noCluster(step.state, stage) } };
  const entry = passBefore(step, stage, context.nowMs);
  if (entry) return entry;
  const passing = withPassedOver(step.state, context.nowMs);
  const stopped = stoppedClusters(passing, context.nowMs);
  const isStopped = stopped.length > 0 && !stage.clusters.some((one) => mayGoOn(one, stopped));
  const state = withStopped(passing, stopped, isStopped);
  if (isStopped) return { isMoved: false, step: { ...step, state } };
  const begun = startStage({ ...step, state }, presentStage(state) ?? stage, context);
  return settleStage(fillStage(begun, { ...context, stopped }), context.nowMs);
}

/** The gates before a stage, while something of it waits to be pushed; undefined once nothing is in the way. */
function passBefore(step: Step<Moving>, stage: StageProgress, nowMs: number): MovedStage | undefined {
  const { state } = step;
  if (stage.phase !== 'waiting' || isThrough(stage, 'before')) return undefined;
  if (stage.clusters.every(({ phase }) => phase !== 'waiting')) return undefined;
  const tried = triedGates(state, stage, 'before', nowMs);
  const reason = `stage ${stage.name} of ${releaseText(state.target.release)} waits: ${gatesText(tried.stage, 'before')}`;
  const isSame = tried.stage === stage && state.reason === reason;
  const next = isSame ? state : { ...withStage(state, state.stage, tried.stage), reason };
  const isMoved = tried.isThrough || tried.hasFailed;
  return { isMoved, step: { state: next, effects: [...step.effects, ...tried.effects] } };
}

/** Health is noted while a rollout is paused, so a soak that it interrupts is over. */
function withoutBrokenSoak(state: Moving): Moving {
  const stage = state.stages[state.stage];
  if (!stage || !isSoaking(stage) || stage.clusters.every(isSettled)) return state;
  return withStage(state, state.stage, interrupted(state, stage));
}

/** Whether a cluster of a stage moves now or may begin to. */
function mayGoOn({ name, phase }: ClusterProgress, stopped: readonly Stopped[]): boolean {
  if (phase === 'waiting') return !stopped.some(({ cluster }) => cluster === name);
  return phase === 'assigned';
}

function noCluster(state: Moving, stage: StageProgress): Moving {
  const reason = `stage ${stage.name} is mandatory and selects no cluster of ${releaseText(state.target.release)}; change its selector or the labels of clusters`;
  return state.reason === reason ? state : { ...state, reason };
}

function startStage(step: Step<Moving>, stage: StageProgress, { nowMs }: AdvanceContext): Step<Moving> {
  if (stage.phase !== 'waiting') return step;
  const { state } = step;
  const reason = movesText(state, stage);
  return {
    state: { ...withStage(state, state.stage, { ...stage, phase: 'progressing' }), reason },
    effects: [...step.effects, eventEffect(state.target, 'rollout.stage.started', reason, { atMs: nowMs })],
  };
}

function movesText(
  { target }: Moving,
  { name, clusters }: StageProgress,
  stopped: readonly Stopped[] = [],
): string {
  const moving = clusters.filter((one) => mayGoOn(one, stopped));
  const names = fewOf(moving.map((cluster) => cluster.name));
  const what = names === '' ? 'has nobody to move' : `${target.back ? 'takes back' : 'moves'} ${names}`;
  return `stage ${name} of ${releaseText(target.release)} ${what}`;
}

function fillStage(
  start: Step<Moving>,
  { nowMs, dropped, stopped }: AdvanceContext & { readonly stopped: readonly Stopped[] },
): Step<Moving> {
  const stage = start.state.stages[start.state.stage];
  if (!stage) return start;
  const inFlight = stage.clusters.filter((cluster) => cluster.phase === 'assigned').length;
  const waiting = stage.clusters.filter(
    ({ name, phase }) => phase === 'waiting' && !stopped.some(({ cluster }) => cluster === name),
  );
  const chosen = waiting.slice(0, Math.max(0, stage.maxConcurrent - inFlight)).map((cluster) => cluster.name);
  if (chosen.length === 0) return start;
  const step = assignEach(start, chosen, dropped);
  const isChosen = new Set(chosen);
  const clusters = stage.clusters.map((cluster): ClusterProgress => {
    if (!isChosen.has(cluster.name)) return cluster;
    return assigned(step.state, cluster.name, nowMs);
  });
  const boundAtMs = stageBound(step.state, stage, nowMs);
  const filled = { ...stage, boundAtMs, clusters };
  const reason = movesText(step.state, filled, stopped);
  return {
    state: { ...withStage(step.state, step.state.stage, filled), reason },
    effects: step.effects,
  };
}

/** The bound of a stage that gives a deadline now; never before the bound it has. */
export function stageBound(state: RolloutState, stage: StageProgress, nowMs: number): number {
  const boundAtMs = nowMs + state.target.strategy.progressDeadlineMs + stage.soakMs;
  return Math.max(boundAtMs, stage.boundAtMs ?? boundAtMs);
}

/** A cluster that has just been given its present generation, with a fresh deadline. */
export function assigned(state: RolloutState, name: string, nowMs: number): ClusterProgress {
  const generation = state.placed[name]?.generation ?? 0;
  return {
    name,
    phase: 'assigned',
    generation,
    deadlineAtMs: nowMs + state.target.strategy.progressDeadlineMs,
    message: `assigned generation ${generation}`,
  };
}

/** Withdrawing is a push, too. */
function completeUnlessHeld(step: Step<Moving>, context: AdvanceContext): Step {
  const stopped = stoppedWithdrawals(step.state, context.nowMs);
  if (stopped.length === 0) return complete(step, context);
  return { ...step, state: withStoppedWithdrawals(step.state, stopped) };
}

function complete(start: Step<Moving>, { nowMs }: AdvanceContext): Step<Completed> {
  const { target } = start.state;
  const step = assignEach(start, target.withdrawals, {});
  const { stage: _, paused: __, ...kept } = step.state;
  const isBack = kept.phase === 'rollingBack';
  const phase = isBack ? 'rolledBack' : 'completed';
  const reason = completedText(kept);
  return {
    state: { ...kept, ...(isBack ? {} : goodAt(kept, nowMs)), phase, endedAtMs: nowMs, reason },
    effects: [...step.effects, eventEffect(target, `rollout.${phase}`, reason, { atMs: nowMs })],
  };
}

function completedText({ stages, target }: Pick<RolloutState, 'stages' | 'target'>): string {
  const failed = failedClusters({ stages });
  const all = stages.flatMap((stage) => stage.clusters).length;
  const withdrawn =
    target.withdrawals.length > 0 ? ` and was withdrawn from ${fewOf(target.withdrawals)}` : '';
  const unhealthy = failed.length > 0 ? `; failed: ${fewOf(failed.map(({ name }) => name))}` : '';
  const healthy = `${releaseText(target.release)} is healthy in ${all - failed.length} of ${countOf(all, 'cluster')}${withdrawn}${unhealthy}`;
  return target.back ? `went back: ${healthy}; ${target.back.reason}` : healthy;
}

/** What the state remembers of a release that has just completed. */
function goodAt({ target, kept }: Pick<RolloutState, 'target' | 'kept'>, nowMs: number) {
  const { release, policy, number } = target;
  const { digest, revision } = release;
  const others = kept.filter((one) => one.digest !== digest);
  return {
    lastGood: { release, policy },
    kept: [{ digest, revision, number, completedAtMs: nowMs }, ...others].slice(0, keptReleases),
  };
}
