import { keyOf, keyText } from '@meridian/manifests';
import { FaultError } from '@meridian/runtime';
import type { DesiredObject } from '../assignments/prepare.ts';
import { applicationLabel } from '../ports.ts';
import type { KindRef } from '../ports.ts';
import type { EngineContext } from './context.ts';
import { bookOf } from './held.ts';
import type { Held } from './held.ts';
import { takeStanding } from './take-standing.ts';
import type { TurnOptions } from './turn.ts';
import { kindsIn, watchedKinds } from './watched-kinds.ts';

/** How a look is taken. */
type Looking = Pick<TurnOptions, 'signal' | 'isSuperseded' | 'onSeen'>;

/**
 * How long an agent that starts waits to see what is there before it applies over it; lists of many objects take their time.
 * A kind that does not exist is waited for in vain.
 */
const patience = { leastMs: 3_000, forEachObjectMs: 2, capMs: 30_000 };

const patienceMs = ({ record: { inventory } }: Held): number =>
  Math.min(patience.capMs, patience.leastMs + patience.forEachObjectMs * inventory.length);

/**
 * What an application does first after a start: it sees what is there, tells what is missing, and takes what stands as it was
 * applied. Reads only, so that what is missing is known whoever may write.
 */
export async function lookFirst(context: EngineContext, held: Held, options: Looking): Promise<void> {
  await listsAreIn(context, held, options.signal);
  await context.slices.between();
  const unseen = madeUnseen(held);
  const kinds = new Set<string>();
  // Watches are shared: one that has begun without this application has told nothing of its objects.
  for (const { kind } of kindsIn(unseen))
    if (context.watches.isSynced(kind) && (await readKind(context, held, { ...options, kind })))
      kinds.add(nameOf(kind));
  for (const desired of unseen) {
    const book = bookOf(held, desired);
    if (kinds.has(nameOf(desired.object)) && isUnseen(held, desired))
      options.onSeen(book, book.seeMissing(context.clock.nowMs()));
  }
  await takeStanding(context, held, options);
}

const nameOf = ({ apiVersion, kind }: KindRef): string => `${apiVersion} ${kind}`;

async function listsAreIn(
  { watches, clock, allRestored }: EngineContext,
  held: Held,
  signal: AbortSignal,
): Promise<void> {
  const ready = new AbortController();
  const late = clock.wait(patienceMs(held), AbortSignal.any([signal, ready.signal]));
  // Watches begin once every application has said what it has.
  await Promise.race([allRestored(), late]);
  ready.abort();
  await watches.synced(watchedKinds(held), patienceMs(held), signal);
}

/** Desired objects that were made before the start and of which nothing is known yet. */
function madeUnseen(held: Held): readonly DesiredObject[] {
  const uids = new Map(held.record.inventory.map((entry) => [keyText(entry), entry.uid]));
  return held.desired.filter((desired) => (uids.get(desired.id) ?? '') !== '' && isUnseen(held, desired));
}

function isUnseen(held: Held, desired: DesiredObject): boolean {
  const { verdict, applied, live } = bookOf(held, desired);
  return verdict.health === 'Unknown' && !applied && !live;
}

/** Takes what is there of a kind. False when that cannot be told now: nothing is missing because of it. */
async function readKind(
  { kube, limiter, clock }: EngineContext,
  held: Held,
  { kind: { apiVersion, kind }, signal, onSeen }: Looking & { readonly kind: KindRef },
): Promise<boolean> {
  const labelSelector = `${applicationLabel}=${held.assignment.application}`;
  const query = { apiVersion, kind, namespace: '', labelSelector };
  try {
    const objects = await limiter.run(() => kube.list(query, signal));
    const known = new Map(held.desired.map((desired) => [desired.id, desired]));
    for (const object of objects) {
      const desired = known.get(keyText(keyOf(object)));
      // What a watch has told meanwhile is newer.
      if (!desired || !isUnseen(held, desired)) continue;
      const book = bookOf(held, desired);
      onSeen(book, book.see({ type: 'changed', object }, clock.nowMs()));
    }
    return true;
  } catch (error) {
    if (error instanceof FaultError || signal.aborted) return false;
    throw error;
  }
}
