import { advance } from './advance.ts';
import { fewOf } from './few.ts';
import { approvalReasons, countOf } from './plan.ts';
import type { Decision } from './events.ts';
import type { Moving, Waiting } from './state.ts';
import { commonOf, eventEffect, releaseText } from './step.ts';
import type { Step } from './step.ts';

/** The first step of a rollout that nobody has to approve or start any more. */
export function begin(step: Step<Moving>, nowMs: number): Decision {
  const { target, stages } = step.state;
  const clusters = stages
    .flatMap((stage) => stage.clusters)
    .filter(({ phase }) => phase === 'waiting').length;
  const how = target.back ? 'goes back with' : 'moves';
  const by = target.started ? `; ${target.started.author} started it: ${target.started.reason}` : '';
  const { paused } = step.state;
  const still = paused ? `; it stands still, for ${paused.author} paused it: ${paused.reason}` : '';
  const message = `rollout ${target.number} ${how} ${countOf(clusters, 'cluster')} to ${releaseText(target.release)} in ${countOf(stages.length, 'stage')}${by}${still}`;
  const started = eventEffect(target, 'rollout.started', message, { atMs: nowMs });
  const next = advance(
    { state: { ...step.state, reason: message }, effects: [...step.effects, started] },
    { nowMs, dropped: target.dropped, reports: {} },
  );
  return { next: next.state, effects: next.effects, reason: next.state.reason };
}

/** As `begin`, unless the strategy leaves the start to a person. */
export function beginOrWait(step: Step<Moving>, nowMs: number): Decision {
  const { target } = step.state;
  if (target.strategy.start !== 'manual' || target.started) return begin(step, nowMs);
  return wait(
    step,
    { needs: 'start', type: 'rollout.start.needed', nowMs },
    `${releaseText(target.release)} waits for a person to start it`,
  );
}

/** A planned rollout as it stands before its first step: it begins, or waits for an approval or a start. */
export function plannedStep(step: Step<Moving>, nowMs: number): Decision {
  const { target, placed } = step.state;
  const reasons = approvalReasons(target, placed);
  if (reasons.length === 0) return beginOrWait(step, nowMs);
  const reason = `${releaseText(target.release)} waits for an approval: ${fewOf(reasons, '; ')}`;
  return wait(step, { needs: 'approval', type: 'rollout.approval.needed', nowMs }, reason);
}

function wait(
  { state, effects }: Step<Moving>,
  { needs, type, nowMs }: { readonly needs: Waiting['needs']; readonly type: string; readonly nowMs: number },
  reason: string,
): Decision {
  const warning = eventEffect(state.target, type, reason, { atMs: nowMs, level: 'warning' });
  const { stages, paused } = state;
  const next: Waiting = {
    ...commonOf(state),
    ...(paused ? { paused } : {}),
    ...{ stages, phase: 'waiting', needs, reason },
  };
  return { next, effects: [...effects, warning], reason };
}
