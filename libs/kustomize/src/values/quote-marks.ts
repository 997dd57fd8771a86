/** Whether the text of a field is written in quotes or as a block, where its text does not say so itself. */
export type Quotes = ReadonlyMap<string, boolean>;

const marks = Symbol('marks');

/**
 * A mapping or a list that keeps how it is written. Under a symbol: copies of a mapping made with `...` keep it, keys never
 * show it, and where nothing is to be kept it costs nothing.
 */
interface Marked {
  [marks]?: Marks;
}

/** What is known of how a mapping or a list is written; never changed, as copies share it. */
interface Marks {
  readonly quotes?: Quotes | undefined;
  /** One key, as mostly a name, or several. */
  readonly untagged?: string | ReadonlySet<string> | undefined;
  readonly isFlow?: boolean | undefined;
}

function marksOf(collection: Marked): Marks | undefined {
  return collection[marks];
}

function mark(collection: Marked, known: Marks): void {
  collection[marks] = known;
}

/** Keeps of a mapping that was made just now whether kustomize wrote a field's scalar with neither quotes nor tag. */
export function noteUntagged(fields: object, key: string, isBare: boolean): void {
  const known = marksOf(fields);
  const { untagged } = known ?? {};
  if (isAmong(untagged, key) === isBare) return;
  const keys = [...keysIn(untagged).filter((each) => each !== key), ...(isBare ? [key] : [])];
  mark(fields, { ...known, untagged: untagged === undefined ? key : new Set(keys) });
}

function isAmong(keys: string | ReadonlySet<string> | undefined, key: string): boolean {
  return typeof keys === 'object' ? keys.has(key) : keys === key;
}

function keysIn(keys: string | ReadonlySet<string> | undefined): string[] {
  if (keys === undefined) return [];
  return typeof keys === 'object' ? [...keys] : [keys];
}

/** Whether the scalar of a field has neither quotes nor tag: whatever is written over it is what it looks like. */
export function isUntagged(fields: object, key: string): boolean {
  return isAmong(marksOf(fields)?.untagged, key);
}

/**
 * Keeps which texts of a mapping are in quotes, for a mapping that was made just now. It matters once: kustomize lets a
 * value that takes the place of a quoted text have its quotes, so that a number of a patch becomes text.
 */
export function rememberQuotes(fields: object, quotes: Quotes): void {
  const known = marksOf(fields);
  if (known === undefined && quotes.size === 0) return;
  mark(fields, { quotes, untagged: known?.untagged, isFlow: known?.isFlow });
}

/** What is known about the quotes of a mapping. */
export function quotesOf(fields: object): Quotes | undefined {
  return marksOf(fields)?.quotes;
}

/** Keeps of a mapping or list that was made just now whether it stands in brackets or braces. */
export function noteFlow(collection: object, isInFlow: boolean): void {
  const known = marksOf(collection);
  if (known === undefined && isInFlow) mark(collection, onlyFlow);
  else if ((known?.isFlow === true) !== isInFlow) mark(collection, { ...known, isFlow: isInFlow });
}

const onlyFlow: Marks = { quotes: undefined, untagged: undefined, isFlow: true };

/** Whether kustomize writes a mapping or list, and all that is in it, in brackets or braces. */
export function isFlow(collection: object): boolean {
  return marksOf(collection)?.isFlow === true;
}

/** Whether the same is known of how two mappings or lists are written: all of it, since steps ask for each part. */
export function areMarkedAlike(left: object, right: object): boolean {
  const [one, other] = [marksOf(left), marksOf(right)];
  if (one === other) return true;
  const areTagged = keysIn(one?.untagged).sort().join('\n') === keysIn(other?.untagged).sort().join('\n');
  return (
    (one?.isFlow === true) === (other?.isFlow === true) && areTagged && areSame(one?.quotes, other?.quotes)
  );
}

const noQuotes: Quotes = new Map();

function areSame(left = noQuotes, right = noQuotes): boolean {
  return left.size === right.size && [...left].every(([key, quoted]) => right.get(key) === quoted);
}

/** Whether anything is known of how a mapping or list is written. */
export function isMarked(collection: object): boolean {
  return marksOf(collection) !== undefined;
}

/** A copy of a mapping or list with what is known of how the original is written; a field that is set keeps its quotes. */
export function withQuotesOf<Copy extends object>(copy: Copy, original: object): Copy {
  const known = marksOf(original);
  if (known) mark(copy, known);
  return copy;
}

/** A copy of a mapping of which nothing is known. */
export function withoutMarks<Copied extends object>(fields: Copied): Omit<Copied, typeof marks> {
  const { [marks]: _, ...rest }: Copied & Marked = fields;
  return rest;
}
