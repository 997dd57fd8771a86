import type { Leadership, Ledger } from '@meridian/ledger';
import { FaultError } from '@meridian/runtime';
import type { Clock } from '@meridian/runtime';

const lookEveryMs = 30_000;

/**
 * Waits until the ledger ends before what this leader knows to be in it, or until the signal aborts; gives whether it was
 * lost or put back to a backup. A leader that writes is told by the refusal, one with nothing to write would never know.
 */
export async function ledgerLost(
  { ledger, clock }: { readonly ledger: Pick<Ledger, 'tail'>; readonly clock: Clock },
  leadership: Pick<Leadership, 'sequence'>,
  signal: AbortSignal,
): Promise<boolean> {
  while (!signal.aborted) {
    await clock.wait(lookEveryMs, signal);
    // Taken before the answer: what is written meanwhile must not make it look short.
    const { sequence } = leadership;
    if (!signal.aborted && ((await tailOf(ledger))?.sequence ?? Infinity) < sequence) return true;
  }
  return false;
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
