import { goQuote } from '@meridian/cel';
import type { Json } from '../json.ts';

/** JSON as Go's decoder reads it: the value and the fields that came twice, or why the text is none. */
export type ParsedJson =
  | { readonly ok: true; readonly value: Json; readonly duplicates: readonly string[] }
  | { readonly ok: false; readonly message: string };

/** Reads JSON. Of a field that comes twice the last counts; its path is noted, as `sigs.k8s.io/json` does when it is strict. */
export function parseJson(text: string): ParsedJson {
  const scanner = new Scanner(text);
  const problem = scanner.scan();
  if (problem !== undefined) return { ok: false, message: problem };
  const value = JSON.parse(text, halfCharacter.test(text) ? wellFormed : undefined) as Json;
  return { ok: true, value, duplicates: scanner.duplicates };
}

/** Escapes that are half of a character, which Go replaces when the other half is missing. */
const halfCharacter = /\\u[dD][89a-fA-F]/;

function wellFormed(_: string, value: Json): Json {
  return typeof value === 'string' ? value.toWellFormed() : value;
}

/**
 * How deep what is read may be. Go's decoder reads ten times as deep, but here all that looks at an object calls itself for what is
 * inside, and must not come to the end of the stack halfway through a write.
 */
const deepest = 1_000;

const literals: Readonly<Record<string, string>> = { t: 'true', f: 'false', n: 'null' };

class NotJson extends Error {}

/** Walks over a text for what JSON.parse does not tell: Go's words for what is wrong, and repeated fields. */
class Scanner {
  readonly duplicates: string[] = [];
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  scan(): string | undefined {
    try {
      this.#value('');
      this.#space();
      if (this.#at < this.#text.length) this.#refuse('after top-level value');
      return undefined;
    } catch (error) {
      if (error instanceof NotJson) return error.message;
      throw error;
    }
  }

  #value(path: string): void {
    this.#space();
    const next = this.#text[this.#at];
    if (next === '{' || next === '[') this.#inside(next, path);
    else if (next === '"') this.#string();
    else this.#literal();
  }

  #inside(opening: '{' | '[', path: string): void {
    this.#depth += 1;
    if (this.#depth > deepest) this.#refuse('exceeded max depth');
    if (opening === '{') this.#object(path);
    else this.#array(path);
    this.#depth -= 1;
  }

  #object(path: string): void {
    const seen = new Set<string>();
    this.#at += 1;
    if (this.#take('}')) return;
    do {
      this.#space();
      if (this.#text[this.#at] !== '"') this.#refuse('looking for beginning of object key string');
      const name = this.#string();
      const at = path === '' ? name : `${path}.${name}`;
      if (seen.has(name)) this.duplicates.push(`duplicate field ${goQuote(at)}`);
      seen.add(name);
      if (!this.#take(':')) this.#refuse('after object key');
      this.#value(at);
    } while (this.#take(','));
    if (!this.#take('}')) this.#refuse('after object key:value pair');
  }

  #array(path: string): void {
    this.#at += 1;
    if (this.#take(']')) return;
    let index = 0;
    do {
      this.#value(`${path}[${String(index)}]`);
      index += 1;
    } while (this.#take(','));
    if (!this.#take(']')) this.#refuse('after array element');
  }

  #string(): string {
    const form = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
    form.lastIndex = this.#at;
    const [found] = form.exec(this.#text) ?? [];
    if (found === undefined) {
      const rest = /"(?:[^"\\\u0000-\u001f]|\\["\\/bfnrtu])*/y;
      rest.lastIndex = this.#at;
      this.#at += rest.exec(this.#text)?.[0].length ?? 0;
      const escaped = this.#text[this.#at] === '\\';
      if (escaped) this.#at += 1;
      this.#refuse(escaped ? 'in string escape code' : 'in string literal');
    }
    this.#at += found.length;
    return JSON.parse(found) as string;
  }

  #literal(): void {
    const word = literals[this.#text[this.#at] ?? ''];
    if (word !== undefined) return this.#word(word);
    const form = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?/y;
    form.lastIndex = this.#at;
    const [found] = form.exec(this.#text) ?? [];
    if (found === undefined) this.#refuse('looking for beginning of value');
    this.#at += found.length;
  }

  #word(word: string): void {
    for (let index = 1; index < word.length; index += 1) {
      this.#at += 1;
      if (this.#text[this.#at] !== word[index]) {
        this.#refuse(`in literal ${word} (expecting '${word[index] ?? ''}')`);
      }
    }
    this.#at += 1;
  }

  #space(): void {
    while (' \t\r\n'.includes(this.#text[this.#at] ?? '.')) this.#at += 1;
  }

  #take(character: string): boolean {
    this.#space();
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #refuse(where: string): never {
    const found = this.#text[this.#at];
    if (found === undefined) throw new NotJson('unexpected end of JSON input');
    // Go looks at bytes, and shows the first one of a character as if it were one.
    const byte = String.fromCharCode(Buffer.from(found)[0] ?? 0);
    const shown = found === "'" ? String.raw`'\''` : found === '"' ? `'"'` : `'${byte}'`;
    throw new NotJson(`invalid character ${shown} ${where}`);
  }
}
