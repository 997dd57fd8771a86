import { doubleQuoted, foldedPlain, literalLines, singleQuoted } from './folding.ts';
import { styleOf } from './style.ts';

/** Writes the tokens of block YAML with the spaces and line breaks that go-yaml v2 puts between them (emitterc.go). */
export class Emitter {
  #out = '';
  #column = 0;
  /** Whether the last thing written separates what follows. */
  #spaced = true;
  /** Whether the line holds nothing but indentation and the marks of collections. */
  #indenting = true;

  /** Everything written so far. */
  get text(): string {
    return this.#out;
  }

  /** Whether a collection may start on the present line, as behind `- `. */
  get indenting(): boolean {
    return this.#indenting;
  }

  /** Goes to a column for the next entry, on a new line unless the present one is still short of it. */
  indentTo(indent: number): void {
    const here = this.#indenting && (this.#column < indent || (this.#column === indent && this.#spaced));
    if (!here) {
      this.#out += '\n';
      this.#column = 0;
    }
    this.#out += padding(indent - this.#column);
    this.#column = indent;
    this.#spaced = true;
    this.#indenting = true;
  }

  /** Writes the mark of an entry: `-`, `?`, or the `:` of a key that took lines of its own. */
  mark(mark: '-' | '?' | ':'): void {
    this.#put(mark);
    this.#spaced = false;
  }

  /** Writes the `:` right behind a key. */
  colon(): void {
    this.#out += ':';
    this.#column += 1;
    this.#spaced = false;
    this.#indenting = false;
  }

  /** Writes a word that needs no quotes, such as a number. */
  word(word: string): void {
    this.#put(word);
    this.#spaced = false;
    this.#indenting = false;
  }

  /** Writes a text in the style it needs; `indent` is where its further lines start. Keys are kept on one line. */
  string(text: string, indent: number, key: boolean): void {
    const style = styleOf(text, key);
    if (style === 'literal') {
      this.#literal(text, indent);
      return;
    }
    const column = this.#column + (this.#spaced ? 0 : 1);
    const frame = { column, indent, folds: !key };
    if (style === 'plain') this.word(foldedPlain(text, frame));
    else this.word(style === 'single' ? singleQuoted(text, frame) : doubleQuoted(text, frame));
  }

  #literal(text: string, indent: number): void {
    const { header, lines, ended } = literalLines(text, padding(indent));
    this.word(header);
    this.#out += lines;
    this.#spaced = true;
    this.#indenting = ended;
    this.#column = ended ? 0 : indent + 1;
  }

  #put(text: string): void {
    const gap = this.#spaced ? '' : ' ';
    this.#out += gap + text;
    this.#column += gap.length + text.length;
  }
}

const spaces = ' '.repeat(64);

function padding(width: number): string {
  return width <= spaces.length ? spaces.slice(0, Math.max(width, 0)) : ' '.repeat(width);
}
