import { advance } from './advance.ts';
import type { AdvanceContext } from './advance.ts';
import { approved } from './approval.ts';
import { plannedStep } from './begin.ts';
import { isEqual, isLeft, isSameContent, leftContent } from './content.ts';
import type {
  Decision,
  HoldsChanged,
  ReleaseMade,
  RolloutEffect,
  RolloutEvent,
  StatusObserved,
} from './events.ts';
import { hasNobodyToAsk } from './gates/checks.ts';
import { answered } from './gates/heard.ts';
import { withDueLeaves } from './leave.ts';
import { isMoving, presentStage } from './moving.ts';
import { observe } from './observe.ts';
import { plan } from './plan-rollout.ts';
import { refusalReason } from './refusals.ts';
import { rolledBack } from './roll-back.ts';
import type { Pin, RolloutState } from './state.ts';
import { decided, eventEffect, releaseText } from './step.ts';
import { unchanged } from './unchanged.ts';
import { asked } from './verbs.ts';

/**
 * One step of one application's rollout. Takes the state (undefined before the first release), what happened and the
 * hub's time; gives the next state, what to do and why. Pure: the same input gives the same output.
 */
export function decide(state: RolloutState | undefined, event: RolloutEvent, nowMs: number): Decision {
  const decision = followedThrough(state, stepped(state, event, nowMs), nowMs);
  const { next } = decision;
  // A release that changes nothing leaves the holds that it names aside; those that are known now come with the next look.
  if (!next || event.kind === 'releaseMade') return decision;
  const given = withDueLeaves(decision, { nowMs, dropped: next.target.dropped, reports: {} });
  return given === decision ? decision : followedThrough(next, given, nowMs);
}

function stepped(state: RolloutState | undefined, event: RolloutEvent, nowMs: number): Decision {
  if (event.kind === 'releaseMade') return releaseMade(state, event, nowMs);
  if (!state) return { next: undefined, effects: [], reason: 'no release has been made yet' };
  const context: AdvanceContext = { nowMs, dropped: state.target.dropped, reports: {} };
  switch (event.kind) {
    case 'statusObserved':
      return observed(state, event, context);
    case 'tick':
      return tick(state, { ...context, reports: event.reports ?? {} });
    case 'holdsChanged':
      return heldAnew(state, event, context);
    case 'deletionsApproved':
      return approved(state, event, context);
    case 'gateAnswered':
      return answered(state, event, context);
    default:
      return asked(state, event, context);
  }
}

/** As `decided`, but what a cluster refuses to delete is the reason when the report brought it to light. */
function observed(state: RolloutState, event: StatusObserved, context: AdvanceContext): Decision {
  const step = observe(state, event, context);
  const decision = decided(state, step, 'the report changes nothing');
  if (step.state.placed === state.placed) return decision;
  const refusal = refusalReason(step.state);
  return refusal === undefined || refusal === refusalReason(state)
    ? decision
    : { ...decision, reason: refusal };
}

/** Rollouts that do not move only remember it. */
function heldAnew(state: RolloutState, { holds }: HoldsChanged, context: AdvanceContext): Decision {
  if (isEqual(holds, state.holds ?? [])) return unchanged(state, 'the holds are the same');
  const { holds: _, ...rest } = state;
  const next = holds.length > 0 ? { ...rest, holds } : rest;
  const reason = holds.length > 0 ? 'other holds count from now on' : 'nothing is held any more';
  return isMoving(next)
    ? decided(state, advance({ state: next, effects: [] }, context), reason)
    : { next, effects: [], reason };
}

function tick(state: RolloutState, context: AdvanceContext): Decision {
  const nothing = 'nothing is due';
  if (!isMoving(state)) return decided(state, { state, effects: [] }, nothing);
  return decided(state, advance({ state, effects: [] }, context), nothing);
}

/**
 * What follows of itself from a decision: a rollout that has just spent its budget goes back when its strategy says so,
 * and a release that waited for the end of a rollout is looked at again.
 */
function followedThrough(before: RolloutState | undefined, decision: Decision, nowMs: number): Decision {
  const { next } = decision;
  if (!next || next === before) return decision;
  const hasHalted = next.phase === 'halted' && before?.phase !== 'halted';
  return withQueue(hasHalted ? wentBack(next, decision, nowMs) : decision);
}

/** A decision, and the release that waited for what it ends. */
function withQueue(decision: Decision): Decision {
  const { next } = decision;
  if (!next?.queued || waitsForEnd(next)) return decision;
  const { queued: _, ...rest } = next;
  const again = { kind: 'lookAgain', application: next.application } as const;
  return { ...decision, next: rest, effects: [...decision.effects, again] };
}

