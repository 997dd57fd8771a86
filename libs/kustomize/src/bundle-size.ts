/** A larger bundle is refused, because agents would refuse to read it. */
export const mostBundleBytes = 32 * 1024 * 1024;

const sizes = new WeakMap<object, number>();

/** Smaller parts are measured again in less time than it takes to remember them. */
const leastKept = 512;

/**
 * How many characters the JSON of a value has at least. Parts that stand in many places are measured once, so that a small
 * value that makes much is known for that before anything is written.
 */
export function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length + 2;
  if (typeof value !== 'object' || value === null) return 1;
  const known = sizes.get(value);
  if (known !== undefined) return known;
  let size = 2;
  for (const key of Object.keys(value)) {
    const item: unknown = Reflect.get(value, key);
    size += key.length + sizeOf(item);
  }
  if (size >= leastKept) sizes.set(value, size);
  return size;
}
