import { hasNewNumbersOnly } from '@meridian/rollout';
import type { RolloutEffect, RolloutState } from '@meridian/rollout';
import type { LedgerBook } from './ledger-book.ts';

/** A rollout after a decision, as far as it matters whether that is written. */
interface Noted {
  readonly application: string;
  readonly next: RolloutState;
  readonly effects: readonly RolloutEffect[];
  readonly before?: readonly unknown[];
}

/**
 * Takes in a state that differs from what the ledger has by numbers that change no decision, which come with each measurement of
 * each cluster, and says whether it did. All else has to be written.
 */
export function notedUnwritten(
  book: LedgerBook,
  { application, next, effects, before = [] }: Noted,
): boolean {
  const held = book.rollouts.get(application);
  if (!held || effects.length > 0 || before.length > 0) return false;
  const stored = held.stored ?? held.state;
  if (!hasNewNumbersOnly(stored, next)) return false;
  book.rollouts.set(application, { ...held, state: next, stored });
  return true;
}
