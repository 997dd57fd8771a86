import { planPrune } from '@meridian/diff';
import { keyText, optionsOf } from '@meridian/manifests';
import type { KubeObject } from '@meridian/manifests';
import { FaultError, errorText } from '@meridian/runtime';
import { applicationLabel, pruneAnnotation } from '../ports.ts';
import type { InventoryEntry } from '../ports.ts';
import type { PruneContext } from './context.ts';
import { handOver, isPromised } from './hand-over.ts';
import { guardText } from './deletion-guard.ts';
import { takePermit } from './held-limits.ts';
import { takerOf, waitText } from './moves.ts';
import { isFreeze } from '../limits/limited-kube.ts';
import { leftovers, objectName } from './held.ts';
import type { Held, PruneNote } from './held.ts';

/** How long after a refusal the objects are looked at again. */
const againMs = 10_000;

/**
 * How long an assignment is held before anything is pruned for it: a commit that moves an object from one application to
 * another comes as two assignments, in any order.
 */
const graceMs = 2_000;

/** How long after a look that came too early the next one is. */
const lookMs = 500;

/** When leftovers may be pruned, in monotonic milliseconds; undefined when there are none, or when a turn has noted that time. */
export function nextPruneAt(held: Held): number | undefined {
  return isPruneOpen(held) && held.pruneAtMs !== 0 ? held.pruneAtMs : undefined;
}

/** At the start of a turn: times that have come ring no more, whether or not the turn gets as far as what they were for. */
export function noteLooks(held: Held, nowMs: number): void {
  held.hooksAtMs = undefined;
  held.pruneAtMs ??= nowMs + graceMs;
  if (nowMs >= held.pruneAtMs) held.pruneAtMs = 0;
}

/** Whether there are leftovers that nobody has decided on: neither removed nor left in place with a note that says why. */
export function isPruneOpen(held: Held): boolean {
  return leftovers(held).length > 0 && (held.pruneErrors.length > 0 || held.pruneNote === undefined);
}

/** Whether a turn shall look at the leftovers now. */
export function isPruneDue(held: Held, nowMs: number, mayRetry: boolean): boolean {
  if (isPruneOpen(held))
    return nowMs >= (held.pruneAtMs ?? Infinity) && (mayRetry || held.pruneErrors.length === 0);
  const isTaken = mayRetry && held.pruneNote?.isPromise === true;
  return isTaken || (held.pruneNote?.againAtMs ?? Infinity) <= nowMs;
}

/** Whether refused objects are to be looked at again; the next time is set at once, also for a turn that ends early. */
export function beginLook(held: Held, nowMs: number): boolean {
  const { pruneNote } = held;
  if (pruneNote?.againAtMs === undefined || pruneNote.againAtMs > nowMs) return false;
  held.pruneNote = { ...pruneNote, againAtMs: nowMs + againMs };
  return true;
}

/** A leftover with what became of it when it was looked at. */
type Fate =
  | { readonly entry: InventoryEntry; readonly fate: 'remove'; readonly uid: string }
  | {
      readonly entry: InventoryEntry;
      readonly fate: 'gone' | 'foreign' | 'kept' | 'promised' | 'moving' | 'unserved';
    };

/**
 * Removes what the inventory has and the bundle has not, last applied first, one after another. Nothing goes when more
 * would go than the assignment allows. An object that lost our label or has another UID is somebody else's and is
 * forgotten; one with the prune annotation is kept and stays in the inventory, and so does one that another application
 * is to take over and has not yet, whether it wants the object here already or the hub says that it will.
 */
