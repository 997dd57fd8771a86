import { base64Bytes, textOfUtf8 } from './binary.ts';
import { keyFlawOf } from './flaws.ts';
import { goJsonText } from './json.ts';
import { floatOf, integerOf } from './numbers.ts';
import { isFlow, isMarked, withoutMarks } from './quote-marks.ts';
import { refolded } from './refold.ts';
import { plainTag, resolvePlainScalar } from './scalars.ts';
import { SharedScalar } from './shared.ts';
import { isTimestamp, rfc3339 } from './timestamps.ts';
import {
  isFields,
  isList,
  keyFlaws,
  Scalar,
  type Fields,
  type List,
  type ScalarTag,
  type Value,
} from './value.ts';

/** What JSON can carry, with integers beyond 2^53 exact. Every number of a `Plain` is finite. */
export type Plain =
  null | boolean | number | bigint | string | readonly Plain[] | { readonly [key: string]: Plain };

/** Thrown by {@link plainOf}: kustomize cannot write the value at a path, and says so only when it writes. */
export class UnwritableError extends Error {
  override readonly name = 'UnwritableError';
  readonly fix: string;
  /** Where the value is, outermost step first. */
  path: readonly (string | number)[] = [];
  constructor(message: string, fix: string) {
    super(message);
    this.fix = fix;
  }
}

const bareTexts = new WeakSet<Scalar>();

/**
 * A text that kustomize writes with neither quotes nor tag (SetName, SetKind, SetNamespace over what had no quotes): a text
 * to every step of a build, but in the end what it looks like, so that the name `0777` becomes a number.
 */
export function bareText(text: string): Value {
  if (plainTag(text) === '!!str') return text;
  const scalar = new Scalar('!!str', text);
  bareTexts.add(scalar);
  return scalar;
}

/** Whether a value is a text without quotes and tag that looks like something else. */
export function isBareText(value: Value | undefined): boolean {
  return value instanceof Scalar && bareTexts.has(value);
}

const quotedScalars = new WeakSet<Scalar>();

/**
 * A number, word or time that a step puts in the quotes of the text it takes the place of, with its tag: it ends as a text.
 * When only its text is written over later, the tag stays, and the new text has to fit it.
 */
export function quotedScalar(tag: ScalarTag, text: string): Value {
  if (tag === '!!str') return text;
  const scalar = new Scalar(tag, text);
  quotedScalars.add(scalar);
  return scalar;
}

/** Whether a value is a scalar that is no text and stands in quotes. */
export function isQuotedScalar(value: Value | undefined): boolean {
  return value instanceof Scalar && quotedScalars.has(value);
}

const kept = new WeakMap<Fields | List, Plain>();

/**
 * What kustomize makes of a finished object on its way to JSON (kyaml RNode.MarshalJSON): scalars decoded by their tags,
 * timestamps in RFC 3339. Throws {@link UnwritableError} for texts that do not fit their tags, infinite numbers, keys
 * that are no text and keys that were there twice. A part that needs no decoding is returned itself.
 */
export function plainOf(value: Value): Plain {
  const converting = new Converting();
  return isFields(value) ? plainFields(value, true, converting) : plainWithin(value, converting);
}

/** {@link plainOf} of a whole object, and whether an integer in it is beyond 2^53. */
export function writtenOf(fields: Fields): { readonly plain: Plain; readonly hasLargeInteger: boolean } {
  const converting = new Converting();
  const plain = plainFields(fields, true, converting);
  return { plain, hasLargeInteger: converting.hasLargeInteger };
}

/** {@link plainOf} of an object whose parts are in many others: what it makes of each of them is kept. */
export function keptPlainOf(fields: Fields): Plain {
  return plainFields(fields, true, new Converting(true));
}

