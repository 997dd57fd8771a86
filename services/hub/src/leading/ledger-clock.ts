import type { ClaimTime } from '@meridian/ledger';
import type { Clock } from '@meridian/runtime';

/**
 * The clock that a term decides by: the ledger's time at the claim, carried on by this process's monotonic clock. Deadlines
 * and soaks outlive terms and reports bear the time of the store, so the wall clocks of replicas, which may be minutes apart
 * or jump, must have no part in them.
 */
export function ledgerClock(clock: Clock, { atMs, heardAtMs }: ClaimTime): Clock {
  return {
    ...clock,
    nowMs: () => Math.round(atMs + clock.monotonicMs() - heardAtMs),
  };
}
