/** The longest time that a timer of Node can hold; a longer one would fire at once. */
const longestTimerMs = 2 ** 31 - 1;

/** Resolves after `ms` (24 days at most), when the signal aborts, or when the function given to `arm` is called. */
export function sleep(
  ms: number,
  signal: AbortSignal,
  arm: (wake: () => void) => void = () => {},
): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, Math.min(Math.max(0, ms), longestTimerMs));
    signal.addEventListener('abort', done, { once: true });
    arm(done);
  });
}
