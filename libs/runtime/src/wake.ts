import { sleep } from './sleep.ts';

/** A latch for loops: many calls of `ring` before the loop looks are one. */
export interface Wake {
  ring(): void;
  /** Returns at the next ring, at once if it rang since the last time, after `ms`, or when the signal aborts. */
  next(ms: number, signal: AbortSignal): Promise<'rang' | 'quiet'>;
}

/** A new latch. One loop waits on it. */
export function createWake(): Wake {
  let rang = false;
  let awaken = () => {};
  return {
    ring() {
      rang = true;
      awaken();
    },
    async next(ms, signal) {
      if (!rang) await sleep(ms, signal, (wake) => (awaken = wake));
      awaken = () => {};
      const answer = rang ? 'rang' : 'quiet';
      rang = false;
      return answer;
    },
  };
}
