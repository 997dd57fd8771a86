import type { AdvanceContext } from './advance.ts';
import { begin, plannedStep } from './begin.ts';
import type {
  AbortRequested,
  BreakGlassRequested,
  Decision,
  GateApproved,
  GateRejected,
  PauseRequested,
  PromoteRequested,
  ResumeRequested,
  RollbackRequested,
  StartRequested,
  VerbRequested,
} from './events.ts';
import { withoutSoak } from './breach.ts';
import { isSameContent } from './content.ts';
import { approvedGate, rejectedGate } from './gates/people.ts';
import { isMoving, presentStage } from './moving.ts';
import { plan } from './plan-rollout.ts';
import { retried } from './retry.ts';
import { rolledBack } from './roll-back.ts';
import type { RolloutState, StageProgress, Waiting, Word } from './state.ts';
import { commonOf, movingFrom, releaseText, shortDigest, withStage } from './step.ts';
import { goOn, told } from './told.ts';
import { already, unchanged } from './unchanged.ts';

/**
 * What a person asks of a rollout. Whoever means a release that it is not about any more, or something that makes no sense
 * now, is refused with the reason, and nothing changes: two operators cannot undo each other unseen.
 */
export function asked(state: RolloutState, event: VerbRequested, context: AdvanceContext): Decision {
  if (event.kind === 'startRequested') return started(state, event, context.nowMs);
  if (event.release !== state.target.release.digest) {
    const meant = `release ${shortDigest(event.release)}`;
    return unchanged(
      state,
      `${state.application} is at ${releaseText(state.target.release)} by now, not at ${meant}`,
    );
  }
  switch (event.kind) {
    case 'gateApproved':
      return approvedGate(state, event, context);
    case 'gateRejected':
      return rejectedGate(state, event, context);
    default:
      return askedOfAll(state, event, context);
  }
}

type OfAll = Exclude<VerbRequested, StartRequested | GateApproved | GateRejected>;

/** What a person asks of the rollout as a whole. */
function askedOfAll(state: RolloutState, event: OfAll, context: AdvanceContext): Decision {
  switch (event.kind) {
    case 'retryRequested':
      return retried(state, event, context);
    case 'pauseRequested':
      return paused(state, event, context.nowMs);
    case 'resumeRequested':
      return resumed(state, event, context);
    case 'abortRequested':
      return aborted(state, event, context.nowMs);
    case 'promoteRequested':
      return promoted(state, event, context);
    case 'breakGlassRequested':
      return brokeGlass(state, event, context);
    case 'rollbackRequested':
      return sentBack(state, event, context.nowMs);
  }
}

function paused(state: RolloutState, event: PauseRequested, nowMs: number): Decision {
  if (!isMoving(state)) return unchanged(state, `nothing of ${state.application} moves: ${state.reason}`);
  if (state.paused)
    return already(
      state,
      `${state.application} is paused already, by ${state.paused.author}: ${state.paused.reason}`,
    );
  const { author, reason } = event;
  return told(state, { ...state, paused: { author, reason, atMs: nowMs } }, { event, what: 'paused', nowMs });
}

function resumed(state: RolloutState, event: ResumeRequested, context: AdvanceContext): Decision {
  if (state.phase === 'waiting' && state.paused) {
    const { paused: _, ...next } = state;
    return told(state, next, { event, what: 'resumed', nowMs: context.nowMs });
  }
  if (!isMoving(state)) return unchanged(state, `${state.application} is not paused: ${state.reason}`);
  if (!state.paused) return already(state, `${state.application} is not paused`);
  const { paused: pause, ...moving } = state;
  const stoodMs = Math.max(0, context.nowMs - pause.atMs);
  const stages = moving.stages.map((stage) => later(stage, stoodMs));
  return goOn(state, { ...moving, stages }, { event, what: 'resumed', context });
}

/** A stage whose deadlines come later. */
function later(stage: StageProgress, byMs: number): StageProgress {
  const clusters = stage.clusters.map((cluster) =>
    cluster.deadlineAtMs === undefined ? cluster : { ...cluster, deadlineAtMs: cluster.deadlineAtMs + byMs },
  );
  const boundAtMs = stage.boundAtMs === undefined ? {} : { boundAtMs: stage.boundAtMs + byMs };
  return { ...stage, ...boundAtMs, clusters };
}

function aborted(state: RolloutState, event: AbortRequested, nowMs: number): Decision {
  if (state.phase === 'aborted') return already(state, state.reason);
  if (!isMoving(state) && state.phase !== 'waiting' && state.phase !== 'halted')
    return unchanged(state, `the rollout of ${state.application} is over: ${state.reason}`);
  const stage = state.phase === 'waiting' ? 0 : state.stage;
  const stages = state.stages.map((one, at) => (at === stage ? stopped(one) : one));
  const common = { ...commonOf(state), placed: withoutLeaves(state.placed) };
  const next: RolloutState = { ...common, stages, phase: 'aborted', stage, endedAtMs: nowMs };
  return told(state, next, { event, what: 'aborted', nowMs, level: 'warning' });
}

