import { advance } from '../advance.ts';
import type { AdvanceContext } from '../advance.ts';
import { isEqual } from '../content.ts';
import type { Decision, GateAnswered, StatusObserved } from '../events.ts';
import { shortened } from '../few.ts';
import { isMoving, presentStage } from '../moving.ts';
import type { CheckResult, GateProgress, Moving, RolloutState } from '../state.ts';
import { decided, withStage } from '../step.ts';
import { unchanged } from '../unchanged.ts';
import { checkId } from './checks.ts';
import { gateOf, mapGates } from './gate-of.ts';
import { freshMs } from './measured.ts';

/**
 * The state with what a report says of the checks of open gates. One of another generation says nothing: its agent does not
 * have what the gate is about.
 */
export function withChecks(state: Moving, event: StatusObserved, nowMs: number): Moving {
  const { checks = [], cluster, stale } = event;
  const stage = presentStage(state);
  if (!stage || stale || checks.length === 0) return state;
  if (event.generation !== state.placed[cluster]?.generation) return state;
  const next = mapGates(stage, (gate) => {
    const said = checks.find(({ id }) => id === checkId(state.target, gate));
    if (!said || gate.phase !== 'open') return gate;
    const { id: _, ...result } = said;
    // By the agent's own clock: what it repeats after an hour without a hub is an hour old.
    const atMs = nowMs - Math.max(0, event.observedAtMs - said.observedAtMs);
    return withResult(unlessOld(state, gate, { cluster, atMs }), cluster, {
      ...result,
      message: shortened(said.message),
      atMs,
    });
  });
  return next === stage ? state : withStage(state, state.stage, next);
}

/** A gate whose last number of a cluster was old before this one came was not good, or bad, without a break. */
function unlessOld(
  { target }: Moving,
  progress: GateProgress,
  { cluster, atMs }: { readonly cluster: string; readonly atMs: number },
): GateProgress {
  const gate = gateOf(target, progress.name);
  const before = progress.results?.[cluster];
  if (gate?.kind !== 'metric' || !before || atMs - before.atMs <= freshMs(gate)) return progress;
  const { goodSinceMs: _, badSinceMs: __, ...broken } = progress;
  return broken;
}

/** What a Job came to stays; a number that is only said again is not a new one. */
function withResult(gate: GateProgress, cluster: string, result: CheckResult): GateProgress {
  const before = gate.results?.[cluster];
  if (before?.phase === 'succeeded' || before?.phase === 'failed') return gate;
  if (before && isEqual({ ...before, atMs: 0 }, { ...result, atMs: 0 })) return gate;
  return { ...gate, results: { ...gate.results, [cluster]: result } };
}

/** Takes in what another system said of a webhook gate; an answer to an earlier question changes nothing. */
export function answered(state: RolloutState, event: GateAnswered, context: AdvanceContext): Decision {
  const { gate: name, attempt, verdict, message } = event;
  const stage = presentStage(state);
  const { number, release } = state.target;
  const isMeant = event.rollout === number && event.release === release.digest;
  if (!isMoving(state) || !stage || !isMeant)
    return unchanged(state, `gate ${name} of ${state.application} is not open`);
  const next = mapGates(stage, (gate) =>
    gate.name === name && gate.attempt === attempt && gate.phase === 'open'
      ? { ...gate, message: shortened(message), answeredAtMs: context.nowMs, answer: verdict }
      : gate,
  );
  if (next === stage) return unchanged(state, `gate ${name} of ${state.application} is not open`);
  const heard = withStage(state, state.stage, next);
  return decided(state, advance({ state: heard, effects: [] }, context), 'the answer changes nothing');
}
