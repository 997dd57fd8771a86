import { fewOf } from './few.ts';
import { failedGate } from './gates/gate-of.ts';
import { failedClusters, presentStage } from './moving.ts';
import { share } from './plan.ts';
import type { ClusterProgress, Halted, Moving, RolloutState, StageProgress } from './state.ts';
import { eventEffect, releaseText, withStage } from './step.ts';
import type { Step } from './step.ts';

/** How many clusters of a rollout may fail; a share counts from all of its clusters and is rounded down. */
export function failureAllowance(state: RolloutState): number {
  const clusters = state.stages.reduce((sum, stage) => sum + stage.clusters.length, 0);
  const { failureBudget } = state.target.strategy;
  return typeof failureBudget === 'number' ? failureBudget : share(failureBudget, clusters, 0);
}

/**
 * The rollout halted, when more clusters failed than its budget allows or one of a mandatory stage did; undefined when
 * it may go on. A rollback goes on whatever fails: what it leaves behind is worse than what it goes to.
 */
export function haltOverBudget(step: Step<Moving>, nowMs: number): Step<Halted> | undefined {
  const { state } = step;
  const why = state.phase === 'rollingBack' ? undefined : breach(state);
  return why === undefined ? undefined : halted(step, why, nowMs);
}

/** The rollout halted in its present stage for a reason. */
export function halted(step: Step<Moving>, why: string, nowMs: number): Step<Halted> {
  const { paused: _, ...state } = step.state;
  const stage = presentStage(state);
  const reason = `${releaseText(state.target.release)} halted in stage ${stage?.name ?? ''}: ${why}`;
  const stopped = stage ? withStage(state, state.stage, withoutSoak(stage, 'failed')) : state;
  return {
    state: { ...stopped, phase: 'halted', endedAtMs: nowMs, reason },
    effects: [
      ...step.effects,
      eventEffect(state.target, 'rollout.halted', reason, { atMs: nowMs, level: 'error' }),
    ],
  };
}

/** A stage in another phase, with no soak under way. */
export function withoutSoak(stage: StageProgress, phase: StageProgress['phase']): StageProgress {
  const { soakSinceMs: _, ...kept } = stage;
  return { ...kept, phase };
}

function breach(state: Moving): string | undefined {
  const gate = failedGate(presentStage(state));
  if (gate) return `gate ${gate.name} failed: ${gate.message}`;
  const failed = failedClusters(state);
  const allowance = failureAllowance(state);
  if (failed.length > allowance) return failureText(failed, `budget ${budgetText(state, allowance)}`);
  const mandatory = state.stages.find(
    (stage) => stage.mandatory === true && failedClusters({ stages: [stage] }).length > 0,
  );
  if (!mandatory) return undefined;
  return failureText(failedClusters({ stages: [mandatory] }), `stage ${mandatory.name} is mandatory`);
}

function failureText(failed: readonly ClusterProgress[], limit: string): string {
  const names = fewOf(failed.map((cluster) => cluster.name));
  return `${failed.length} failed (${names}), ${limit}; ${failed[0]?.message ?? ''}`;
}

function budgetText(state: Moving, allowance: number): string {
  const { failureBudget } = state.target.strategy;
  return typeof failureBudget === 'number' ? String(allowance) : `${failureBudget}, which is ${allowance}`;
}