class Converting {
  readonly isKept: boolean;
  hasLargeInteger = false;
  /** Whether a scalar was met that is something else in brackets or braces. */
  hasMetFlow = false;
  readonly #around: object[] = [];
  constructor(isKept = false) {
    this.isKept = isKept;
  }

  enter(collection: object): void {
    this.#around.push(collection);
  }

  leave(): void {
    this.#around.pop();
  }

  isInFlow(): boolean {
    this.hasMetFlow = true;
    return this.#around.some(isFlow);
  }
}

function plainWithin(value: Value, converting: Converting): Plain {
  if (typeof value === 'string') return plainText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Scalar) return plainScalar(value, converting);
  const known = kept.get(value);
  if (known !== undefined) return known;
  const plain = isList(value) ? plainList(value, converting) : plainFields(value, false, converting);
  // Who finds a part that is kept does not hear of large integers in it, nor ask what is around it.
  if (converting.isKept && !converting.hasLargeInteger && !converting.hasMetFlow) kept.set(value, plain);
  return plain;
}

function plainList(list: List, converting: Converting): Plain {
  let after: Decoded[] | undefined;
  let at = 0;
  converting.enter(list);
  try {
    for (; at < list.length; at += 1) {
      const item = list[at] ?? null;
      const plain = plainWithin(item, converting);
      if (plain !== item) (after ??= [...list])[at] = plain;
    }
  } catch (error) {
    throw located(at, error);
  }
  converting.leave();
  return decodedAll(after ?? (isMarked(list) ? [...list] : list));
}

function plainFields(fields: Fields, isRoot: boolean, converting: Converting): Plain {
  let after: Record<string, Decoded> | undefined;
  let isRenamed = fields[keyFlaws] !== undefined;
  let at = '';
  converting.enter(fields);
  try {
    for (const key of Object.keys(fields)) {
      at = key;
      checkKey(fields, key, isRoot);
      const value = fields[key] ?? null;
      const plain = plainWithin(value, converting);
      if (plainText(key) !== key) isRenamed = true;
      if (plain !== value) (after ??= { ...fields })[key] = plain;
    }
  } catch (error) {
    throw located(at, error);
  }
  converting.leave();
  const decoded = after ?? fields;
  if (isRenamed) return decodedAll(withPlainKeys(decoded));
  return decodedAll(isMarked(fields) ? withoutMarks(decoded) : decoded);
}

/** A part of a collection before or after it was decoded. */
type Decoded = Value | Plain;

function withPlainKeys(fields: { readonly [key: string]: Decoded }): { readonly [key: string]: Decoded } {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [plainText(key), value]));
}

/** Types cannot say that every part has been decoded; the callers have looked. */
function decodedAll(
  collection: readonly Decoded[] | { readonly [key: string]: Decoded },
): Extract<Plain, object> {
  return collection as Extract<Plain, object>;
}

function located(step: string | number, error: unknown): unknown {
  if (error instanceof UnwritableError) error.path = [step, ...error.path];
  return error;
}

function checkKey(fields: Fields, key: string, root: boolean): void {
  const flaw = keyFlawOf(fields, key);
  // The keys of an object itself go-yaml reads into texts, whatever scalars they are; only null is none.
  if (flaw && !(root && flaw.kind === 'scalar')) {
    throw new UnwritableError(
      flaw.message,
      flaw.kind === 'repeated' ? 'keep one of the two' : 'quote the key',
    );
  }
  if (key.length > maxKey / 6 && goJsonText(key).length > maxKey)
    throw new UnwritableError(`a key is longer than ${maxKey} characters`, 'choose a shorter key');
}

/** How far go-yaml looks for the colon behind a key. */
const maxKey = 1024;
const unreadable = /[\u007f-\u0084\u0086-\u009f\ufffe\uffff]/;

