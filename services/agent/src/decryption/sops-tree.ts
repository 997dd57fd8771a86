import type { Json } from '@meridian/manifests';
import { isJsonObject } from '../json.ts';
import { decryptValue, isEncrypted } from './sops-value.ts';
import type { SopsValue } from './sops-value.ts';

/**
 * A tree with every encrypted text in it decrypted and given to `take`; what was not encrypted stays. `path` is where the
 * tree stands in its file.
 */
export function decryptTree(
  tree: Json,
  dataKey: Buffer,
  {
    path,
    take,
  }: { readonly path: readonly string[]; readonly take: (value: SopsValue, path: readonly string[]) => Json },
): Json {
  if (typeof tree === 'string')
    return isEncrypted(tree) ? take(decryptValue(tree, dataKey, path), path) : tree;
  // Items of a list have the path of the list (getsops/sops, sops.go, walkSlice).
  if (Array.isArray(tree)) return tree.map((item: Json) => decryptTree(item, dataKey, { path, take }));
  if (!isJsonObject(tree)) return tree;
  return Object.fromEntries(
    Object.entries(tree).map(([key, value]) => [
      key,
      decryptTree(value, dataKey, { path: [...path, key], take }),
    ]),
  );
}

/** A decrypted value as JSON has it. */
export function jsonOf({ bytes, type }: SopsValue): Json {
  const text = bytes.toString('utf8');
  if (type === 'bool') return text.toLowerCase() === 'true';
  if (type === 'int' || type === 'float') return Number(text);
  return text;
}
