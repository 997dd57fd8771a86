import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

/**
 * JSON text with sorted keys and no spaces (the form of RFC 8785), so that equal values give equal text. Fields that
 * are undefined are left out; a number that JSON cannot carry is a bug in the caller and throws. Who keeps the texts of
 * parts that many values share gives them with `keptText`.
 */
export function canonicalJson(value: unknown, keptText: KeptText = nothingKept): string {
  return textOf(value, { keptText, left: Infinity });
}

/**
 * {@link canonicalJson} of at most so many characters; undefined when it would be longer. What is shared may make a text
 * that is far longer than the memory it came from, so writing ends where that is seen.
 */
export function canonicalJsonWithin(
  value: unknown,
  mostCharacters: number,
  keptText: KeptText = nothingKept,
): string | undefined {
  const writing = { keptText, left: mostCharacters };
  const text = textOf(value, writing);
  return writing.left < 0 || text.length > mostCharacters ? undefined : text;
}

/** The canonical JSON of an object or a list, where it is known already. */
export type KeptText = (part: object) => string | undefined;

const nothingKept: KeptText = () => undefined;

interface Writing {
  readonly keptText: KeptText;
  /** How many characters of texts may still come; below zero nothing more is written. */
  left: number;
}

function textOf(value: unknown, writing: Writing): string {
  if (typeof value === 'string') return quoted(value, writing);
  if (typeof value !== 'object' || value === null) {
    writing.left -= 1;
    return scalarText(value);
  }
  const kept = writing.keptText(value);
  // Even an empty collection counts.
  writing.left -= kept?.length ?? 2;
  if (kept !== undefined || writing.left < 0) return kept ?? '';
  return Array.isArray(value) ? listText(value, writing) : fieldsText(value, writing);
}

function scalarText(value: unknown): string {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  if (typeof value === 'boolean' || value === null) return String(value);
  throw new TypeError(
    typeof value === 'number'
      ? 'canonical JSON cannot carry this number'
      : `canonical JSON cannot carry a ${typeof value}`,
  );
}

function listText(list: readonly unknown[], writing: Writing): string {
  let text = '[';
  for (const item of list) text += `${text === '[' ? '' : ','}${textOf(item ?? null, writing)}`;
  return `${text}]`;
}

function fieldsText(fields: object, writing: Writing): string {
  let text = '';
  for (const key of sortedKeys(fields)) {
    const value: unknown = Reflect.get(fields, key);
    if (value === undefined) continue;
    const { first, next } = keyTexts(key);
    writing.left -= key.length;
    text += (text === '' ? first : next) + textOf(value, writing);
  }
  return text === '' ? '{}' : `${text}}`;
}

/** A key as it begins a mapping, and as it goes on. */
interface KeyTexts {
  readonly first: string;
  readonly next: string;
}

const knownKeys = new Map<string, KeyTexts>();
const mostKeys = 5_000;
const longestKey = 100;

/** Objects of Kubernetes share their keys, so that they need not be put together again and again. */
function keyTexts(key: string): KeyTexts {
  let texts = knownKeys.get(key);
  if (!texts) {
    const name = jsonText(key);
    texts = { first: `{${name}:`, next: `,${name}:` };
    if (key.length > longestKey) return texts;
    if (knownKeys.size >= mostKeys) knownKeys.clear();
    knownKeys.set(key, texts);
  }
  return texts;
}

function sortedKeys(fields: object): readonly string[] {
  const keys = Object.keys(fields);
  return keys.length > fewKeys ? keys.sort(byUnit) : sortedInPlace(keys);
}

/** Up to here moving keys one by one costs less than sorting does. */
const fewKeys = 20;

function sortedInPlace(keys: string[]): readonly string[] {
  for (let index = 1; index < keys.length; index += 1) {
    const key = keys[index] ?? '';
    let at = index;
    for (; at > 0 && (keys[at - 1] ?? '') > key; at -= 1) keys[at] = keys[at - 1] ?? '';
    if (at !== index) keys[at] = key;
  }
  return keys;
}

function byUnit(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

const special = /["\\\u0000-\u001f\ud800-\udfff]/;

function quoted(text: string, writing: Writing): string {
  writing.left -= text.length;
  return writing.left < 0 ? '' : jsonText(text);
}

/** Most texts hold nothing that JSON escapes. */
function jsonText(text: string): string {
  return special.test(text) ? JSON.stringify(text) : `"${text}"`;
}

/** SHA-256 of a text (as UTF-8) or of bytes, as 64 hexadecimal digits. */
export function sha256Hex(content: string | Uint8Array): string {
  return bytesToHex(sha256(typeof content === 'string' ? utf8ToBytes(content) : content));
}

/** SHA-256 of a text (as UTF-8) or of bytes, written `sha256:<hex>`. */
export function sha256Digest(content: string | Uint8Array): string {
  return `sha256:${sha256Hex(content)}`;
}

/** A text as UTF-8 bytes, and their digest as {@link sha256Digest} writes it. */
export interface DigestedText {
  readonly bytes: Uint8Array;
  readonly digest: string;
}

/** Encodes a text and takes its digest. A runtime may have something faster that gives the same. */
export function digestText(text: string): DigestedText {
  const bytes = utf8ToBytes(text);
  return { bytes, digest: sha256Digest(bytes) };
}

/** A text as UTF-8 bytes. */
export function utf8Bytes(text: string): Uint8Array {
  return utf8ToBytes(text);
}

const base64Alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Standard base64 with padding of a text (as UTF-8) or of bytes, on one line. */
export function base64Text(content: string | Uint8Array): string {
  const bytes = typeof content === 'string' ? utf8ToBytes(content) : content;
  let text = '';
  for (let index = 0; index < bytes.length; index += 3) {
    const [first = 0, second = 0, third = 0] = bytes.subarray(index, index + 3);
    const group = (first << 16) | (second << 8) | third;
    const left = bytes.length - index;
    text += base64Alphabet.charAt(group >> 18) + base64Alphabet.charAt((group >> 12) & 63);
    text += left > 1 ? base64Alphabet.charAt((group >> 6) & 63) : '=';
    text += left > 2 ? base64Alphabet.charAt(group & 63) : '=';
  }
  return text;
}
