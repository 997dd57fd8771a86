/** Whether the text of a field is written in quotes or as a block, where its text does not say so itself. */
export type Quotes = ReadonlyMap<string, boolean>;

const known = new WeakMap<object, Quotes>();

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
  return copy;
}
