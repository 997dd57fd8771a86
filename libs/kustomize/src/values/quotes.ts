import { isBareText } from './plain.ts';
import { quotesOf, rememberQuotes } from './quote-marks.ts';
import { oldBoolean, plainTag } from './scalars.ts';
import { fieldOf, Scalar, withField, type Fields, type Value } from './value.ts';

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
  if (!(value instanceof Scalar) || value.tag !== '!!str' || isBareText(value)) return false;
  return quotesOf(fields)?.get(key) ?? isQuotedByGo(value.text);
}

/**
 * The mapping with a field set to a value that is written in the quotes, or the lack of them, that are given: they matter to
 * steps that write into the field later.
 */
export function withQuoted(fields: Fields, key: string, value: Value, quoted: boolean): Fields {
  const after = withField(fields, key, value);
  if (after !== fields && typeof value === 'string') noteQuotes(after, key, { text: value, quoted });
  return after;
}

/** Keeps of a text in a mapping that was made just now whether it is in quotes. */
export function noteQuotes(fields: Fields, key: string, { text, quoted }: WrittenText): void {
  const quotes = quotesOf(fields);
  if (needsQuotes(text) === quoted && !quotes?.has(key)) return;
  rememberQuotes(fields, new Map([...(quotes ?? []), [key, quoted]]));
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
