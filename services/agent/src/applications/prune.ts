import { planPrune } from '@meridian/diff';
import { keyText } from '@meridian/manifests';
import type { KubeObject } from '@meridian/manifests';
import { FaultError, errorText } from '@meridian/runtime';
import { applicationLabel, pruneAnnotation } from '../ports.ts';
import type { InventoryEntry } from '../ports.ts';
import type { EngineContext } from './context.ts';
import { leftovers, objectName } from './held.ts';
import type { Held } from './held.ts';

/** Whether there are leftovers that a turn could do something about. */
export function isPruneOpen(held: Held, mayRetry: boolean): boolean {
  if (leftovers(held).length === 0) return false;
  if (held.pruneErrors.length > 0) return mayRetry;
  return held.pruneNote === undefined;
}

/** A leftover with what became of it when it was looked at. */
type Fate =
  | { readonly entry: InventoryEntry; readonly fate: 'remove'; readonly uid: string }
  | { readonly entry: InventoryEntry; readonly fate: 'gone' | 'foreign' | 'kept' };

/**
 * Removes what the inventory has and the bundle has not, last applied first, one after another. Nothing goes when more
 * would go than the assignment allows. An object that lost our label or has another UID is somebody else's and is
 * forgotten; one with the prune annotation is kept and stays in the inventory.
 */
export async function prune(context: EngineContext, held: Held, signal: AbortSignal): Promise<void> {
  held.pruneErrors = [];
  held.pruneNote = undefined;
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
  const removable = fates.filter((found) => found.fate === 'remove');
  const { allowedDeletions } = held.assignment;
  const plan = planPrune(
    removable.map(({ entry, uid }) => ({ ...entry, uid })),
    new Set(held.books.keys()),
    allowedDeletions,
  );
  if (plan.refused.length > 0) return refuse(context, held, plan.refused);
  await removeAll(context, held, { entries: plan.remove, signal });
  if (leftovers(held).length > 0 && held.pruneErrors.length === 0) {
    held.pruneNote = { text: `${count(leftovers(held).length)} kept by the annotation ${pruneAnnotation}` };
  }
}

async function lookAt(
  context: EngineContext,
  held: Held,
  { entry, signal }: { readonly entry: InventoryEntry; readonly signal: AbortSignal },
): Promise<Fate> {
  const live = await context.kube.get(entry, signal);
  if (!live) return { entry, fate: 'gone' };
  if (!isOurs(live, entry, held.assignment.application)) return { entry, fate: 'foreign' };
  const { annotations, uid } = live.metadata;
  if (annotations?.[pruneAnnotation] === 'disabled' || uid === undefined) return { entry, fate: 'kept' };
  return { entry, fate: 'remove', uid };
}

function isOurs(live: KubeObject, entry: InventoryEntry, application: string): boolean {
  const label = live.metadata.labels?.[applicationLabel];
  if (label === application) return true;
  return label === undefined && live.metadata.uid === entry.uid;
}

function refuse(context: EngineContext, held: Held, refused: readonly InventoryEntry[]): void {
  const { application, allowedDeletions, revision } = held.assignment;
  const names = refused.slice(0, 3).map(objectName).join(', ');
  const more = refused.length > 3 ? ' …' : '';
  const wayOut = `approve it with "meridian approve ${application}", delete them by hand, or keep them with the annotation ${pruneAnnotation}: disabled`;
  const text = `${count(refused.length)} would be deleted (${names}${more}) but ${allowedDeletions} allowed; ${wayOut}`;
  held.pruneNote = { text, refusedDeletions: refused.length };
  context.log.warn({ application, reason: text }, 'pruned nothing because more would go than is allowed');
  context.tell({ level: 'warning', type: 'prune.refused', application, revision, message: text });
}

async function removeAll(
  context: EngineContext,
  held: Held,
  { entries, signal }: { readonly entries: readonly InventoryEntry[]; readonly signal: AbortSignal },
): Promise<void> {
  const { application, revision } = held.assignment;
  const removed: InventoryEntry[] = [];
  for (const entry of entries) {
    if (signal.aborted) return;
    try {
      await context.kube.remove(entry, entry.uid, signal);
      removed.push(entry);
      forget(context, held, [entry]);
    } catch (error) {
      if (!(error instanceof FaultError)) throw error;
      held.pruneErrors = [...held.pruneErrors, `${objectName(entry)} cannot be deleted: ${errorText(error)}`];
    }
  }
  if (removed.length === 0) return;
  const message = `deleted ${removed.map(objectName).join(', ')}`;
  context.log.info(
    { application, object: removed.map(objectName) },
    'pruned objects that are not in the bundle any more',
  );
  context.tell({ level: 'info', type: 'objects.pruned', application, revision, message });
}

function forget(context: EngineContext, held: Held, entries: readonly InventoryEntry[]): void {
  if (entries.length === 0) return;
  const ids = new Set(entries.map(keyText));
  for (const id of ids) context.claims.release(id, held.assignment.application);
  held.record = {
    ...held.record,
    inventory: held.record.inventory.filter((entry) => !ids.has(keyText(entry))),
  };
}

const count = (objects: number): string => (objects === 1 ? '1 object' : `${objects} objects`);
