import type { AdvanceContext } from './advance.ts';
import { shortened } from './few.ts';
import { presentStage } from './moving.ts';
import { leavesOf } from './refusals.ts';
import type { ClusterProgress, Moving, RolloutState } from './state.ts';
import { eventEffect, withStage } from './step.ts';
import type { Step } from './step.ts';
import { isAgentHeld } from './stopped.ts';

/** Fails clusters of the present stage that are past their deadline, unless their agents do nothing at all now. */
export function failOverdue(
  step: Step<Moving>,
  { nowMs, reports }: Pick<AdvanceContext, 'nowMs' | 'reports'>,
): Step<Moving> {
  const { state } = step;
  const stage = state.stages[state.stage];
  const late = (stage?.clusters ?? []).filter(
    (cluster) => cluster.phase === 'assigned' && nowMs >= (cluster.deadlineAtMs ?? 0),
  );
  const excused = late.filter(({ name }) => isExcused(state, name, nowMs));
  if (!stage || late.length === 0) return step;
  if (excused.length > 0) return failOverdue(withMoreTime(step, excused, nowMs), { nowMs, reports });
  const failed = late.map((cluster): ClusterProgress => {
    const report = reports[cluster.name];
    const { deadlineAtMs: _, ...kept } = cluster;
    return {
      ...kept,
      phase: 'failed',
      message: `${overdueText(state, cluster)}: ${shortened(report || 'no report')}`,
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

/**
 * An agent that does nothing for the application cannot be late: it gets another deadline for when it goes on, and so does one
 * that waits for a leave which a person gave and something stops. On the way back it can: others must not wait for it, and it
 * takes what it was assigned when it goes on.
 */
function isExcused(state: Moving, name: string, nowMs: number): boolean {
  if (state.phase !== 'progressing') return false;
  return isAgentHeld(state, name, nowMs) || leavesOf(state).has(name);
}

function withMoreTime(step: Step<Moving>, excused: readonly ClusterProgress[], nowMs: number): Step<Moving> {
  const { state } = step;
  const stage = presentStage(state);
  if (!stage) return step;
  const deadlineAtMs = nowMs + state.target.strategy.progressDeadlineMs;
  const clusters = stage.clusters.map((cluster) =>
    excused.includes(cluster) ? { ...cluster, deadlineAtMs } : cluster,
  );
  return { ...step, state: withStage(state, state.stage, { ...stage, clusters }) };
}

function overdueText(state: RolloutState, cluster: ClusterProgress): string {
  const generation = cluster.generation ?? 0;
  if (cluster.evidence) return `did not stay healthy at generation ${generation} until its stage had to end`;
  const seconds = Math.round(state.target.strategy.progressDeadlineMs / 1000);
  return `not healthy at generation ${generation} within ${seconds} s`;
}
