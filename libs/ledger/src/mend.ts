import { FaultError } from '@meridian/runtime';
import type { FaultCode } from '@meridian/runtime';
import type { LedgerLog } from './connection.ts';

/** What mending needs of an open ledger. */
export interface MendContext {
  readonly log: LedgerLog | undefined;
  /** Makes streams that are missing: the store can be lost while the connection lives. */
  readonly mendStreams: () => Promise<void>;
}

/**
 * Does the work, and once more after making the streams when it ends with one of the faults that a missing stream shows
 * as: the store was lost while this hub stayed connected. The ledger then begins a new life with its next claim.
 */
export async function withStreams<T>(
  context: MendContext,
  work: () => Promise<T>,
  signs: readonly FaultCode[] = ['not_found'],
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof FaultError && signs.includes(error.code))) throw error;
    context.log?.warn({ code: error.code }, 'streams seem to be missing, so those that are get made again');
    await context.mendStreams();
    return work();
  }
}