function wentBack(halted: RolloutState, decision: Decision, nowMs: number): Decision {
  const { strategy, release } = halted.target;
  const to = halted.lastGood;
  if (strategy.onBreach !== 'rollback') return decision;
  if (!to || to.release.digest === release.digest) {
    const reason = `${halted.reason}; there is no earlier release that completed, to go back to`;
    return { ...decision, next: { ...halted, reason }, reason };
  }
  const back = rolledBack(halted, { to, back: { reason: halted.reason } }, nowMs);
  if (back.next === halted) {
    const reason = `${halted.reason}; there is nothing to take back: ${back.reason}`;
    return { ...decision, next: { ...halted, reason }, reason };
  }
  return { ...back, effects: [...decision.effects, ...back.effects] };
}

function releaseMade(state: RolloutState | undefined, event: ReleaseMade, nowMs: number): Decision {
  const { release } = event;
  if (!state) {
    if (Object.keys(release.bundles).length > 0)
      return plannedStep({ state: plan(state, event, nowMs), effects: [] }, nowMs);
    return { next: undefined, effects: [], reason: 'the placement selects no cluster' };
  }
  if (state.pin && isLeft(state.pin, event)) return stillPinned(state, state.pin, event);
  if (isSameContent(state, event)) return sameContent(state, event, nowMs);
  if (waitsForEnd(state) && !isOtherwiseDepending(state, event)) return queued(state, event, nowMs);
  return plannedStep(
    { state: plan(state, event, nowMs), effects: supersededEffects(state, event, nowMs) },
    nowMs,
  );
}

/** Git says what the fleet has left, at another revision or for other clusters: the pin says so, and nothing moves. */
function stillPinned(state: RolloutState, pin: Pin, { release, policy }: ReleaseMade): Decision {
  const now = { ...pin, ...leftContent({ release, policy }, state.target.release) };
  const reason = `${state.application} stays at ${releaseText(state.target.release)}: ${releaseText(release)} has what it was taken back from`;
  const before = withoutQueue(state);
  return { next: isEqual(pin, now) ? before : { ...before, pin: now, reason }, effects: [], reason };
}

/** A revert in git meets a rollback: both say the same, so nothing keeps the fleet from following git again. */
function sameContent(state: RolloutState, event: ReleaseMade, nowMs: number): Decision {
  const { release } = event;
  const revision = release.revision.slice(0, 7);
  if (!state.pin) {
    const known = withAuthors(withoutQueue(state), event);
    return unchanged(known, `nothing changes for any cluster at revision ${revision}`);
  }
  const { pin: _, ...rest } = withoutQueue(state);
  const reason = `git says the same as ${releaseText(state.target.release)} from revision ${revision} on, so it is pinned no more`;
  const told = eventEffect(state.target, 'rollout.pin.ended', reason, { atMs: nowMs });
  return { next: { ...rest, reason }, effects: [told], reason };
}

/** Git may not have said at first who wrote the release; of more commits there are more authors, never fewer. */
function withAuthors(state: RolloutState, { authors }: ReleaseMade): RolloutState {
  if (state.target.authors || !authors || !isMoving(state)) return state;
  return { ...state, target: { ...state.target, authors } };
}

/** What waited for the end is not what git says any more. */
function withoutQueue(state: RolloutState): RolloutState {
  if (!state.queued) return state;
  const { queued: _, ...rest } = state;
  return rest;
}

/** A release that comes while another one may not be overtaken; a fleet on its way back arrives first in any case. */
function queued(state: RolloutState, { release }: ReleaseMade, nowMs: number): Decision {
  const { digest, revision } = release;
  const reason = `${releaseText(release)} waits until ${releaseText(state.target.release)} has ended; ${state.reason}`;
  if (state.queued?.release === digest) return unchanged(state, reason);
  const told = eventEffect(state.target, 'rollout.queued', reason, { atMs: nowMs });
  return {
    next: { ...state, queued: { release: digest, revision, sinceMs: nowMs } },
    effects: [told],
    reason,
  };
}

/** Whether a release differs from the one that moves in nothing but what it waits for, which counts at once. */
function isOtherwiseDepending(state: RolloutState, { dependsOn: _, ...event }: ReleaseMade): boolean {
  const { dependsOn } = state.target;
  return (
    state.phase === 'progressing' && isSameContent(state, { ...event, ...(dependsOn ? { dependsOn } : {}) })
  );
}

/** What nothing but a newer release gets past must not hold that up: a stage without clusters, a gate that has nobody to ask. */
function waitsForEnd(state: RolloutState): boolean {
  if (state.phase === 'rollingBack') return true;
  const isStuck = presentStage(state)?.clusters.length === 0 || hasNobodyToAsk(state);
  return state.phase === 'progressing' && state.target.strategy.onNewer === 'queue' && !isStuck;
}

function supersededEffects(state: RolloutState, event: ReleaseMade, nowMs: number): RolloutEffect[] {
  if (!isMoving(state) && state.phase !== 'waiting') return [];
  const message = `${releaseText(event.release)} supersedes ${releaseText(state.target.release)}; clusters that wait never get the older one`;
  return [eventEffect(state.target, 'rollout.superseded', message, { atMs: nowMs })];
}
