/** How long to wait between tries, in milliseconds. */
export interface BackoffPolicy {
  readonly firstMs: number;
  readonly factor: number;
  readonly capMs: number;
}

/**
 * The wait before try `attempt` (0 is the first retry): half fixed, half random, under an exponential cap
 * (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/). `random` is in [0, 1).
 */
export function backoffMs(policy: BackoffPolicy, attempt: number, random: number): number {
  const ceiling = Math.min(policy.capMs, policy.firstMs * policy.factor ** Math.min(attempt, 60));
  return Math.round(ceiling / 2 + (ceiling / 2) * random);
}

/** `ms` moved by up to `share` (0.2 is 20 %) in either direction, so that a fleet does not act in step. */
export function jitterMs(ms: number, share: number, random: number): number {
  return Math.round(ms * (1 - share + 2 * share * random));
}
