import { countOf } from './plan.ts';
import type {
  Completed,
  ClusterProgress,
  Decision,
  Halted,
  Progressing,
  RolloutState,
  StageProgress,
} from './state.ts';
import { assign, eventEffect, releaseText, withStage } from './step.ts';
import type { Step } from './step.ts';

/** What `advance` may look at beside the state. */
export interface AdvanceContext {
  readonly nowMs: number;
  /** For each cluster: objects that the assigned bundle drops from the one before. */
  readonly dropped: { readonly [cluster: string]: number };
  /** What each cluster said last, for the reason of a failure. */
  readonly reports: { readonly [cluster: string]: string };
}

/** The first step of a rollout whose deletions nobody has to approve any more. */
export function begin(step: Step<Progressing>, nowMs: number): Decision {
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

/**
 * Moves a rollout as far as it can go now: fails clusters past their deadline, halts when the budget is spent,
 * fills the free places of the present stage, and passes it when every cluster is settled and has soaked.
 */
export function advance(start: Step<Progressing>, context: AdvanceContext): Step {
  let step = failOverdue(start, context);
  for (;;) {
    const halted = haltOverBudget(step, context);
    if (halted) return halted;
    const stage = step.state.stages[step.state.stage];
    if (!stage) return complete(step, context);
    step = fillStage(startStage(step, stage, context), context);
    const passed = settleStage(step, context);
    if (!passed.moved) return passed.step;
    step = passed.step;
  }
}

function failOverdue(step: Step<Progressing>, { nowMs, reports }: AdvanceContext): Step<Progressing> {
  const { state } = step;
  const stage = state.stages[state.stage];
  const overdue = (stage?.clusters ?? []).filter(
    (cluster) => cluster.phase === 'assigned' && nowMs >= (cluster.deadlineAtMs ?? 0),
  );
  if (!stage || overdue.length === 0) return step;
  const failed = overdue.map((cluster): ClusterProgress => {
    const report = reports[cluster.name];
    const { deadlineAtMs: _, ...kept } = cluster;
    return {
      ...kept,
      phase: 'failed',
      message: `${overdueText(state, cluster)}: ${report || 'no report'}`,
    };
  });
  const clusters = stage.clusters.map(
    (cluster) => failed.find((one) => one.name === cluster.name) ?? cluster,
  );
  const events = failed.map((cluster) =>
    eventEffect(state.target, 'rollout.cluster.failed', `${cluster.name}: ${cluster.message}`, {
      atMs: nowMs,
      level: 'warning',
      cluster: cluster.name,
    }),
  );
  return {
    state: withStage(state, state.stage, { ...stage, clusters }),
    effects: [...step.effects, ...events],
  };
}

function overdueText(state: RolloutState, cluster: ClusterProgress): string {
  const generation = cluster.generation ?? 0;
  if (cluster.evidence) return `did not stay healthy at generation ${generation} until its stage had to end`;
  const seconds = Math.round(state.target.strategy.progressDeadlineMs / 1000);
  return `not healthy at generation ${generation} within ${seconds} s`;
}

function haltOverBudget(step: Step<Progressing>, { nowMs }: AdvanceContext): Step<Halted> | undefined {
  const { state } = step;
  const failed = state.stages
    .flatMap((stage) => stage.clusters)
    .filter((cluster) => cluster.phase === 'failed');
  const { failureBudget } = state.target.strategy;
  const stage = state.stages[state.stage];
  if (failed.length <= failureBudget || !stage) return undefined;
  const names = failed.map((cluster) => cluster.name).join(', ');
  const first = failed[0]?.message ?? '';
  const reason = `${releaseText(state.target.release)} halted in stage ${stage.name}: ${failed.length} failed (${names}), budget ${failureBudget}; ${first}`;
  const stopped = withStage(state, state.stage, withoutSoak(stage, 'failed'));
  return {
    state: { ...stopped, phase: 'halted', endedAtMs: nowMs, reason },
    effects: [
      ...step.effects,
      eventEffect(state.target, 'rollout.halted', reason, { atMs: nowMs, level: 'error' }),
    ],
  };
}

function startStage(
  step: Step<Progressing>,
  stage: StageProgress,
  { nowMs }: AdvanceContext,
): Step<Progressing> {
  if (stage.phase !== 'waiting') return step;
  const { state } = step;
  const names = stage.clusters.map((cluster) => cluster.name).join(', ');
  const reason = `stage ${stage.name} of ${releaseText(state.target.release)} moves ${names}`;
  return {
    state: { ...withStage(state, state.stage, { ...stage, phase: 'progressing' }), reason },
    effects: [...step.effects, eventEffect(state.target, 'rollout.stage.started', reason, { atMs: nowMs })],
  };
}

function fillStage(start: Step<Progressing>, { nowMs, dropped }: AdvanceContext): Step<Progressing> {
  const stage = start.state.stages[start.state.stage];
  if (!stage) return start;
  const inFlight = stage.clusters.filter((cluster) => cluster.phase === 'assigned').length;
  const waiting = stage.clusters.filter((cluster) => cluster.phase === 'waiting');
  const chosen = waiting.slice(0, Math.max(0, stage.maxConcurrent - inFlight)).map((cluster) => cluster.name);
  if (chosen.length === 0) return start;
  let step = start;
  for (const name of chosen) step = assign(step, name, dropped[name] ?? 0);
  const clusters = stage.clusters.map((cluster): ClusterProgress => {
    if (!chosen.includes(cluster.name)) return cluster;
    return assigned(step.state, cluster.name, nowMs);
  });
  const boundAtMs = stageBound(step.state, stage, nowMs);
  const filled = { ...stage, boundAtMs, clusters };
  return { state: withStage(step.state, step.state.stage, filled), effects: step.effects };
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

function settleStage(
  step: Step<Progressing>,
  { nowMs }: AdvanceContext,
): { moved: boolean; step: Step<Progressing> } {
  const { state } = step;
  const stage = state.stages[state.stage];
  if (!stage) return { moved: false, step };
  const still = (changed: StageProgress) => ({ moved: false, step: replaceStage(step, stage, changed) });
  if (!stage.clusters.every((cluster) => cluster.phase === 'healthy' || cluster.phase === 'failed')) {
    return still(stage.phase === 'soaking' ? withoutSoak(stage, 'progressing') : stage);
  }
  const soakSinceMs = stage.soakSinceMs ?? nowMs;
  if (nowMs - soakSinceMs < stage.soakMs) {
    return still(stage.phase === 'soaking' ? stage : { ...stage, phase: 'soaking', soakSinceMs });
  }
  const healthy = stage.clusters.filter((cluster) => cluster.phase === 'healthy').length;
  const soaked = stage.soakMs > 0 ? ` for ${Math.round(stage.soakMs / 1000)} s` : '';
  const message = `stage ${stage.name} passed: ${healthy} of ${stage.clusters.length} healthy at ${releaseText(state.target.release)}${soaked}`;
  const passed: StageProgress = { ...withoutSoak(stage, 'passed'), passedAtMs: nowMs };
  return {
    moved: true,
    step: {
      state: { ...withStage(state, state.stage, passed), stage: state.stage + 1 },
      effects: [...step.effects, eventEffect(state.target, 'rollout.stage.passed', message, { atMs: nowMs })],
    },
  };
}

function replaceStage(
  step: Step<Progressing>,
  before: StageProgress,
  changed: StageProgress,
): Step<Progressing> {
  if (before === changed) return step;
  const { state } = step;
  const reason =
    changed.phase === 'soaking'
      ? `stage ${changed.name} soaks for ${Math.round(changed.soakMs / 1000)} s before the next one`
      : `stage ${changed.name} soaks no more: a cluster is not healthy`;
  return { state: { ...withStage(state, state.stage, changed), reason }, effects: step.effects };
}

function withoutSoak(stage: StageProgress, phase: StageProgress['phase']): StageProgress {
  const { soakSinceMs: _, ...kept } = stage;
  return { ...kept, phase };
}

function complete(start: Step<Progressing>, { nowMs }: AdvanceContext): Step<Completed> {
  let step = start;
  const { target } = step.state;
  for (const cluster of target.withdrawals) step = assign(step, cluster, 0);
  const { stage: _, ...kept } = step.state;
  const clusters = Object.keys(target.release.bundles).length;
  const withdrawn =
    target.withdrawals.length > 0 ? ` and was withdrawn from ${target.withdrawals.join(', ')}` : '';
  const failed = kept.stages
    .flatMap((stage) => stage.clusters)
    .filter((cluster) => cluster.phase === 'failed').length;
  const reason = `${releaseText(target.release)} is healthy in ${clusters - failed} of ${countOf(clusters, 'cluster')}${withdrawn}`;
  return {
    state: { ...kept, phase: 'completed', endedAtMs: nowMs, reason },
    effects: [...step.effects, eventEffect(target, 'rollout.completed', reason, { atMs: nowMs })],
  };
}
