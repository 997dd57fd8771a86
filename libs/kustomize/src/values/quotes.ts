import { isBareText, isQuotedScalar } from './plain.ts';
import { quotesOf, rememberQuotes } from './quote-marks.ts';
import { SharedScalar } from './shared.ts';
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
  if (!(value instanceof Scalar) || isBareText(value)) return false;
  if (isQuotedScalar(value) || (value instanceof SharedScalar && value.isInQuotes)) return true;
  return value.tag === '!!str' && isQuotedText(fields, key, value.text);
}

function isQuotedText(fields: Fields, key: string, text: string): boolean {
  return quotesOf(fields)?.get(key) ?? isQuotedBySetter(text);
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

/**
 * Whether a text without quotes gets some where a step sets it (kyaml FieldSetter): only those that YAML 1.1 reads as
 * something else, which a day is not. The others are quoted when they are written, and a later value gets no quotes there.
 */
export function isQuotedBySetter(text: string): boolean {
  if (text === '' || text.includes('\n')) return false;
  const tag = plainTag(text);
  if (tag !== '!!str') return tag !== '!!timestamp' && tag !== '!!merge';
  return oldBoolean(text) !== undefined || collectionOrNothing.test(text);
}

/** A comment, a list, a mapping or blanks (an approximation of a parser). */
const collectionOrNothing = /^\s*(?:#|$|[-?](?:\s|$)|\[.*\]$|\{.*\}$)|^[^"'&*!|>%@`,\]}\s].*:(?:\s|$)/;

/** Which texts a step that makes a mapping of them puts in quotes; those of several lines are blocks. */
export function isQuotedOrBlock(text: string): boolean {
  return text.includes('\n') || isQuotedBySetter(text);
}

/** The mapping of texts that a step has just made, with what is known of the quotes it put. */
export function withQuotesBy(isQuotedText: (text: string) => boolean, fields: Fields): Fields {
  const odd = Object.entries(fields).flatMap(([key, text]): (readonly [string, boolean])[] => {
    if (typeof text !== 'string') return [];
    const quoted = isQuotedText(text);
    return quoted === needsQuotes(text) ? [] : [[key, quoted]];
  });
  if (odd.length > 0) rememberQuotes(fields, new Map(odd));
  return fields;
}

const sexagesimal = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;

const unplain = /^$|^[\s&*!|>'"%@`#,[\]{}]|^[-?:](?:\s|$)|[\s:]$|:\s|\s#|\n/;

/** Whether a text that stands in YAML without quotes would be something else (an approximation of go-yaml's emitter). */
export function needsQuotes(text: string): boolean {
  return unplain.test(text) || plainTag(text) !== '!!str';
}
