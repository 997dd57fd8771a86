import { advance, stageBound } from './advance.ts';
import { unchanged } from './unchanged.ts';
import type { AdvanceContext } from './advance.ts';
import { isThrough, triedAgain } from './gates/gate-of.ts';
import { refusals } from './refusals.ts';
import type { Decision, RetryRequested } from './events.ts';
import type { ClusterProgress, Halted, Moving, RolloutState } from './state.ts';
import { decided, eventEffect, movingFrom, releaseText, shortDigest } from './step.ts';

/** Sets a halted rollout in motion again at a person's request; anything else is refused with the reason. */
export function retried(state: RolloutState, event: RetryRequested, context: AdvanceContext): Decision {
  if (state.phase !== 'halted')
    return unchanged(state, `release ${shortDigest(event.release)} of ${state.application} is not halted`);
  const message = `${event.author} retries ${releaseText(state.target.release)}: ${event.reason}`;
  const first = resumed({ ...state, reason: message }, context.nowMs);
  const effects = [eventEffect(state.target, 'rollout.retried', message, { atMs: context.nowMs })];
  return decided(state, advance({ state: first, effects }, context), message);
}

/**
 * A halted rollout in its stage again: failed, unfinished and refusing clusters keep their generation and get another deadline.
 * One whose agent is ahead of the ledger would refuse that generation for ever, so it has its turn once more.
 */
export function resumed(state: Halted, nowMs: number): Moving {
  const deadlineAtMs = nowMs + state.target.strategy.progressDeadlineMs;
  const refused = refusals(state);
  const stages = state.stages.map((stage, index) => {
    if (index !== state.stage) return stage;
    const clusters = stage.clusters.map((cluster): ClusterProgress => {
      if (cluster.phase === 'waiting' || (cluster.phase === 'healthy' && refused[cluster.name] === undefined))
        return cluster;
      if (state.placed[cluster.name]?.floor !== undefined)
        return { name: cluster.name, phase: 'waiting', message: '' };
      return {
        ...cluster,
        phase: 'assigned',
        deadlineAtMs,
        message: `has another deadline at generation ${cluster.generation ?? 0}`,
      };
    });
    const tried = triedAgain(stage);
    const phase = isThrough(tried, 'before') ? ('progressing' as const) : ('waiting' as const);
    return { ...tried, phase, boundAtMs: stageBound(state, stage, nowMs), clusters };
  });
  return movingFrom(state, stages, state.stage);
}
