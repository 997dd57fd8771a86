/** A doorbell: rings are merged, a wait ends at the next ring, at a time, or when the signal aborts. */
export interface Wake {
  ring(): void;
  /** Waits for a ring that was not heard yet, at most until the clock's monotonic `untilMs`. */
  heard(signal: AbortSignal, waitMs: number | undefined): Promise<void>;
}

/** Makes a doorbell. */
export function createWake(): Wake {
  let rung = false;
  let answer: (() => void) | undefined;
  return {
    ring() {
      rung = true;
      answer?.();
    },
    async heard(signal, waitMs) {
      if (!rung && !signal.aborted) await waitForRing(signal, waitMs, (resolve) => (answer = resolve));
      rung = false;
      answer = undefined;
    },
  };
}

function waitForRing(
  signal: AbortSignal,
  waitMs: number | undefined,
  listen: (resolve: () => void) => void,
): Promise<void> {
  return new Promise((resolve) => {
    const timer = waitMs === undefined ? undefined : setTimeout(done, Math.max(0, waitMs));
    signal.addEventListener('abort', done, { once: true });
    listen(done);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
}
