import { jitterMs } from '@meridian/retry';
import { FaultError, errorText } from '@meridian/runtime';
import type { Clock } from '@meridian/runtime';
import type { Lease, LeaseLog, LeaseState } from './lease.ts';

/** A time of leading. */
export interface Leading {
  /** The number Redis gave; 0 when Redis gave none. The ledger's claim has the last word. */
  readonly term: number;
  /** Aborts when the lock is lost or the election is stopped. */
  readonly signal: AbortSignal;
  /** What Redis said last; `unreachable` means that the lead goes on by the ledger's fence alone. */
  readonly state: () => LeaseState;
}

/** How to take part in an election. */
export interface ElectOptions {
  readonly lease: Lease;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly log?: LeaseLog;
  /** Leads until it returns (fenced, done) or its signal aborts. */
  readonly onLeading: (leading: Leading) => Promise<void>;
  /**
   * Asked while Redis does not answer: may this replica try to lead without the lock? Say yes only after the ledger
   * was silent for three times the ttl, so that an incumbent that lost Redis too is left alone.
   */
  readonly mayLeadWithoutLock?: (signal: AbortSignal) => Promise<boolean>;
}

/**
 * Runs for leader until the signal aborts: waits for the lock, leads, and starts over. A bug thrown by `onLeading` is
 * passed on; a FaultError ends that time of leading only.
 */
export async function elect(options: ElectOptions): Promise<void> {
  const { lease, clock, signal } = options;
  while (!signal.aborted) {
    const won = await campaign(options);
    if (won) await lead(options, won.term);
    await clock.wait(jitterMs(lease.renewMs, 0.2, Math.random()), signal);
  }
}

/**
 * The state of a lock that is held, once per `renewMs`, until it is lost or the signal aborts. While Redis does not
 * answer it goes on: an incumbent may continue, because the ledger refuses it as soon as another has claimed.
 */
export async function* holdLease(
  lease: Lease,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): AsyncGenerator<LeaseState, void, undefined> {
  while (!signal.aborted) {
    await clock.wait(lease.renewMs, signal);
    if (signal.aborted) return;
    const state = await renewOrAcquire(lease, signal);
    yield state;
    if (state === 'lost') return;
  }
}

async function campaign({
  lease,
  signal,
  mayLeadWithoutLock,
  log,
}: ElectOptions): Promise<{ term: number } | undefined> {
  try {
    return await lease.acquire(signal);
  } catch (error) {
    if (signal.aborted) return undefined;
    if (!(error instanceof FaultError)) throw error;
    const may = mayLeadWithoutLock ? await unlessFault(mayLeadWithoutLock(signal)) : false;
    if (!may || signal.aborted) return undefined;
    log?.warn(
      { error: errorText(error) },
      'redis is gone and nobody leads, so this replica tries without the lock',
    );
    return { term: 0 };
  }
}

/** The answer, or no when the outside world keeps it from being found. */
async function unlessFault(answer: Promise<boolean>): Promise<boolean> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof FaultError) return false;
    throw error;
  }
}

async function lead({ lease, clock, signal, onLeading, log }: ElectOptions, term: number): Promise<void> {
  const over = new AbortController();
  const leadingSignal = AbortSignal.any([signal, over.signal]);
  let state: LeaseState = term > 0 ? 'held' : 'unreachable';
  const watch = async () => {
    for await (const next of holdLease(lease, { clock, signal: leadingSignal })) {
      if (next !== state) log?.info({ before: state, now: next }, 'leader lock changed');
      state = next;
    }
    over.abort();
  };
  const watching = watch();
  try {
    await onLeading({ term, signal: leadingSignal, state: () => state });
  } catch (error) {
    if (!(error instanceof FaultError)) throw error;
    log?.warn({ error: errorText(error) }, 'leading ended by a fault');
  } finally {
    over.abort();
    await watching;
    await lease.release();
  }
}

/** Renews; a leader that came to lead without the lock takes it as soon as Redis is back. */
async function renewOrAcquire(lease: Lease, signal: AbortSignal): Promise<LeaseState> {
  if (lease.deadlineMs() > 0) return lease.renew();
  try {
    return (await lease.acquire(signal)) ? 'held' : 'lost';
  } catch (error) {
    if (signal.aborted || error instanceof FaultError) return 'unreachable';
    throw error;
  }
}
