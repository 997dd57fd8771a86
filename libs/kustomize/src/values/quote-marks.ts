/** Whether the text of a field is written in quotes or as a block, where its text does not say so itself. */
export type Quotes = ReadonlyMap<string, boolean>;

const known = new WeakMap<object, Quotes>();

/** One key, as mostly a name, or several. */
const untagged = new WeakMap<object, string | ReadonlySet<string>>();

/** Keeps of a mapping that was made just now whether kustomize wrote a field's scalar with neither quotes nor tag. */
export function noteUntagged(fields: object, key: string, isBare: boolean): void {
  const known = untagged.get(fields);
  if (isAmong(known, key) === isBare) return;
  if (known === undefined) untagged.set(fields, key);
  else
    untagged.set(
      fields,
      new Set([...keysIn(known).filter((each) => each !== key), ...(isBare ? [key] : [])]),
    );
}

function isAmong(keys: string | ReadonlySet<string> | undefined, key: string): boolean {
  return typeof keys === 'object' ? keys.has(key) : keys === key;
}

function keysIn(keys: string | ReadonlySet<string>): readonly string[] {
  return typeof keys === 'object' ? [...keys] : [keys];
}

/** Whether the scalar of a field has neither quotes nor tag: whatever is written over it is what it looks like. */
export function isUntagged(fields: object, key: string): boolean {
  return isAmong(untagged.get(fields), key);
}

/**
 * Keeps which texts of a mapping are in quotes, for a mapping that was made just now. It matters once: kustomize lets a
 * value that takes the place of a quoted text have its quotes, so that a number of a patch becomes text.
 */
export function rememberQuotes(fields: object, quotes: Quotes): void {
  known.set(fields, quotes);
}

/** What is known about the quotes of a mapping. */
export function quotesOf(fields: object): Quotes | undefined {
  return known.get(fields);
}

/** A copy of a mapping with what is known about the quotes of the original; a field that is set keeps its quotes. */
export function withQuotesOf<Copy extends object>(copy: Copy, original: object): Copy {
  const quotes = known.get(original);
  if (quotes) known.set(copy, quotes);
  const keys = untagged.get(original);
  if (keys !== undefined) untagged.set(copy, keys);
  return copy;
}
