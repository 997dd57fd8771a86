import { advance, assigned, stageBound } from './advance.ts';
import { beginOrWait } from './begin.ts';
import type { AdvanceContext } from './advance.ts';
import { fewOf } from './few.ts';
import { isMoving, presentStage } from './moving.ts';
import { countOf } from './plan.ts';
import { refusals, refusalText } from './refusals.ts';
import { resumed } from './retry.ts';
import type { Decision, DeletionsApproved } from './events.ts';
import type { Deletions, RolloutState, Target, Waiting } from './state.ts';
import { assign, eventEffect, movingFrom, releaseText, shortDigest, withCluster, withStage } from './step.ts';
import type { Step } from './step.ts';

/**
 * A person's approval: of a release that waits, which then begins, or of deletions that clusters refuse, which are then
 * assigned again with leave for them. What does not fit what waits now is refused with the reason.
 */
export function approved(state: RolloutState, event: DeletionsApproved, context: AdvanceContext): Decision {
  if (state.phase === 'waiting' && state.needs === 'approval')
    return approvedRelease(state, event, context.nowMs);
  const refused = refusals(state);
  const release = state.target.release;
  if (Object.keys(refused).length === 0)
    return unchanged(state, `no release of ${state.application} waits for an approval`);
  if (release.digest !== event.release)
    return unchanged(
      state,
      `the approval is for release ${shortDigest(event.release)}, but ${refusalText(refused)} for ${releaseText(release)}`,
    );
  return approvedRefusals(state, event, context);
}

function unchanged(state: RolloutState, reason: string): Decision {
  return { next: state, effects: [], reason };
}

function approvedRelease(state: Waiting, event: DeletionsApproved, nowMs: number): Decision {
  const { target } = state;
  if (target.release.digest !== event.release)
    return unchanged(
      state,
      `the approval is for release ${shortDigest(event.release)}, but ${releaseText(target.release)} waits`,
    );
  const grown = event.deletions ? overSeen(target.removals, event.deletions) : [];
  if (grown.length > 0)
    return unchanged(state, `${releaseText(target.release)} ${fewOf(grown, '; ')}; approve again`);
  const { kind: _, ...consent } = event;
  const approval = { ...consent, atMs: nowMs };
  const message = `${event.author} approved the deletions of ${releaseText(target.release)}: ${event.reason}`;
  const told = eventEffect(target, 'deletions.approved', message, { atMs: nowMs });
  const consented: Target = { ...target, approval };
  const first = movingFrom({ ...state, target: consented, reason: message }, state.stages, 0);
  return beginOrWait({ state: first, effects: [told] }, nowMs);
}

/** What would be deleted beyond the numbers that a person saw, a clause for each cluster. */
function overSeen(removals: Deletions, seen: Deletions): string[] {
  return Object.entries(removals).flatMap(([cluster, count]) => {
    const approvedCount = seen[cluster] ?? 0;
    return count > approvedCount
      ? [`deletes up to ${countOf(count, 'object')} in ${cluster}, and ${approvedCount} were approved`]
      : [];
  });
}

/**
 * Clusters that refuse no more than the person saw are assigned again; the others keep what they have, and the answer
 * says so. The leave is for that one assignment: nothing of it is left for a later generation.
 */
function approvedRefusals(state: RolloutState, event: DeletionsApproved, context: AdvanceContext): Decision {
  const refused = Object.entries(refusals(state));
  const seen = event.deletions ?? {};
  const granted = refused.filter(([cluster, count]) => count <= (seen[cluster] ?? 0));
  const left = refused.flatMap(([cluster, count]) => leftText(cluster, count, seen[cluster]));
  if (granted.length === 0) return unchanged(state, fewOf(left, '; '));
  const clauses = granted.map(([cluster, count]) => `${countOf(count, 'deletion')} in ${cluster}`);
  const what = fewOf(clauses, ' and ');
  const message = [
    `${event.author} approved ${what} for ${releaseText(state.target.release)}: ${event.reason}`,
    ...(left.length > 0 ? [fewOf(left, '; ')] : []),
  ].join('; ');
  const told = eventEffect(state.target, 'deletions.approved', message, { atMs: context.nowMs });
  const names = granted.map(([cluster]) => cluster);
  let step: Step = { state: inMotion(state, names, { nowMs: context.nowMs, message }), effects: [told] };
  for (const [cluster, count] of granted)
    step = assignedAgain(step, { cluster, count, nowMs: context.nowMs });
  const { state: moved, effects } = step;
  const next = isMoving(moved) ? advance({ state: moved, effects }, context) : step;
  return { next: next.state, effects: next.effects, reason: message };
}

function leftText(cluster: string, count: number, seen: number | undefined): string[] {
  if (count <= (seen ?? 0)) return [];
  const refuses = refusalText({ [cluster]: count });
  if (seen === undefined) return [`${refuses} and the approval names no number for it`];
  return [`${refuses} now, more than the ${seen} that were approved; approve again`];
}

/** A rollout that halted over one of these clusters goes on in its stage; one that halted over others, or is over, stays so. */
function inMotion(
  state: RolloutState,
  names: readonly string[],
  { nowMs, message }: { readonly nowMs: number; readonly message: string },
): RolloutState {
  if (isMoving(state)) return { ...state, reason: message };
  if (state.phase !== 'halted') return state;
  const unfinished = presentStage(state)?.clusters.filter(({ phase }) => phase !== 'healthy') ?? [];
  const isHeldUp = unfinished.some(({ name }) => names.includes(name));
  return isHeldUp ? resumed({ ...state, reason: message }, nowMs) : state;
}

/** In the present stage the cluster has to prove its health anew; what passed an earlier gate stays as it was then. */
function assignedAgain(
  step: Step,
  { cluster, count, nowMs }: { readonly cluster: string; readonly count: number; readonly nowMs: number },
): Step {
  const again = assign(step, cluster, 0, count);
  const { state, effects } = again;
  if (!isMoving(state) && state.phase !== 'halted') return again;
  const stage = presentStage(state);
  if (!stage?.clusters.some(({ name }) => name === cluster)) return again;
  const changed = {
    ...assigned(state, cluster, nowMs),
    message: `assigned generation ${state.placed[cluster]?.generation ?? 0} with leave for ${countOf(count, 'deletion')}`,
  };
  const bounded = { ...stage, boundAtMs: stageBound(state, stage, nowMs) };
  return { state: withStage(state, state.stage, withCluster(bounded, changed)), effects };
}
