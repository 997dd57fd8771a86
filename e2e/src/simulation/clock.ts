import { FaultError } from '@meridian/runtime';
import type { Clock } from '@meridian/runtime';
import { startMs } from './realm.ts';
import type { Process, Schedule } from './schedule.ts';

/** The clock of a process: its wall clock may be wrong, its monotonic one is true. */
export function clockOf(schedule: Schedule, process: Process): Clock {
  return {
    nowMs: () => startMs + schedule.nowMs + process.skewMs,
    monotonicMs: () => 1_000 + schedule.nowMs,
    wait: (ms, signal) => wait(schedule, process, { ms, signal }),
  };
}

/** What a leader waits for again and again to learn whether it was held up (`services/hub/src/leading/lag.ts`). */
const beatMs = 100;
/** It takes this long here: most events would be beats otherwise. A leader that stood still steps down a little earlier. */
const slowBeatMs = 1_000;

function wait(
  schedule: Schedule,
  process: Process,
  { ms, signal }: { readonly ms: number; readonly signal: AbortSignal },
): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      planned.cancel();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const planned = schedule.after(ms === beatMs ? slowBeatMs : ms, process, done);
    signal.addEventListener('abort', done, { once: true });
  });
}

/** The fault of an outside system that gave no answer. */
export function noAnswer(what: string): FaultError {
  return new FaultError('timeout', `${what} did not answer`, { retry: 'later' });
}
