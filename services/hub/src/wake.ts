/** A latch for loops: many calls of `ring` before the loop looks are one. */
export interface Wake {
  ring(): void;
  /** Returns at the next ring, at once if it rang since the last time, after `ms`, or when the signal aborts. */
  next(ms: number, signal: AbortSignal): Promise<'rang' | 'quiet'>;
}

const longestTimerMs = 2 ** 31 - 1;

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
      if (!rang && !signal.aborted)
        await sleep(Math.min(Math.max(0, ms), longestTimerMs), signal, (wake) => (awaken = wake));
      awaken = () => {};
      const answer = rang ? 'rang' : 'quiet';
      rang = false;
      return answer;
    },
  };
}

function sleep(ms: number, signal: AbortSignal, arm: (wake: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
    arm(done);
  });
}
