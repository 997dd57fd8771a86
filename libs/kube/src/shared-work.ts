/** Work that several callers wait for, each with its own signal. */
export interface SharedWork<T> {
  /** Joins the work that runs or starts it. An aborted signal ends the wait of its caller only. */
  join(signal: AbortSignal): Promise<T>;
}

/** Runs `work` at most once at a time. `work` must bound its own time: no caller's signal reaches it. */
export function sharedWork<T>(work: (signal: AbortSignal) => Promise<T>): SharedWork<T> {
  const never = new AbortController().signal;
  let running: Promise<T> | undefined;
  return {
    join(signal) {
      running ??= work(never).finally(() => {
        running = undefined;
      });
      return untilAborted(running, signal);
    },
  };
}

async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason)));
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    if (stop) signal.removeEventListener('abort', stop);
  }
}
