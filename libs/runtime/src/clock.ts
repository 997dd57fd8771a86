import { sleep } from './sleep.ts';

/** Time as an argument: wall time for display, monotonic time for deadlines and leases. Both in milliseconds. */
export interface Clock {
  /** Unix time. May jump; never used to decide a deadline. */
  nowMs(): number;
  /** Grows evenly from an arbitrary start. */
  monotonicMs(): number;
  /** Resolves after `ms`, or at once when `signal` aborts (it never rejects). */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

/** The machine's clock. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  wait: (ms, signal) => sleep(ms, signal),
};
