import { claimLedger } from './claim.ts';
import type { ClaimOptions, ClaimResult } from './claim.ts';
import { readTail, settledTail } from './tail.ts';
import type { FenceContext, Tail } from './tail.ts';

/** The right to write, and how it passes from one hub to another. */
export interface Fence {
  /** Tries to become the one writer; the ledger itself decides. */
  claim(options: ClaimOptions): Promise<ClaimResult>;
  /** The last message's sequence and writer; sequence 0 when the ledger is empty. */
  tail(): Promise<Tail>;
  /**
   * Waits `ms` and says whether nobody wrote meanwhile: a candidate that cannot reach Redis may claim only after three
   * lock times of silence. False also when the signal aborts.
   */
  quietFor(ms: number, signal: AbortSignal): Promise<boolean>;
}

/** The fence of a ledger whose streams are there. */
export function openFence(context: FenceContext): Fence {
  return {
    claim: (options) => claimLedger(context, options),
    tail: () => readTail(context),
    quietFor: (ms, signal) => quietFor(context, ms, signal),
  };
}

async function quietFor(context: FenceContext, ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    const before = await settledTail(context, signal);
    await context.clock.wait(ms, signal);
    return (await settledTail(context, signal)).sequence === before.sequence;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}
