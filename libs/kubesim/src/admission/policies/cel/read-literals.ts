/** An expression without literals of objects, which the library does not know: they are calls instead. */
export interface ReadLiterals {
  readonly text: string;
  /** The types that are composed in it. */
  readonly types: ReadonlySet<string>;
  /** Where a place in the text is in the expression as it was written. */
  readonly place: (at: number) => number;
}

/**
 * Reads `Object.spec{a: 1, ?b: c}` and `JSONPatch{…}` as calls: `newObject("Object.spec", ["a", "?b"], [dyn(1), dyn(c)])`.
 * What is no such literal is left as it is. `composerOf` names the function for a type.
 */
export function readLiterals(expression: string, composerOf: (type: string) => string): ReadLiterals {
  if (!expression.includes('{')) return { text: expression, types: new Set(), place: (at) => at };
  const reader = new LiteralReader(expression, composerOf);
  reader.read('');
  const { text, types, places } = reader;
  return { text, types, place: (at) => places[at] ?? expression.length };
}

/** Text, a comment, the beginning of a literal, a name, or any one character. */
const tokens =
  /[rRbB]{0,2}(?:'''(?:[^\\]|\\[^])*?'''|"""(?:[^\\]|\\[^])*?"""|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")|\/\/[^\n]*|(?<![\w.])(?<type>Object(?:\.[A-Za-z_]\w*)*|JSONPatch)\s*\{|[A-Za-z_]\w*|[^]/y;
const field = /\s*(\??)\s*(?:([A-Za-z_]\w*)|`([^`]+)`)\s*:/y;
const blank = /\s*/y;
const depths: Readonly<Record<string, number>> = { '(': 1, '[': 1, '{': 1, ')': -1, ']': -1, '}': -1 };

class LiteralReader {
  text = '';
  readonly types = new Set<string>();
  /** Where each character of the text came from. */
  readonly places: number[] = [];
  readonly #expression: string;
  readonly #composerOf: (type: string) => string;
  #at = 0;

  constructor(expression: string, composerOf: (type: string) => string) {
    this.#expression = expression;
    this.#composerOf = composerOf;
  }

  /** Reads on to one of the characters that end an expression here, or to the end. */
  read(ends: string): void {
    let depth = 0;
    while (this.#at < this.#expression.length) {
      if (depth === 0 && ends.includes(this.#expression[this.#at] ?? ' ')) return;
      depth += depths[this.#token()] ?? 0;
    }
  }

  /** Reads a token, or a whole literal. @returns it, nothing for a literal. */
  #token(): string {
    const found = this.#next(tokens);
    const token = found?.[0] ?? '';
    const type = found?.groups?.['type'];
    if (type === undefined) {
      this.#write(token, this.#at - token.length, true);
      return token;
    }
    this.#literal(type, token);
    return '';
  }

  #literal(type: string, token: string): void {
    const start = this.#at - token.length;
    this.types.add(type);
    const names: string[] = [];
    const before = this.#take();
    while (this.#field(names));
    const values = this.#take();
    this.#put(before);
    this.#write(`${this.#composerOf(type)}("${type}", ${JSON.stringify(names)}, [`, start, false);
    this.#put(values);
    // Without its end it is no literal, and no call either: the parser says so.
    if (this.#expression[this.#at] !== '}') return;
    this.#write('])', this.#at, false);
    this.#at += 1;
  }

  /** Reads one field of a literal. @returns whether there was one. */
  #field(names: string[]): boolean {
    const found = this.#next(field);
    if (found === null) {
      this.#next(blank);
      return false;
    }
    const [, optional = '', name = '', escaped = name] = found;
    this.#write(`${names.length === 0 ? '' : ', '}dyn(`, this.#at, false);
    names.push(`${optional}${escaped === '' ? name : escaped}`);
    this.read(',}');
    this.#write(')', this.#at, false);
    if (this.#expression[this.#at] === ',') this.#at += 1;
    return true;
  }

  #next(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#expression);
    if (found !== null) this.#at += found[0].length;
    return found;
  }

  #write(text: string, at: number, isCopied: boolean): void {
    for (let index = 0; index < text.length; index += 1) this.places.push(isCopied ? at + index : at);
    this.text += text;
  }

  /** Takes away what was written so far. */
  #take(): { readonly text: string; readonly places: readonly number[] } {
    const taken = { text: this.text, places: this.places.splice(0) };
    this.text = '';
    return taken;
  }

  #put({ text, places }: { readonly text: string; readonly places: readonly number[] }): void {
    this.text += text;
    for (const place of places) this.places.push(place);
  }
}
