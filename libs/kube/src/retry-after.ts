/**
 * The longest that a server is left alone because it asks for it. Whoever asks for hours is a proxy that is set up wrongly, or
 * means to stop this client; and timers take no time of a month.
 */
const longestMs = 300_000;

/** What a server asks for by seconds, in milliseconds and at most five minutes; undefined when that is no time. */
export function retryAfterMs(seconds: unknown): number | undefined {
  const isTime = typeof seconds === 'number' && Number.isFinite(seconds) && seconds > 0;
  return isTime ? Math.min(seconds * 1_000, longestMs) : undefined;
}
