import { beginOrWait } from './begin.ts';
import type { AdvanceContext } from './advance.ts';
import { fewOf } from './few.ts';
import { approvedRefusals } from './leave.ts';
import { countOf } from './plan.ts';
import { refusals, refusalText } from './refusals.ts';
import type { Decision, DeletionsApproved } from './events.ts';
import type { Deletions, RolloutState, Target, Waiting } from './state.ts';
import { eventEffect, movingFrom, releaseText, shortDigest } from './step.ts';
import { unchanged } from './unchanged.ts';

/**
 * A person's approval: of a release that waits, which then begins, or of deletions that clusters refuse, which are then
 * assigned again with leave for them, once nothing stops them. What does not fit what waits now is refused with the reason.
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
