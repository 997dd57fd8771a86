/** Ctrl-C and its kin. */
export interface StopSignal {
  /** Aborts at the first of them. */
  readonly signal: AbortSignal;
  /** Resolves at the first of them; keeps the process alive until then. */
  readonly stopped: Promise<void>;
  /** What to do at the second, before the process ends at once. */
  onSecond(action: () => void): void;
}

/** npm passes on the Ctrl-C that the terminal has sent to everybody already; nobody means two that fast. */
const echoMs = 500;

/** The first signal stops in order, the second at once. */
export function listenForStop(
  monotonicMs = () => performance.now(),
  exit: (code: number) => void = (code) => process.exit(code),
): StopSignal {
  const controller = new AbortController();
  let second = () => undefined as void;
  let firstMs = 0;
  let stop = () => undefined as void;
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  // The wait for a signal must keep the process alive by itself.
  const alive = setTimeout(() => undefined, 2 ** 31 - 1);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) {
        if (monotonicMs() - firstMs < echoMs) return;
        second();
        exit(130);
        return;
      }
      firstMs = monotonicMs();
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