/** Every cluster keeps what it has: who wants the deletions nevertheless says so anew. */
function withoutLeaves(placed: RolloutState['placed']): RolloutState['placed'] {
  if (Object.values(placed).every(({ leave }) => leave === undefined)) return placed;
  return Object.fromEntries(Object.entries(placed).map(([name, { leave: _, ...kept }]) => [name, kept]));
}

function stopped(stage: StageProgress): StageProgress {
  return stage.phase === 'waiting' || stage.phase === 'passed' ? stage : withoutSoak(stage, 'failed');
}

function promoted(state: RolloutState, event: PromoteRequested, context: AdvanceContext): Decision {
  const stage = presentStage(state);
  if (!isMoving(state) || stage?.phase !== 'soaking')
    return unchanged(state, `no stage of ${state.application} soaks: ${state.reason}`);
  if (state.paused)
    return unchanged(state, `${state.application} is paused by ${state.paused.author}; resume it first`);
  const { author, reason } = event;
  const skipped = { ...stage, promoted: { author, reason, atMs: context.nowMs } };
  const what = `promoted stage ${stage.name} of`;
  return goOn(state, withStage(state, state.stage, skipped), { event, what, context });
}

function brokeGlass(state: RolloutState, event: BreakGlassRequested, context: AdvanceContext): Decision {
  if (!isMoving(state)) return unchanged(state, `nothing of ${state.application} moves: ${state.reason}`);
  if (!state.target.windows) return unchanged(state, `no window stops ${releaseText(state.target.release)}`);
  if (state.target.windowsBroken) return already(state, `${state.application} minds no window already`);
  const { author, reason } = event;
  const target = { ...state.target, windowsBroken: { author, reason, atMs: context.nowMs } };
  const what = 'broke the glass of the windows for';
  return goOn(state, { ...state, target }, { event, what, type: 'rollout.glass.broken', context });
}

function sentBack(state: RolloutState, event: RollbackRequested, nowMs: number): Decision {
  const { author, reason, removals } = event;
  if (state.phase === 'waiting')
    return unchanged(state, `${releaseText(state.target.release)} has not begun; abort it instead`);
  if (state.phase === 'rollingBack')
    return unchanged(state, `${state.application} goes back to it already: ${state.reason}`);
  const to = event.to ?? state.lastGood;
  const wasGivenUp = state.phase === 'aborted' && state.target.back !== undefined;
  if (!to || (to.release.digest === state.target.release.digest && !wasGivenUp))
    return unchanged(
      state,
      `there is no other release of ${state.application} that completed, to go back to`,
    );
  return rolledBack(state, { to, removals, back: { author, reason } }, nowMs);
}

function started(state: RolloutState, event: StartRequested, nowMs: number): Decision {
  const { made, author, reason } = event;
  const why = meansAnother(state, event);
  if (why !== undefined) return unchanged(state, why);
  const by = { author, reason, atMs: nowMs };
  if (state.phase === 'waiting') return startedWaiting(state, by, nowMs);
  if (isMoving(state) && !state.pin)
    return already(state, `${state.application} has started: ${state.reason}`);
  if (isMoving(state) || (state.phase !== 'aborted' && !state.pin))
    return unchanged(state, `nothing of ${state.application} waits for a start: ${state.reason}`);
  const first = plan(state, made, nowMs);
  const target = { ...first.target, started: by };
  return plannedStep({ state: { ...first, target }, effects: [] }, nowMs);
}

/** Why a start is not about what could begin now; undefined when it is. */
function meansAnother(state: RolloutState, { made, release }: StartRequested): string | undefined {
  const { target, pin, phase, application } = state;
  if (![made.release.digest, target.release.digest, pin?.release].includes(release))
    return `git says ${releaseText(made.release)} by now, not release ${shortDigest(release)}`;
  if (release === target.release.digest || pin || phase === 'aborted' || isSameContent(state, made))
    return undefined;
  return `${application} is at ${releaseText(target.release)}, not at release ${shortDigest(release)}: ${state.reason}`;
}

function startedWaiting(state: Waiting, by: Word, nowMs: number): Decision {
  if (state.needs === 'approval') return unchanged(state, state.reason);
  const target = { ...state.target, started: by };
  return begin({ state: movingFrom({ ...state, target }, state.stages, 0), effects: [] }, nowMs);
}
