import type { Json, KubeObject, ObjectMeta } from '@meridian/manifests';

const sizes = new WeakMap<object, number>();

/**
 * How many characters the JSON of a value has at least. Parts that stand in many places, or in many bundles, are measured
 * once, so that a small build that makes much is known for that before anything is written.
 */
export function sizeOf(value: Json | KubeObject | ObjectMeta | undefined): number {
  if (typeof value === 'string') return value.length + 2;
  if (typeof value !== 'object' || value === null) return 1;
  const known = sizes.get(value);
  if (known !== undefined) return known;
  let size = 2;
  for (const [key, item] of Object.entries(value)) size += key.length + sizeOf(item);
  sizes.set(value, size);
  return size;
}
