import type { Leadership, Ledger } from '@meridian/ledger';
import { FaultError } from '@meridian/runtime';
import type { Clock } from '@meridian/runtime';

const lookEveryMs = 30_000;

/** How the ledger of a leader is not its own any more. */
export type Loss = 'lost or put back' | 'claimed by another hub';

/**
 * Waits until the ledger ends before what this leader knows to be in it, or with a later term, or until the signal aborts; gives
 * which. A leader that writes is told by the refusal, one with nothing to write would never know: it may even hold the lock again
 * after another hub, which could not reach Redis, has led for a moment.
 */
export async function ledgerLost(
  { ledger, clock }: { readonly ledger: Pick<Ledger, 'tail'>; readonly clock: Clock },
  leadership: Pick<Leadership, 'sequence' | 'term'>,
  signal: AbortSignal,
): Promise<Loss | undefined> {
  while (!signal.aborted) {
    await clock.wait(lookEveryMs, signal);
    // Taken before the answer: what is written meanwhile must not make it look short.
    const { sequence, term } = leadership;
    const tail = signal.aborted ? undefined : await tailOf(ledger);
    if (tail && tail.sequence < sequence) return 'lost or put back';
    if (tail && tail.term > term) return 'claimed by another hub';
  }
  return undefined;
}

/** Undefined when there is no answer now: the next look comes. */
async function tailOf(ledger: Pick<Ledger, 'tail'>) {
  try {
    return await ledger.tail();
  } catch (error) {
    if (error instanceof FaultError) return undefined;
    throw error;
  }
}
