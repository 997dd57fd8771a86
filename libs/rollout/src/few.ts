/** How many clusters one sentence speaks of: nobody reads more, and each of them is stored several times. */
const mostNamed = 8;
/** How much of what an agent reports is repeated where it says why a cluster failed. */
const mostChars = 300;

/** Names or clauses in one sentence; of a thousand the first few, and how many more there are. */
export function fewOf(parts: readonly string[], separator = ', '): string {
  if (parts.length <= mostNamed) return parts.join(separator);
  return [...parts.slice(0, mostNamed), `and ${parts.length - mostNamed} more`].join(separator);
}

/** As `fewOf` for clauses that are made one by one, of which only the first are. */
export function fewTexts<T>(items: readonly T[], text: (item: T) => string): string[] {
  const shown = items.slice(0, mostNamed).map(text);
  const left = items.length - shown.length;
  return left > 0 ? [...shown, `and ${left} more`] : shown;
}

/** A text as it is, or its beginning. */
export function shortened(text: string): string {
  return text.length <= mostChars ? text : `${text.slice(0, mostChars)}…`;
}