/** Kustomize reads the JSON that it wrote as YAML, where control characters are refused and U+0085 ends a line. */
function plainText(text: string): string {
  if (!mayNeedCare.test(text)) return text;
  const found = unreadable.exec(text);
  if (found) {
    const code = found[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
    throw new UnwritableError(
      `the text holds the control character U+${code}`,
      'remove it or encode the text in base64',
    );
  }
  return joinedLines(text.split('\u0085'));
}

const mayNeedCare = /[\u007f-\u009f\ufffe\uffff]/;

/** Lines as YAML joins them in double quotes: one break becomes a space, of more the first is lost. */
function joinedLines(lines: readonly string[]): string {
  let joined = '';
  let breaks = 0;
  for (const [index, line] of lines.entries()) {
    const [first, last] = [index === 0, index === lines.length - 1];
    const kept = line.slice(first ? 0 : leadingSpaces(line), last ? line.length : trailingStart(line));
    if (!first) breaks += 1;
    if (kept === '' && !first && !last) continue;
    joined += (breaks === 1 ? ' ' : '\n'.repeat(Math.max(breaks - 1, 0))) + kept;
    breaks = 0;
  }
  return joined;
}

function leadingSpaces(line: string): number {
  let at = 0;
  while (line[at] === ' ') at += 1;
  return at;
}

function trailingStart(line: string): number {
  let at = line.length;
  while (line[at - 1] === ' ') at -= 1;
  return at;
}

function plainScalar(scalar: Scalar, converting: Converting): Plain {
  if (isOtherInFlow(scalar) && converting.isInFlow()) return scalar.text;
  if (bareTexts.has(scalar)) return plainWithin(resolvePlainScalar(scalar.text), new Converting());
  if (quotedScalars.has(scalar) && plainTag(scalar.text) === scalar.tag) return plainText(scalar.text);
  const plain = decoded(scalar);
  if (plain === undefined) return misfit(scalar);
  if (typeof plain === 'bigint') converting.hasLargeInteger = true;
  return typeof plain === 'string' ? plainText(plain) : plain;
}

/**
 * Whether a scalar without quotes gets some where kustomize writes it in brackets or braces, so that it ends as a text: one
 * that is written as nothing, and a time of day with its colons.
 */
function isOtherInFlow(scalar: Scalar): boolean {
  const { tag, text } = scalar;
  if (text === '') return tag === '!!null' || bareTexts.has(scalar);
  return text.includes(':') && (tag === '!!timestamp' || (bareTexts.has(scalar) && isTimestamp(text)));
}

/** What a scalar means by its tag; undefined when its text does not fit. */
function decoded(scalar: Scalar): Plain | undefined {
  const { tag, text } = scalar;
  switch (tag) {
    case '!!binary':
      return textOfBase64(text);
    case '!!timestamp':
      return rfc3339(text);
    case '!!int':
      return integerOf(text);
    case '!!float':
      return floatNumber(text);
    case '!!null':
    case '!!bool':
      return plainTag(text) === tag ? wordValue(tag, text) : undefined;
    case '!!str':
      // A text that fields share was written by kustomize itself, never as a folded block.
      return scalar instanceof SharedScalar ? text : refolded(text);
    default:
      return text;
  }
}

function textOfBase64(text: string): string | undefined {
  const bytes = base64Bytes(text);
  return bytes && textOfUtf8(bytes);
}

function wordValue(tag: '!!null' | '!!bool', text: string): boolean | null {
  return tag === '!!null' ? null : text.toLowerCase() === 'true';
}

function floatNumber(text: string): number | bigint | undefined {
  const value = integerOf(text) ?? floatOf(text);
  return value === 0 ? 0 : value;
}

function misfit({ tag, text }: Scalar): never {
  if (tag === '!!float' && plainTag(text) === '!!float')
    throw new UnwritableError('an infinite number has no JSON form', 'quote it to make it a text');
  throw new UnwritableError(
    `the value does not fit its tag ${tag}`,
    tag === '!!timestamp' ? 'write a zone of less than a day' : 'remove the tag or correct the value',
  );
}
