import { backoffMs } from '@meridian/retry';
import { FaultError, errorText, systemClock } from '@meridian/runtime';
import { openLedger } from './ledger.ts';
import type { Ledger, OpenLedgerOptions } from './ledger.ts';

const backoff = { firstMs: 250, factor: 2, capMs: 5_000 };

/**
 * Opens the ledger as soon as JetStream answers, for as long as that takes: servers of a cluster accept connections before they
 * have agreed who leads. Throws as `openLedger` does when waiting would not help, and its last fault when the signal aborts.
 */
export async function openLedgerWhenThere(options: OpenLedgerOptions, signal: AbortSignal): Promise<Ledger> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await openLedger(options);
    } catch (error) {
      if (!(error instanceof FaultError) || error.retry !== 'later' || signal.aborted) throw error;
      options.log?.warn({ attempt, error: errorText(error) }, 'jetstream does not answer yet');
      await systemClock.wait(backoffMs(backoff, attempt, Math.random()), signal);
    }
  }
}
