import { keyFlawOf, noteKeyFlaws } from '../values/flaws.ts';
import {
  hasTagged,
  isFlow,
  isTagged,
  isUntagged,
  noteFlow,
  noteUntagged,
  rememberTagged,
  quotesOf,
  rememberQuotes,
  withQuotesOf,
} from '../values/quote-marks.ts';
import { isBareText, quotedScalar } from '../values/plain.ts';
import { isQuoted, isQuotedBySetter, needsQuotes } from '../values/quotes.ts';
import { oldBoolean, plainTag } from '../values/scalars.ts';
import {
  fieldOf,
  isList,
  isScalar,
  keyFlaws,
  tagOf,
  textOf,
  type Fields,
  type Value,
} from '../values/value.ts';

/**
 * A value that takes the place of a quoted text is put in its quotes and so becomes text, unless it has a tag of its own
 * (kyaml FieldSetter keeps the style of the node that it fills).
 */
export function quotedLike(into: Fields, key: string, value: Value): Value {
  if (typeof value === 'string' || !isScalar(value) || !isQuoted(into, key)) return value;
  const text = textOf(value);
  if (isBareText(value)) return text;
  return plainTag(text) === tagOf(value) ? quotedScalar(tagOf(value), text) : value;
}

/**
 * A mapping or list that takes the place of something stands in brackets where that did (kyaml FieldSetter); an empty one
 * says nothing about it.
 */
export function inPlaceOf(before: Value | undefined, after: Value): Value {
  if (before === undefined || isScalar(after)) return after;
  if (!isScalar(before) && Object.keys(before).length === 0) return after;
  const isInFlow = !isScalar(before) && isFlow(before);
  if (isFlow(after) === isInFlow) return after;
  const copy = withQuotesOf(isList(after) ? [...after] : { ...after }, after);
  noteFlow(copy, isInFlow);
  return copy;
}

/** Notes at a merged mapping what is known of its fields beside their values, those of the patch included. */
export function inheritMarks(result: Fields, into: Fields, from: Fields): void {
  // An empty mapping says nothing about braces.
  if (Object.keys(into).length === 0) noteFlow(result, isFlow(from));
  if (hasTagged(into) || hasTagged(from)) inheritTags(result, into, from);
  inheritQuotes(result, into, from);
  for (const key of keysWithOtherTag(result, from)) noteUntagged(result, key, isUntagged(from, key));
  if (from[keyFlaws]) inheritFlaws(result, into, from);
}

/** A field keeps the tag that is written before it, whatever it is then; a new one has that of the patch. */
function inheritTags(result: Fields, into: Fields, from: Fields): void {
  const keys = Object.keys(result);
  rememberTagged(
    result,
    keys.filter((key) => isTagged(Object.hasOwn(into, key) ? into : from, key)),
  );
}

/** A scalar of the patch brings its tag, or the lack of one. */
function keysWithOtherTag(result: Fields, from: Fields): readonly string[] {
  return Object.keys(from).filter((key) => isUntagged(result, key) !== isUntagged(from, key));
}

/** A field keeps the quotes that it had, a new one has those of the patch. */
function inheritQuotes(result: Fields, into: Fields, from: Fields): void {
  const quotes = new Map(quotesOf(into));
  for (const [key, value] of Object.entries(result)) {
    if (!isScalar(value) || tagOf(value) !== '!!str') continue;
    if (isUntouched(key, { result, into, from })) {
      if (!isTagged(into, key)) settleQuotes(quotes, key, textOf(value));
      continue;
    }
    const quoted = Object.hasOwn(into, key) ? isQuoted(into, key) : quotesOfNew(from, key);
    if (quoted !== undefined && quoted !== needsQuotes(textOf(value))) quotes.set(key, quoted);
    else quotes.delete(key);
  }
  rememberQuotes(result, quotes);
}

interface Merged {
  readonly result: Fields;
  readonly into: Fields;
  readonly from: Fields;
}

function isUntouched(key: string, { result, into, from }: Merged): boolean {
  return (result[key] === into[key] || isBareText(into[key])) && !Object.hasOwn(from, key);
}

/** A new text gets quotes that YAML 1.1 takes for a boolean (kyaml FieldSetter). */
function quotesOfNew(from: Fields, key: string): boolean | undefined {
  return isQuotedWhenNew(from, key) || quotesOf(from)?.get(key);
}

function isQuotedWhenNew(fields: Fields, key: string): boolean {
  return isOldBoolean(fieldOf(fields, key)) && !isTagged(fields, key);
}

function isOldBoolean(value: Value | undefined): boolean {
  return typeof value === 'string' && value.length <= 5 && oldBoolean(value) !== undefined;
}

/** A mapping that a merge adds, with the quotes that it puts around new texts; the same mapping when that is known of all. */
export function withNewQuotes(fields: Fields): Fields {
  const quoted = Object.keys(fields).filter((key) => isQuotedWhenNew(fields, key) && !isQuoted(fields, key));
  if (quoted.length === 0) return fields;
  const copy = withQuotesOf({ ...fields }, fields);
  rememberQuotes(copy, new Map([...(quotesOf(fields) ?? []), ...quoted.map((key) => [key, true] as const)]));
  return copy;
}

/** What is not in the patch gets the quotes that a step puts (kyaml FieldSetter), and keeps those that it has. */
function settleQuotes(quotes: Map<string, boolean>, key: string, text: string): void {
  if (!isQuotedBySetter(text)) return;
  if (needsQuotes(text)) quotes.delete(key);
  else quotes.set(key, true);
}

/** A mapping that a merge passes through: what is not in the patch and no text in quotes gets some (kyaml FieldSetter). */
export function requoted(fields: Fields, from: Fields | undefined): Fields {
  const quotes = quotesOf(fields);
  const isPassed = (key: string): boolean => !from || fields === from || !Object.hasOwn(from, key);
  const gained = Object.keys(fields).filter(
    (key) => isQuotedWhenNew(fields, key) && quotes?.get(key) !== true && isPassed(key),
  );
  const kept = [...(quotes ?? [])].filter(
    ([key, quoted]) =>
      quoted || !isPassed(key) || isTagged(fields, key) || !isSetInQuotes(fieldOf(fields, key)),
  );
  const retagged = from && fields !== from ? keysWithOtherTag(fields, from) : [];
  if (gained.length + retagged.length === 0 && kept.length === (quotes?.size ?? 0)) return fields;
  const copy = withQuotesOf({ ...fields }, fields);
  rememberQuotes(copy, new Map([...kept, ...gained.map((key) => [key, true] as const)]));
  for (const key of retagged) noteUntagged(copy, key, from !== undefined && isUntagged(from, key));
  return copy;
}

function isSetInQuotes(value: Value | undefined): boolean {
  return value === undefined || !isScalar(value) || isQuotedBySetter(textOf(value));
}

/** A new key is as flawed as it is in the patch, except that it is there once now; the others are as they are left. */
function inheritFlaws(result: Fields, into: Fields, from: Fields): void {
  const flaws = new Map(result[keyFlaws]);
  for (const key of Object.keys(result)) {
    const flaw = Object.hasOwn(into, key) ? undefined : keyFlawOf(from, key);
    if (flaw && flaw.kind !== 'repeated') flaws.set(key, flaw);
  }
  if (flaws.size > 0) noteKeyFlaws(result, flaws);
}
