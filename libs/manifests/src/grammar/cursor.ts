import { YamlSyntaxError } from './syntax-error.ts';
import { endCode, isBlank, isBreak, isGap, spaceCode } from './characters.ts';

/** Breaks that a search for line feeds does not find. */
const oddBreaks = /[\r\u0085\u2028\u2029]/;

/** A place in a text that only moves on. */
export class Cursor {
  /** The text and {@link endCode} behind it. */
  readonly text: string;
  readonly #hasOddBreaks: boolean;
  /** Offset of the next character. */
  at = 0;
  line = 0;
  lineStart = 0;

  constructor(text: string) {
    this.text = `${text}\0`;
    this.#hasOddBreaks = oddBreaks.test(text);
  }

  /** How many characters stand before the next one on its line. */
  get column(): number {
    return this.at - this.lineStart;
  }

  /** The next character, or the one some places behind it. */
  code(ahead = 0): number {
    return this.text.charCodeAt(this.at + ahead);
  }

  /** Passes one line break and gives what it is in a value: Unicode's separators stay, everything else is a line feed. */
  passBreak(): string {
    const code = this.text.charCodeAt(this.at);
    this.at += code === 13 && this.code(1) === 10 ? 2 : 1;
    this.line += 1;
    this.lineStart = this.at;
    return code >= 0x2028 ? String.fromCharCode(code) : '\n';
  }

  /** Passes spaces and tabs. */
  passBlanks(): void {
    while (isBlank(this.text.charCodeAt(this.at))) this.at += 1;
  }

  /** Passes spaces, not tabs. */
  passSpaces(): void {
    while (this.text.charCodeAt(this.at) === spaceCode) this.at += 1;
  }

  /** Passes everything up to the next line break, or the end. */
  passLine(): void {
    this.at = this.#endOfLine();
  }

  /** Passes characters as long as they are of a kind, and gives them. */
  passWhile(isKind: (code: number) => boolean): string {
    const from = this.at;
    while (isKind(this.text.charCodeAt(this.at))) this.at += 1;
    return this.text.slice(from, this.at);
  }

  /** Whether `---` or `...` stands alone at the start of this line. */
  isAtDocumentMark(): boolean {
    if (this.at !== this.lineStart) return false;
    const code = this.code();
    if (code !== 45 && code !== 46) return false;
    return this.code(1) === code && this.code(2) === code && isGap(this.code(3));
  }

  /** Refuses the text. */
  refuse(problem: string, offset = this.at): never {
    throw new YamlSyntaxError(problem, offset);
  }

  #endOfLine(): number {
    if (!this.#hasOddBreaks) {
      const end = this.text.indexOf('\n', this.at);
      return end < 0 ? this.text.length - 1 : end;
    }
    let end = this.at;
    for (let code = this.code(); code !== endCode && !isBreak(code); code = this.text.charCodeAt(end))
      end += 1;
    return end;
  }
}

/** What a line break, and the further ones behind it, become between two words of a text: one becomes a space. */
export function folded(first: string, further: string): string {
  if (first !== '\n') return first + further;
  return further === '' ? ' ' : further;
}
