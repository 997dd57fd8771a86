import { endCode, isBlank, isBreak, isDigit, isGap, spaceCode, tabCode } from './characters.ts';
import type { Cursor } from './cursor.ts';

const plus = 43;
const minus = 45;
const zero = 48;
const hash = 35;

interface Header {
  /** Whether the last line break is dropped, kept, or kept with all empty lines behind it. */
  readonly chomping: 'strip' | 'clip' | 'keep';
  /** How much deeper the lines stand than the block around; 0 when the first line says it. */
  readonly increment: number;
}

/**
 * Passes a block, whose `|` or `>` comes next (scannerc.go yaml_parser_scan_block_scalar). `indent` is the column of the
 * collection that it is in, -1 for none.
 */
export function passBlock(cursor: Cursor, indent: number, isFolded: boolean): string {
  const header = passHeader(cursor);
  const lines = new BlockLines(cursor, indent, header.increment);
  let value = '';
  let lastBreak = '';
  let wasIndented = false;
  let breaks = lines.passBreaks();
  while (lines.isAtLine()) {
    const isIndented = isBlank(cursor.code());
    const joins = isFolded && !wasIndented && !isIndented && lastBreak === '\n';
    if (!joins) value += lastBreak;
    else if (breaks === '') value += ' ';
    value += breaks;
    wasIndented = isIndented;
    const from = cursor.at;
    cursor.passLine();
    value += cursor.text.slice(from, cursor.at);
    lastBreak = isBreak(cursor.code()) ? cursor.passBreak() : '';
    breaks = lines.passBreaks();
  }
  if (header.chomping !== 'strip') value += lastBreak;
  return header.chomping === 'keep' ? value + breaks : value;
}

/** Passes the line of the `|` or `>`. */
function passHeader(cursor: Cursor): Header {
  const start = cursor.at;
  cursor.at += 1;
  let chomping = passChomping(cursor);
  const increment = passIncrement(cursor, start);
  if (chomping === undefined && increment > 0) chomping = passChomping(cursor);
  cursor.passBlanks();
  if (cursor.code() === hash) cursor.passLine();
  if (!isGap(cursor.code())) cursor.refuse('did not find expected comment or line break', start);
  if (isBreak(cursor.code())) cursor.passBreak();
  return { chomping: chomping ?? 'clip', increment };
}

function passChomping(cursor: Cursor): Header['chomping'] | undefined {
  const code = cursor.code();
  if (code !== plus && code !== minus) return undefined;
  cursor.at += 1;
  return code === plus ? 'keep' : 'strip';
}

function passIncrement(cursor: Cursor, start: number): number {
  const code = cursor.code();
  if (!isDigit(code)) return 0;
  if (code === zero) cursor.refuse('found an indentation indicator equal to 0', start);
  cursor.at += 1;
  return code - zero;
}

/** The lines of a block: how far they are indented is known from its first one that is not empty, or from its header. */
class BlockLines {
  readonly #cursor: Cursor;
  readonly #least: number;
  #indent: number;

  constructor(cursor: Cursor, parent: number, increment: number) {
    this.#cursor = cursor;
    this.#least = Math.max(parent + 1, 1);
    this.#indent = increment > 0 ? Math.max(parent, 0) + increment : 0;
  }

  isAtLine(): boolean {
    return this.#cursor.column === this.#indent && this.#cursor.code() !== endCode;
  }

  /** Passes empty lines and the indentation of the next line (scannerc.go yaml_parser_scan_block_scalar_breaks). */
  passBreaks(): string {
    const cursor = this.#cursor;
    let breaks = '';
    let deepest = 0;
    for (;;) {
      this.#passIndentation();
      deepest = Math.max(deepest, cursor.column);
      if (cursor.code() === tabCode && this.#isBefore())
        cursor.refuse('found a tab character where an indentation space is expected');
      if (!isBreak(cursor.code())) break;
      breaks += cursor.passBreak();
    }
    if (this.#indent === 0) this.#indent = Math.max(deepest, this.#least);
    return breaks;
  }

  #passIndentation(): void {
    while (this.#cursor.code() === spaceCode && this.#isBefore()) this.#cursor.at += 1;
  }

  #isBefore(): boolean {
    return this.#indent === 0 || this.#cursor.column < this.#indent;
  }
}
