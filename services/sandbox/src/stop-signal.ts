/** Ctrl-C and its kin. */
export interface StopSignal {
  /** Aborts at the first of them. */
  readonly signal: AbortSignal;
  /** Resolves at the first of them; keeps the process alive until then. */
  readonly stopped: Promise<void>;
  /** What to do at the second, before the process ends at once. */
  onSecond(action: () => void): void;
}

/** The first signal stops in order, the second at once. */
export function listenForStop(): StopSignal {
  const controller = new AbortController();
  let second = () => undefined as void;
  let stop = () => undefined as void;
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  // The wait for a signal must keep the process alive by itself.
  const alive = setTimeout(() => undefined, 2 ** 31 - 1);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) {
        second();
        process.exit(130);
      }
      clearTimeout(alive);
      controller.abort(new Error('stopped before it was up'));
      stop();
    });
  }
  return {
    signal: controller.signal,
    stopped,
    onSecond(action: () => void) {
      second = action;
    },
  };
}
