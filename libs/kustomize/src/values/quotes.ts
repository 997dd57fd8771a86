import { oldBoolean, plainTag } from './scalars.ts';
import { fieldOf, Scalar, type Fields } from './value.ts';

/** Whether the text of a field is written in quotes or as a block, where that is known. */
export type Quotes = ReadonlyMap<string, boolean>;

const known = new WeakMap<object, Quotes>();

/**
 * Keeps which texts of a mapping are in quotes, for a mapping that was made just now. It matters once: kustomize lets a
 * value that takes the place of a quoted text have its quotes, so that a number of a patch becomes text.
 */
export function rememberQuotes(fields: object, quotes: Quotes): void {
  known.set(fields, quotes);
}

/** {@link rememberQuotes} of one text while its mapping is read; what the text says itself is not kept. */
export function rememberQuoted(fields: object, key: string, { text, quoted }: WrittenText): void {
  if (needsQuotes(text) === quoted) return;
  const quotes = known.get(fields);
  if (quotes instanceof Map) quotes.set(key, quoted);
  else known.set(fields, new Map([[key, quoted]]));
}

/** A text and how it is written: without quotes it may still be one by its tag. */
export interface WrittenText {
  readonly text: string;
  readonly quoted: boolean;
}

/** What is known about the quotes of a mapping. */
export function quotesOf(fields: object): Quotes | undefined {
  return known.get(fields);
}

/** Whether a field is text in quotes: because it is written so, or because without quotes it would not be this text. */
export function isQuoted(fields: Fields, key: string): boolean {
  const value = fieldOf(fields, key);
  if (typeof value === 'string') return known.get(fields)?.get(key) ?? needsQuotes(value);
  return value instanceof Scalar && value.tag === '!!str' && isQuotedByGo(value.text);
}

/** Whether go-yaml puts a text in quotes when it writes it: it also does so with what YAML 1.1 takes for no text. */
export function isQuotedByGo(text: string): boolean {
  return needsQuotes(text) || oldBoolean(text) !== undefined || sexagesimal.test(text);
}

const sexagesimal = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;

const unplain = /^$|^[\s&*!|>'"%@`#,[\]{}]|^[-?:](?:\s|$)|[\s:]$|:\s|\s#|\n/;

/** Whether a text that stands in YAML without quotes would be something else (an approximation of go-yaml's emitter). */
export function needsQuotes(text: string): boolean {
  return unplain.test(text) || plainTag(text) !== '!!str';
}