export async function prune(context: PruneContext, held: Held, signal: AbortSignal): Promise<void> {
  held.pruneErrors = [];
  held.limits.deletions = [];
  if (handOver(context, held, leftovers(held)) === 'unread') {
    held.pruneAtMs = context.clock.monotonicMs() + lookMs;
    return;
  }
  const open = leftovers(held);
  const withdrawn = held.assignment.bundle === undefined;
  if (!held.assignment.prune && !withdrawn) {
    held.pruneNote = { text: `${count(open.length)} left in place because pruning is off` };
    return;
  }
  const fates = await Promise.all(
    open.map((entry) => context.limiter.run(() => lookAt(context, held, { entry, signal }))),
  );
  forget(
    context,
    held,
    fates.filter(({ fate }) => fate === 'gone' || fate === 'foreign').map(({ entry }) => entry),
  );
  const removable = withinLimits(
    context,
    held,
    fates.filter((found) => found.fate === 'remove'),
  );
  const plan = planPrune(
    removable.map(({ entry, uid }) => ({ ...entry, uid })),
    new Set(held.books.keys()),
    allowanceOf(held),
  );
  if (plan.refused.length > 0) return refuse(context, held, plan.refused);
  const guard = guardText(context.limits, held, plan.remove);
  if (guard !== undefined) return note(context, held, { text: guard, isGuarded: true });
  if ((await removeAll(context, held, { entries: plan.remove, signal })) === 'waits') return;
  held.pruneNote = held.pruneErrors.length === 0 ? noteOfLeft(context, held, fates) : undefined;
}

/** What is still known, and has to be: kept for good, until another application has it, or until its kind is served again. */
function noteOfLeft(context: PruneContext, held: Held, fates: readonly Fate[]): Held['pruneNote'] {
  const left = leftovers(held);
  const unserved = fates.filter(({ fate }) => fate === 'unserved').length;
  const promised = left.filter((entry) => isPromised(context, held, entry)).length;
  const moving = fates.flatMap(({ entry, fate }) =>
    fate === 'moving' && !isPromised(context, held, entry) ? entry : [],
  );
  const kept = left.length - promised - moving.length - unserved;
  const waits = waitText(held.assignment.moves, moving);
  const text = [
    ...(moving.length > 0 ? [waits] : []),
    ...(kept > 0 ? [`${count(kept)} kept as their annotations or the limits of this cluster say`] : []),
    ...(promised > 0 ? [`${count(promised)} to be taken over by other applications`] : []),
    ...(unserved > 0 ? [`${count(unserved)} of kinds that the cluster does not serve`] : []),
  ].join('; ');
  if (left.length === 0) return undefined;
  return {
    text,
    ...(promised + moving.length > 0 ? { isPromise: true } : {}),
    ...(moving.length > 0 ? { waits } : {}),
    // Whoever takes over what the hub has named asks for it; that may be weeks from now.
    ...(promised + unserved > 0 ? { againAtMs: context.clock.monotonicMs() + againMs } : {}),
  };
}

async function lookAt(
  context: PruneContext,
  held: Held,
  { entry, signal }: { readonly entry: InventoryEntry; readonly signal: AbortSignal },
): Promise<Fate> {
  const live = await liveOf(context, entry, signal);
  if (live === 'unserved') return { entry, fate: 'unserved' };
  return live ? fateOf(context, held, { entry, live }) : { entry, fate: 'gone' };
}

function fateOf(
  context: PruneContext,
  held: Held,
  { entry, live }: { readonly entry: InventoryEntry; readonly live: KubeObject },
): Fate {
  // Known by a namespace that its kind has not, from when the kind was not known: the bundle has it under its right name.
  const key = keyText({ ...entry, namespace: live.metadata.namespace ?? '' });
  if (key !== keyText(entry) && held.named.has(key)) return { entry, fate: 'gone' };
  if (!isOurs(live, entry, held.assignment.application)) return { entry, fate: 'foreign' };
  if (isPromised(context, held, entry)) return { entry, fate: 'promised' };
  if (takerOf(held.assignment.moves, entry) !== undefined) return { entry, fate: 'moving' };
  const { uid } = live.metadata;
  const { prune: pruned, remove } = optionsOf(live);
  const removal = held.assignment.bundle === undefined ? remove : pruned;
  if (removal !== 'allowed' || uid === undefined) return { entry, fate: 'kept' };
  return { entry, fate: 'remove', uid };
}

/** `unserved` when the cluster does not know the kind: a definition that went has taken it along, or its server is away. */
async function liveOf(
  { kube }: PruneContext,
  entry: InventoryEntry,
  signal: AbortSignal,
): Promise<KubeObject | 'unserved' | undefined> {
  try {
    return await kube.get(entry, signal);
  } catch (error) {
    if (error instanceof FaultError && error.code === 'not_found') return 'unserved';
    throw error;
  }
}

