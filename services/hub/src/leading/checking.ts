import type { Assignment, Check } from '@meridian/fleet';
import { checksNeeded } from '@meridian/rollout';
import type { RolloutState } from '@meridian/rollout';
import type { LedgerBook, StoredAssignment } from './ledger-book.ts';

/** An assignment that has to say something else of checks than it does. */
export interface OutdatedChecks {
  readonly stored: StoredAssignment;
  /** Empty: it has to say nothing any more. */
  readonly checks: readonly Check[];
}

/**
 * The assignments whose checks are not those that the gates of a rollout ask for now. They are signed anew at the same
 * generation, as a pause is (ADR 17): what the cluster runs does not change by it.
 */
export function outdatedChecks(book: LedgerBook, state: RolloutState): OutdatedChecks[] {
  const needed = checksNeeded(state);
  return Object.keys(state.placed).flatMap((cluster): OutdatedChecks[] => {
    const stored = book.assignments.get(cluster)?.get(state.application);
    if (stored?.assignment.bundle === undefined) return [];
    const checks = needed.get(cluster) ?? [];
    const present = stored.assignment.checks ?? [];
    const isSame = present.length === checks.length && checks.every((one, at) => isAsked(one, present[at]));
    return isSame ? [] : [{ stored, checks }];
  });
}

/**
 * Whether an assignment asks for a check already. The id names gate, rollout, try and release, and no strategy changes under a
 * rollout, so that the spec of a Job, which may be long, is not looked at for each cluster at each report.
 */
function isAsked(check: Check, present: Check | undefined): boolean {
  if (check.id !== present?.id || check.when !== present.when) return false;
  return check.kind === 'metric' ? present.kind === 'metric' && check.query === present.query : true;
}

/** The assignment with other checks, or with none. */
export function withChecks(assignment: Assignment, checks: readonly Check[]): Assignment {
  const { checks: _, ...rest } = assignment;
  return checks.length === 0 ? rest : { ...rest, checks };
}
