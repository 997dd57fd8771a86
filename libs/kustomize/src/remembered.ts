import type { FileTree } from './tree.ts';

const byTree = new WeakMap<FileTree, Map<string, unknown>>();

/**
 * What `make` gives for a key, made once per tree. A tree never changes, so what is parsed of it is kept as long as
 * the tree itself: a base is parsed once however many clusters render it. Values are shared and must not be changed.
 */
export function remembered<Value>(tree: FileTree, key: string, make: () => Value): Value {
  const known = byTree.get(tree) ?? new Map<string, unknown>();
  byTree.set(tree, known);
  // A key is only ever used with one type: its first word names the maker.
  if (known.has(key)) return known.get(key) as Value;
  const value = make();
  known.set(key, value);
  return value;
}