function isOurs(live: KubeObject, entry: InventoryEntry, application: string): boolean {
  const label = live.metadata.labels?.[applicationLabel];
  if (label === application) return true;
  return label === undefined && live.metadata.uid === entry.uid;
}

/** What is left of the deletions that the assignment allows. */
function allowanceOf({ assignment, record }: Held): number {
  return Math.max(0, assignment.allowedDeletions - (record.removed ?? 0));
}

/** What the limits of this cluster let go; the rest stays, and is named. */
function withinLimits<T extends { readonly entry: InventoryEntry }>(
  { limits }: PruneContext,
  held: Held,
  found: readonly T[],
): readonly T[] {
  return found.filter(({ entry }) => {
    const why = limits.rules.refusalOf(entry);
    if (why === undefined) return true;
    held.limits.deletions = [...held.limits.deletions, `${objectName(entry)} is not deleted: ${why}`];
    return false;
  });
}

function refuse(context: PruneContext, held: Held, refused: readonly InventoryEntry[]): void {
  const { application } = held.assignment;
  const names = refused.slice(0, 3).map(objectName).join(', ');
  const more = refused.length > 3 ? ' …' : '';
  const wayOut = `approve it with "meridian approve ${application}", delete them by hand, or keep them with the annotation ${pruneAnnotation}: disabled`;
  const text = `${count(refused.length)} would be deleted (${names}${more}) but ${allowanceOf(held)} allowed; ${wayOut}`;
  note(context, held, { text, refusedDeletions: refused.length });
}

/** Notes why nothing is deleted, says so once, and looks again later. */
function note(context: PruneContext, held: Held, why: PruneNote): void {
  const { application, revision } = held.assignment;
  const { text } = why;
  const isNews = held.pruneNote?.text !== text;
  const againAtMs = context.clock.monotonicMs() + againMs;
  held.pruneNote = { ...why, againAtMs };
  if (!isNews) return;
  context.log.warn({ application, reason: text }, 'pruned nothing because more would go than is allowed');
  context.tell({ level: 'warning', type: 'prune.refused', application, revision, message: text });
}

async function removeAll(
  context: PruneContext,
  held: Held,
  { entries, signal }: { readonly entries: readonly InventoryEntry[]; readonly signal: AbortSignal },
): Promise<'waits' | 'done'> {
  const removed: InventoryEntry[] = [];
  for (const entry of entries) {
    if (signal.aborted) return 'done';
    if (handOver(context, held, [entry]) !== 'nothing') continue;
    if (!takePermit(context, held, 'deletions')) {
      held.pruneNote = undefined;
      held.pruneAtMs = held.limits.waitUntilMs;
      tellRemoved(context, held, removed);
      return 'waits';
    }
    try {
      await context.kube.remove(entry, entry.uid, signal);
      removed.push(entry);
      held.record = { ...held.record, removed: (held.record.removed ?? 0) + 1 };
      forget(context, held, [entry]);
    } catch (error) {
      // A freeze that began meanwhile ends the turn, and is no fault of the object.
      if (!(error instanceof FaultError) || isFreeze(error)) throw error;
      held.pruneErrors = [...held.pruneErrors, `${objectName(entry)} cannot be deleted: ${errorText(error)}`];
    }
  }
  tellRemoved(context, held, removed);
  return 'done';
}

function tellRemoved(context: PruneContext, held: Held, removed: readonly InventoryEntry[]): void {
  if (removed.length === 0) return;
  const { application, revision } = held.assignment;
  const message = `deleted ${removed.map(objectName).join(', ')}`;
  context.log.info(
    { application, object: removed.map(objectName) },
    'pruned objects that are not in the bundle any more',
  );
  context.tell({ level: 'info', type: 'objects.pruned', application, revision, message });
}

function forget(context: PruneContext, held: Held, entries: readonly InventoryEntry[]): void {
  if (entries.length === 0) return;
  const ids = new Set(entries.map(keyText));
  for (const id of ids) context.claims.release(id, held.assignment.application);
  held.record = {
    ...held.record,
    inventory: held.record.inventory.filter((entry) => !ids.has(keyText(entry))),
  };
}

const count = (objects: number): string => (objects === 1 ? '1 object' : `${objects} objects`);
