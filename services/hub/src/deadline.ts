/**
 * Runs `work` with a signal that aborts with `signal` or after `ms`. `isLate` says which it was. Nothing stays attached to
 * `signal` afterwards, unlike with linked signals, of which a long-lived one keeps a trace each.
 */
export async function withDeadline<T>(
  signal: AbortSignal,
  ms: number,
  work: (within: AbortSignal, isLate: () => boolean) => Promise<T>,
): Promise<T> {
  const within = new AbortController();
  let late = false;
  const stop = () => within.abort(signal.reason);
  const timer = setTimeout(() => {
    late = true;
    within.abort();
  }, ms);
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await work(within.signal, () => late);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}
