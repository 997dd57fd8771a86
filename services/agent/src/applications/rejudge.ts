import type { EngineContext } from './context.ts';
import { bookOf } from './held.ts';
import type { Held } from './held.ts';
import type { ObjectBook, Seen } from './object-book.ts';

/** How objects are looked at again. */
interface Rejudging {
  readonly signal: AbortSignal;
  readonly onSeen: (book: ObjectBook, seen: Seen) => void;
}

/**
 * Looks again at objects whose verdict is by a rule that is another one now, for nothing but a look tells what the new one says
 * of them. Nothing is written. Throws FaultError when the cluster cannot be asked; then the rest is looked at in the next turn.
 */
export async function rejudge(
  { kube, limiter, clock }: EngineContext,
  held: Held,
  { signal, onSeen }: Rejudging,
): Promise<void> {
  const stale = held.desired.filter((desired) => bookOf(held, desired).isJudgedByOther);
  await Promise.all(
    stale.map(async (desired) => {
      const book = bookOf(held, desired);
      const live = await limiter.run(() => kube.get(desired.entry, signal));
      onSeen(book, book.rejudge(live, clock.nowMs()));
    }),
  );
}
