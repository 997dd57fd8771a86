import { quotesOf, rememberQuotes } from './quote-marks.ts';
import { oldBoolean, plainTag } from './scalars.ts';
import { fieldOf, Scalar, type Fields } from './value.ts';

/** {@link rememberQuotes} of one text while its mapping is read; what the text says itself is not kept. */
export function rememberQuoted(fields: object, key: string, { text, quoted }: WrittenText): void {
  if (needsQuotes(text) === quoted) return;
  const quotes = quotesOf(fields);
  if (quotes instanceof Map) quotes.set(key, quoted);
  else rememberQuotes(fields, new Map([[key, quoted]]));
}

/** A text and how it is written: without quotes it may still be one by its tag. */
export interface WrittenText {
  readonly text: string;
  readonly quoted: boolean;
}

/** Whether a field is text in quotes: because it is written so, or because without quotes it would not be this text. */
export function isQuoted(fields: Fields, key: string): boolean {
  const value = fieldOf(fields, key);
  if (typeof value === 'string') return quotesOf(fields)?.get(key) ?? needsQuotes(value);
  if (!(value instanceof Scalar) || value.tag !== '!!str') return false;
  return quotesOf(fields)?.get(key) ?? isQuotedByGo(value.text);
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
