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
  readonly untagged?: Keys;
  readonly tagged?: ReadonlySet<string> | undefined;
  readonly isFlow?: boolean | undefined;
}

/** One key, as mostly a name, or several. */
type Keys = string | ReadonlySet<string> | undefined;

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

/** Keeps of a mapping that is being read that the scalar of a field has a tag written before it, and no quotes. */
export function noteTagged(fields: object, key: string): void {
  const known = marksOf(fields);
  if (known?.tagged instanceof Set) known.tagged.add(key);
  else rememberTagged(fields, [key]);
}

/** Keeps of a mapping that was made just now which of its fields are so. */
export function rememberTagged(fields: object, keys: readonly string[]): void {
  mark(fields, { ...marksOf(fields), tagged: keys.length === 0 ? undefined : new Set(keys) });
}

function isAmong(keys: Keys, key: string): boolean {
  return typeof keys === 'object' ? keys.has(key) : keys === key;
}

function keysIn(keys: Keys): string[] {
  if (keys === undefined) return [];
  return typeof keys === 'object' ? [...keys] : [keys];
}

/** Whether the scalar of a field has neither quotes nor tag: whatever is written over it is what it looks like. */
export function isUntagged(fields: object, key: string): boolean {
  return isAmong(marksOf(fields)?.untagged, key);
}

/** Whether the scalar of a field has a tag written before it, and no quotes: what is written over it gets none. */
export function isTagged(fields: object, key: string): boolean {
  return marksOf(fields)?.tagged?.has(key) === true;
}

/** Whether any field of a mapping is so. */
export function hasTagged(fields: object): boolean {
  return marksOf(fields)?.tagged !== undefined;
}

/**
 * Keeps which texts of a mapping are in quotes, for a mapping that was made just now. It matters once: kustomize lets a
 * value that takes the place of a quoted text have its quotes, so that a number of a patch becomes text.
 */
export function rememberQuotes(fields: object, quotes: Quotes): void {
  const known = marksOf(fields);
  if (known === undefined && quotes.size === 0) return;
  mark(fields, { ...known, quotes });
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
  return one === other || areAlike(one ?? noMarks, other ?? noMarks);
}

const noMarks: Marks = {};

function areAlike(one: Marks, other: Marks): boolean {
  return (
    (one.isFlow === true) === (other.isFlow === true) &&
    areSameKeys(one.untagged, other.untagged) &&
    areSameKeys(one.tagged, other.tagged) &&
    areSame(one.quotes, other.quotes)
  );
}

function areSameKeys(left: Keys, right: Keys): boolean {
  return left === right || keysIn(left).sort().join('\n') === keysIn(right).sort().join('\n');
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
