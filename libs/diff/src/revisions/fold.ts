import { canonicalJson } from '@meridian/manifests';

/** The same in several clusters. */
export interface Folded<Item> {
  /** In name order. */
  readonly clusters: readonly string[];
  readonly items: readonly Item[];
}

/**
 * Folds what is the same in several clusters: every distinct item once, together with the others that are true in exactly
 * the same clusters. Most clusters first; items keep the order in which they came.
 */
export function foldClusters<Item>(
  entries: readonly { readonly cluster: string; readonly items: readonly Item[] }[],
): readonly Folded<Item>[] {
  const found = new Map<string, { readonly item: Item; readonly clusters: Set<string> }>();
  for (const { cluster, items } of entries)
    for (const item of items) {
      const key = canonicalJson(item);
      const known = found.get(key) ?? { item, clusters: new Set() };
      known.clusters.add(cluster);
      found.set(key, known);
    }
  const groups = new Map<string, { readonly clusters: readonly string[]; readonly items: Item[] }>();
  for (const { item, clusters } of found.values()) {
    const names = [...clusters].sort();
    const key = names.join('\0');
    const group = groups.get(key) ?? { clusters: names, items: [] };
    group.items.push(item);
    groups.set(key, group);
  }
  return [...groups.values()].sort(
    (left, right) => right.clusters.length - left.clusters.length || compareNames(left, right),
  );
}

function compareNames(
  { clusters: [left = ''] }: Folded<unknown>,
  { clusters: [right = ''] }: Folded<unknown>,
) {
  return left < right ? -1 : left > right ? 1 : 0;
}
