import type { ObjectKey } from '@meridian/manifests';
import { keyText } from '@meridian/manifests';

/** What a prune shall do. `remove` is in the order of deletion; `refused` is all of it when more would go than is allowed. */
export interface PrunePlan<T extends ObjectKey> {
  readonly remove: readonly T[];
  readonly kept: readonly T[];
  readonly refused: readonly T[];
}

/**
 * What of an inventory (in apply order) is not desired any more, in reverse order, last applied first. When that is more than
 * `allowed` objects nothing is removed and all of it is `refused`. An object can be planned for removal only because it is in
 * the inventory.
 */
export function planPrune<T extends ObjectKey>(
  inventory: readonly T[],
  desiredKeys: ReadonlySet<string>,
  allowed: number,
): PrunePlan<T> {
  const kept = inventory.filter((entry) => desiredKeys.has(keyText(entry)));
  const gone = inventory.filter((entry) => !desiredKeys.has(keyText(entry))).reverse();
  return gone.length > allowed ? { remove: [], kept, refused: gone } : { remove: gone, kept, refused: [] };
}
