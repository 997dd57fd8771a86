import { Emitter } from './emitter.ts';
import { isPlainList } from './json.ts';
import { compareKeys } from './key-order.ts';
import { goFloat } from './numbers.ts';
import type { Plain } from './plain.ts';

/**
 * One document of YAML, byte for byte as kustomize writes it (sigs.k8s.io/yaml JSONToYAML on go-yaml v2, the same in 5.5
 * and 5.8): keys in go-yaml's order, sequences not indented, texts quoted only where needed and folded behind column 80.
 */
export function yamlText(plain: Plain): string {
  const emitter = new Emitter();
  if (typeof plain === 'string') emitter.string(plain, 2, false);
  else writeNode(emitter, plain, { indent: 0, inMapping: false });
  emitter.indentTo(0);
  return emitter.text;
}

interface Context {
  /** Where entries of a collection start. */
  readonly indent: number;
  readonly inMapping: boolean;
}

function writeNode(emitter: Emitter, plain: Plain, context: Context): void {
  if (typeof plain === 'string') emitter.string(plain, context.indent, false);
  else if (typeof plain !== 'object' || plain === null) emitter.word(wordOf(plain));
  else if (isPlainList(plain)) writeList(emitter, plain, context);
  else writeFields(emitter, plain, context.indent);
}

function writeList(emitter: Emitter, list: readonly Plain[], { indent, inMapping }: Context): void {
  if (list.length === 0) {
    emitter.word('[]');
    return;
  }
  const start = inMapping && !emitter.indenting ? indent - 2 : indent;
  for (const item of list) {
    emitter.indentTo(start);
    emitter.mark('-');
    writeNode(emitter, item, { indent: start + 2, inMapping: false });
  }
}

function writeFields(emitter: Emitter, fields: { readonly [key: string]: Plain }, indent: number): void {
  const keys = Object.keys(fields).sort(compareKeys);
  if (keys.length === 0) {
    emitter.word('{}');
    return;
  }
  for (const key of keys) {
    emitter.indentTo(indent);
    writeKey(emitter, key, indent);
    writeNode(emitter, fields[key] ?? null, { indent: indent + 2, inMapping: true });
  }
}

function writeKey(emitter: Emitter, key: string, indent: number): void {
  if (isSimpleKey(key)) {
    emitter.string(key, indent, true);
    emitter.colon();
    return;
  }
  emitter.mark('?');
  emitter.string(key, indent + 2, false);
  emitter.indentTo(indent);
  emitter.mark(':');
}

/** A key of more than 128 bytes or one with line breaks gets a line of its own behind a question mark. */
function isSimpleKey(key: string): boolean {
  if (lineBreak.test(key)) return false;
  return key.length <= 42 || utf8Length(key) <= 128;
}

const lineBreak = /[\n\r\u0085\u2028\u2029]/;

function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}

const [least, most] = [-(2n ** 63n), 2n ** 64n - 1n];

/** Integers that fit 64 bits are written in full, any other number as a float of Go. */
function wordOf(plain: null | boolean | number | bigint): string {
  if (typeof plain !== 'number') return String(plain);
  if (Number.isSafeInteger(plain)) return plain === 0 ? '0' : String(plain);
  if (!Number.isInteger(plain) || Math.abs(plain) >= 1e21) return goFloat(plain);
  const digits = BigInt(String(plain));
  return digits >= least && digits <= most ? String(plain) : goFloat(plain);
}
