import { FaultError, errorText } from '@meridian/runtime';
import type { DesiredObject } from '../assignments/prepare.ts';
import { wouldBe } from './apply-ignoring.ts';
import type { EngineContext } from './context.ts';
import { bookOf } from './held.ts';
import type { Held } from './held.ts';
import type { TurnOptions } from './turn.ts';

/**
 * For an object that is not healed: what would an apply change? Nothing is written. Gives whether that is known; where the API
 * server refuses to say, the object has an error and is asked about again, and the others go on.
 */
export async function inspectObject(
  context: EngineContext,
  held: Held,
  {
    desired,
    mayRetry,
    signal,
    onSeen,
  }: Pick<TurnOptions, 'mayRetry' | 'signal' | 'onSeen'> & { readonly desired: DesiredObject },
): Promise<boolean> {
  const book = bookOf(held, desired);
  const { live } = book;
  if (book.applied || !live || desired.problem !== undefined) return true;
  if (book.error !== undefined && !mayRetry) return false;
  try {
    const answer = await context.limiter.run(() =>
      wouldBe({ kube: context.kube, content: desired, autoscaler: undefined, signal }, live),
    );
    onSeen(book, book.takeDryRun(answer, desired, context.clock.nowMs()));
    return true;
  } catch (error) {
    if (!(error instanceof FaultError) || error.code !== 'invalid') throw error;
    book.error = errorText(error);
    return false;
  }
}
