import { haveSameNames } from '../resources/same-names.ts';
import type { Resource } from '../resources/resource.ts';
import type { Resources } from './step.ts';

/** An object that is not what stood in its place in an earlier build. */
export interface ChangedPosition {
  readonly at: number;
  readonly now: Resource;
}

/** Where objects are not those of an earlier build; undefined when they cannot be held against them one by one: their number or their names differ. */
export function changedPositions(before: Resources, now: Resources): readonly ChangedPosition[] | undefined {
  if (before.length !== now.length) return undefined;
  const changed: ChangedPosition[] = [];
  for (let at = 0; at < now.length; at += 1) {
    const each = now[at];
    if (!each || each === before[at]) continue;
    if (!haveSameNames(before[at], each)) return undefined;
    changed.push({ at, now: each });
  }
  return changed;
}

/** A list with other items where something changed, in the order of the changes. */
export function withChanged<Item>(
  list: readonly Item[],
  changed: readonly ChangedPosition[],
  next: readonly Item[],
): readonly Item[] {
  const after = [...list];
  for (const [index, { at }] of changed.entries()) {
    const item = next[index];
    if (item !== undefined) after[at] = item;
  }
  return after;
}
