import { setTimeout as timer } from 'node:timers';
import { systemClock } from '@meridian/runtime';
import type { Clock } from '@meridian/runtime';

/** The machine's clock, and leaps of it: whoever waits for a time that a leap passes is woken, as after a long real wait. */
export interface LeapingClock extends Clock {
  leap(ms: number): void;
}

/** Makes one that starts now. */
export function leapingClock(): LeapingClock {
  const waiting = new Set<{ readonly dueMs: number; readonly wake: () => void }>();
  let leaptMs = 0;
  const monotonicMs = () => systemClock.monotonicMs() + leaptMs;
  return {
    nowMs: () => systemClock.nowMs() + leaptMs,
    monotonicMs,
    wait: (ms, signal) =>
      new Promise((resolve) => {
        const wake = () => {
          clearTimeout(pending);
          signal.removeEventListener('abort', wake);
          waiting.delete(waiter);
          resolve();
        };
        const waiter = { dueMs: monotonicMs() + ms, wake };
        // A timer takes 24 days at most; whoever waits longer is woken by a leap.
        const pending = timer(wake, Math.min(Math.max(ms, 0), 2 ** 31 - 1));
        waiting.add(waiter);
        signal.addEventListener('abort', wake, { once: true });
        if (signal.aborted) wake();
      }),
    leap(ms) {
      leaptMs += ms;
      const nowMs = monotonicMs();
      for (const { dueMs, wake } of waiting) if (dueMs <= nowMs) wake();
    },
  };
}
