import { withoutSoak } from './breach.ts';
import { gatesText, triedGates, withoutMeasures } from './gates/stage-gates.ts';
import type { Tried } from './gates/stage-gates.ts';
import type { ClusterProgress, Moving, StageProgress } from './state.ts';
import { eventEffect, releaseText, withStage } from './step.ts';
import type { Step } from './step.ts';

/** What became of the present stage. */
export interface MovedStage {
  /** Whether the stage passed, so that there is more to do at once. */
  readonly isMoved: boolean;
  readonly step: Step<Moving>;
}

/**
 * The present stage once nothing of it moves: it soaks, waits for the gates after it, and passes. One in which a cluster is
 * not healthy any more begins anew with both.
 */
export function settleStage(step: Step<Moving>, nowMs: number): MovedStage {
  const { state } = step;
  const stage = state.stages[state.stage];
  if (!stage) return { isMoved: false, step };
  const still = (changed: StageProgress) => ({ isMoved: false, step: replaceStage(step, stage, changed) });
  if (!stage.clusters.every(isSettled)) {
    return still(isSoaking(stage) ? interrupted(state, stage) : stage);
  }
  const soakSinceMs = stage.soakSinceMs ?? nowMs;
  const isSoaked = nowMs - soakSinceMs >= stage.soakMs || stage.promoted !== undefined;
  const gates = triedGates(state, stage, 'after', nowMs);
  if (isSoaked && gates.isThrough) return passed(step, { ...stage, soakSinceMs }, { gates, nowMs });
  const phase = isSoaked ? 'gated' : 'soaking';
  const waiting: StageProgress = stage.phase === phase ? gates.stage : { ...gates.stage, phase, soakSinceMs };
  const { step: next } = still(waiting);
  const effects = [...next.effects, ...gates.effects];
  return { isMoved: gates.hasFailed, step: { ...next, effects } };
}

function passed(
  step: Step<Moving>,
  { name, clusters, soakMs, soakSinceMs = 0 }: StageProgress,
  { gates, nowMs }: { readonly gates: Tried; readonly nowMs: number },
): MovedStage {
  const { state } = step;
  const healthy = clusters.filter((cluster) => cluster.phase === 'healthy').length;
  const soaked = soakMs > 0 ? ` for ${Math.round((nowMs - soakSinceMs) / 1000)} s` : '';
  const message = `stage ${name} passed: ${healthy} of ${clusters.length} healthy at ${releaseText(state.target.release)}${soaked}`;
  const told = eventEffect(state.target, 'rollout.stage.passed', message, { atMs: nowMs });
  const ended: StageProgress = { ...withoutSoak(gates.stage, 'passed'), passedAtMs: nowMs };
  return {
    isMoved: true,
    step: {
      state: { ...withStage(state, state.stage, ended), stage: state.stage + 1 },
      effects: [...step.effects, ...gates.effects, told],
    },
  };
}

function replaceStage(step: Step<Moving>, before: StageProgress, changed: StageProgress): Step<Moving> {
  if (before === changed) return step;
  const { state } = step;
  const reason = settledText(state, changed);
  return { state: { ...withStage(state, state.stage, changed), reason }, effects: step.effects };
}

function settledText({ target }: Moving, stage: StageProgress): string {
  const { name, phase, soakMs, clusters } = stage;
  const gates = gatesText(stage, 'after');
  const waits = clusters.some((one) => one.phase === 'healthy') ? 'is healthy and waits' : 'waits';
  if (phase === 'gated') return `stage ${name} of ${releaseText(target.release)} ${waits}: ${gates}`;
  if (phase !== 'soaking') return `stage ${name} soaks no more: a cluster is not healthy`;
  const soaks = `stage ${name} soaks for ${Math.round(soakMs / 1000)} s before the next one`;
  return gates === '' ? soaks : `${soaks}; ${gates}`;
}

/** Whether everything of a stage was healthy when it was looked at last. */
export function isSoaking({ phase }: StageProgress): boolean {
  return phase === 'soaking' || phase === 'gated';
}

/** A stage whose soak is over before its time. */
export function interrupted(state: Moving, stage: StageProgress): StageProgress {
  return withoutSoak(withoutMeasures(state, stage), 'progressing');
}

/** Whether nothing more is awaited of a cluster. */
export function isSettled(cluster: ClusterProgress): boolean {
  return cluster.phase === 'healthy' || cluster.phase === 'failed';
}
