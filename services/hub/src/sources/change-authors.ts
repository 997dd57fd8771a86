import { errorText } from '@meridian/runtime';
import type { Clock } from '@meridian/runtime';

/** The commits that one revision has and an earlier one does not. */
export interface Change {
  /** Undefined: everything that led to `to`. */
  readonly from: string | undefined;
  readonly to: string;
}

/** Who wrote a change: mail addresses and names; undefined when nobody can say. */
export type AuthorsOf = (change: Change, signal: AbortSignal) => Promise<readonly string[] | undefined>;

/** Applications mostly come from the same revision and go to the same one. */
const mostKept = 64;
/** Beyond this git is not well, and nobody waits for it. */
const timeoutMs = 5_000;
/** How long a change that could not be asked about is left alone: a leader decides on many applications one after the other. */
const againMs = 30_000;

/**
 * As `ask` says, remembered for changes that it has been asked about lately. One that it cannot tell now is asked about again,
 * after a failure in half a minute.
 */
export function changeAuthors(
  ask: AuthorsOf,
  log: { warn(fields: object, message: string): void },
  clock: Pick<Clock, 'monotonicMs'>,
): AuthorsOf {
  const kept = new Map<string, readonly string[]>();
  let failed: { readonly key: string; readonly untilMs: number } | undefined;
  return async ({ from, to }, signal) => {
    const key = `${from ?? ''}..${to}`;
    const known = kept.get(key);
    if (known) return known;
    signal.throwIfAborted();
    if (failed?.key === key && clock.monotonicMs() < failed.untilMs) return undefined;
    try {
      const authors = await ask({ from, to }, AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]));
      if (authors) kept.set(key, authors);
      for (const oldest of kept.keys()) if (kept.size > mostKept) kept.delete(oldest);
      return authors;
    } catch (error) {
      signal.throwIfAborted();
      failed = { key, untilMs: clock.monotonicMs() + againMs };
      log.warn({ from, to, error: errorText(error) }, 'git does not say who wrote a change');
      return undefined;
    }
  };
}
