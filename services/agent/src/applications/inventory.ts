import { keyText } from '@meridian/manifests';
import type { DesiredObject } from '../assignments/prepare.ts';
import type { InventoryEntry } from '../ports.ts';

/**
 * What may exist while `desired` is applied over `old`: both. Desired objects keep a UID that is known; those that are
 * going away stay in their old order before them, so that a prune in reverse order removes dependents first.
 */
export function journalFor(
  old: readonly InventoryEntry[],
  desired: readonly DesiredObject[],
): readonly InventoryEntry[] {
  const known = new Map(old.map((entry) => [keyText(entry), entry]));
  const wanted = new Set(desired.map(({ id }) => id));
  const going = old.filter((entry) => !wanted.has(keyText(entry)));
  return [...going, ...desired.map(({ id, entry }) => entryOf(entry, known.get(id)))];
}

/** What an inventory keeps of an object beside its name. */
export type Kept = Pick<InventoryEntry, 'uid' | 'ended'>;

function entryOf(entry: InventoryEntry, kept: Kept | undefined): InventoryEntry {
  const { uid = '', ended } = kept ?? {};
  return { ...entry, uid, ...(ended === undefined ? {} : { ended }) };
}

/**
 * The inventory without objects that were only meant to be made, in a namespace, of a kind that turned out to live in none:
 * they are the desired ones under a wrong name, and nothing of them is there to prune.
 */
export function withoutWrongGuesses(
  inventory: readonly InventoryEntry[],
  desired: readonly DesiredObject[],
): readonly InventoryEntry[] {
  const clusterWide = new Set(desired.filter(({ entry }) => entry.namespace === '').map(({ id }) => id));
  const isWrong = (entry: InventoryEntry): boolean =>
    entry.uid === '' && entry.namespace !== '' && clusterWide.has(keyText({ ...entry, namespace: '' }));
  return inventory.filter((entry) => !isWrong(entry));
}

/** The inventory after an apply: the desired objects with the UIDs they have now, and what could or must not be removed. */
export function settledInventory(
  left: readonly InventoryEntry[],
  desired: readonly DesiredObject[],
  keptOf: (id: string) => Kept,
): readonly InventoryEntry[] {
  return [...left, ...desired.map(({ id, entry }) => entryOf(entry, keptOf(id)))];
}

/** Whether two inventories have the same entries in the same order. */
export function sameInventory(left: readonly InventoryEntry[], right: readonly InventoryEntry[]): boolean {
  return left.length === right.length && left.every((entry, index) => sameEntry(entry, right[index]));
}

function sameEntry(left: InventoryEntry, right: InventoryEntry | undefined): boolean {
  return (
    right !== undefined &&
    keyText(left) === keyText(right) &&
    left.uid === right.uid &&
    left.ended === right.ended &&
    left.apiVersion === right.apiVersion
  );
}
