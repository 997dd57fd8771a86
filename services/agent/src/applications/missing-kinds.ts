import { backoffMs } from '@meridian/retry';
import type { FaultError } from '@meridian/runtime';
import type { DesiredObject } from '../assignments/prepare.ts';
import type { EngineContext } from './context.ts';
import { bookOf, isUnwritten, objectName } from './held.ts';
import type { Held } from './held.ts';

/**
 * How soon it is looked again whether the cluster serves a kind by now. Each look is one discovery for all objects of all
 * applications that wait; it needs no right, and sees kinds of aggregated API servers as well as definitions.
 */
const looks = { firstMs: 1_000, factor: 1.5, capMs: 10_000 };

/** What a time of looking is kept in. */
type Looks = Pick<Held, 'kindsAtMs' | 'kindLooks'>;

/** At the start of a turn: whether objects whose kinds were missing are tried now. The next time is set at once. */
export function beginKindLook(
  held: Looks,
  { clock, random }: Pick<EngineContext, 'clock' | 'random'>,
): boolean {
  const nowMs = clock.monotonicMs();
  if (held.kindsAtMs === undefined || nowMs < held.kindsAtMs) return false;
  held.kindsAtMs = nowMs + backoffMs(looks, held.kindLooks, random());
  held.kindLooks += 1;
  return true;
}

/** At the end of a turn: looks go on while there is an object to look for. */
export function planKindLook(held: Held, { clock }: Pick<EngineContext, 'clock'>): void {
  const isOpen = held.desired.some(
    (desired) => isUnwritten(held, desired) && bookOf(held, desired).lacksKind,
  );
  if (isOpen) held.kindsAtMs ??= clock.monotonicMs() + looks.firstMs;
  else [held.kindsAtMs, held.kindLooks] = [undefined, 0];
}

/** Whether a write failed because the cluster does not serve the kind; another thing that is missing is its namespace. */
export async function isKindMissing(
  { kube }: Pick<EngineContext, 'kube'>,
  error: FaultError,
  { object }: DesiredObject,
  signal: AbortSignal,
): Promise<boolean> {
  return error.code === 'not_found' && (await kube.isNamespaced(object, signal)) === undefined;
}

/** Whether it was guessed that an object lives in a namespace, and the cluster by now says that its kind does not. */
export async function isMisprepared(
  { kube, limiter }: Pick<EngineContext, 'kube' | 'limiter'>,
  { object, entry, isScopeGuessed }: DesiredObject,
  signal: AbortSignal,
): Promise<boolean> {
  if (!isScopeGuessed) return false;
  // Asks the cluster anew while the kind is unknown, and throws then.
  await limiter.run(() => kube.get(entry, signal));
  return (await kube.isNamespaced(object, signal)) === false;
}

/** Whether an object is to hold up no other while its kind is missing, and it is. */
export function waitsForKind(held: Held, desired: DesiredObject): boolean {
  return (
    desired.options.missingKind === 'wait' && bookOf(held, desired).lacksKind && isUnwritten(held, desired)
  );
}

/** What an object waits for, as a clause. */
export const kindWaitText = ({ object: { apiVersion, kind } }: DesiredObject): string =>
  `it waits until the cluster serves ${kind} of ${apiVersion}`;

const shownWaits = 5;

/** The objects that wait for their kinds, as at most one sentence. */
export function kindWaitNotes(held: Held): readonly string[] {
  const waiting = held.desired.filter((desired) => waitsForKind(held, desired));
  if (waiting.length === 0) return [];
  const names = waiting
    .slice(0, shownWaits)
    .map(({ entry, object: { apiVersion } }) => `${objectName(entry)} (${apiVersion})`);
  const more = waiting.length > shownWaits ? [`${waiting.length - shownWaits} more`] : [];
  return [`waits until the cluster serves the kinds of ${[...names, ...more].join(', ')}`];
}
