/** A bracket or quote that opens a value which does not end where it has to. */
export interface Unclosed {
  /** Offset of the opening character. */
  readonly offset: number;
  readonly opener: string;
  readonly closer: string;
}

const closers: { readonly [opener: string]: string } = { '[': ']', '{': '}', '"': '"', "'": "'" };

/**
 * The innermost bracket or quote that is still open at the end of the first value which runs out of its block. A parser
 * notices that on the line after it, or only at the end of the file. Asked after a parser has refused the text, and
 * good for an explanation only: it knows of YAML just enough to tell values, block scalars and comments apart.
 */
export function findUnclosed(text: string): Unclosed | undefined {
  const lines = new Lines(text);
  while (lines.next()) {
    const value = startOfValue(lines.text());
    if (value === undefined) continue;
    const found = closers[lines.text()[value.column] ?? ''] ? readValue(lines, value) : undefined;
    if (found) return found;
    if (!value.isOpen) lines.skipDeeperThan(value.indent);
  }
  return undefined;
}

interface ValueStart {
  /** Column of the innermost key or dash that the value belongs to; -1 for a whole document. */
  readonly indent: number;
  readonly column: number;
  /** The value is empty here: what is deeper are lines of their own. */
  readonly isOpen: boolean;
}

const marker = /^(---|\.\.\.)(?=\s|$)/;
const dash = /[-?](?:[ \t]+|$)/y;
const key =
  /(?:(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[*&][^\s:]+)[ \t]*|[^\s"'[\]{}#|>&*!%@`,](?:[^#:]|:(?=[^ \t]))*):(?:[ \t]+|$)/y;
const decoration = /(?:[&!][^\s,[\]{}]*[ \t]+)+/y;

/** Where the value of a line starts, behind its dashes and its key; undefined for a line without any. */
function startOfValue(line: string): ValueStart | undefined {
  const head = marker.exec(line)?.[0].length ?? 0;
  let column = head + (/^[ \t]*/.exec(line.slice(head))?.[0].length ?? 0);
  if (column >= line.length || line[column] === '#') return undefined;
  let indent = -1;
  const pass = (pattern: RegExp) => {
    pattern.lastIndex = column;
    const length = pattern.exec(line)?.[0].length ?? 0;
    column += length;
    return length > 0;
  };
  for (let at = column; pass(dash); at = column) indent = at;
  const keyAt = column;
  if (pass(key)) indent = keyAt;
  pass(decoration);
  return { indent, column, isOpen: column >= line.length || line[column] === '#' };
}

interface Opener {
  readonly offset: number;
  readonly opener: string;
}

/** Follows a value in brackets or quotes to its end; tells what is open when its block ends first. */
function readValue(lines: Lines, { indent, column }: ValueStart): Unclosed | undefined {
  const open: Opener[] = [];
  let at = column;
  do {
    const line = lines.text();
    if (at === 0 && open.length > 0) {
      const found = endOfBlock(lines, open, indent);
      if (found) return found;
    }
    if (readLine(line, { from: at, start: lines.start, open })) return undefined;
    at = 0;
  } while (lines.next());
  return unclosed(open.at(-1));
}

/** Whether this line starts something new outside of the block, so that what is open should have been closed before. */
function endOfBlock(lines: Lines, open: readonly Opener[], indent: number): Unclosed | undefined {
  const line = lines.text();
  const depth = /^[ \t]*/.exec(line)?.[0].length ?? 0;
  if (depth === line.length) return undefined;
  const isNew = marker.test(line) || (depth <= indent && startsEntry(line, depth));
  return isNew ? unclosed(open.at(-1)) : undefined;
}

function startsEntry(line: string, column: number): boolean {
  return [dash, key].some((pattern) => {
    pattern.lastIndex = column;
    return pattern.test(line);
  });
}

function unclosed(last: Opener | undefined): Unclosed | undefined {
  return last && { ...last, closer: closers[last.opener] ?? '' };
}

/** Opens and closes what the line says; true when the last one was closed. */
function readLine(
  line: string,
  { from, start, open }: { from: number; start: number; open: Opener[] },
): boolean {
  for (let at = from; at < line.length; at += 1) {
    const quote = open.at(-1)?.opener;
    if (quote === '"' || quote === "'") {
      at = endOfQuote(line, at, quote);
      if (at < line.length) open.pop();
    } else {
      const before = line.slice(Math.max(from, at - 2), at);
      if (line[at] === '#' && /^$|[ \t]$/.test(before)) return false;
      step(line[at] ?? '', { before, offset: start + at, open });
    }
    if (open.length === 0) return true;
  }
  return false;
}

/** Where a quoted text ends that is open at `from`; the length of the line when it goes on. */
function endOfQuote(line: string, from: number, quote: '"' | "'"): number {
  for (let at = from; at < line.length; at += 1) {
    const isEscape = quote === '"' ? line[at] === '\\' : line.startsWith("''", at);
    if (isEscape) at += 1;
    else if (line[at] === quote) return at;
  }
  return line.length;
}

function step(
  character: string,
  { before, offset, open }: { before: string; offset: number; open: Opener[] },
): void {
  const isQuote = character === '"' || character === "'";
  // A quote inside a plain word, as in it's, opens nothing.
  if (isQuote && !/(?:^|[[{,:]|[ \t])[ \t]*$/.test(before)) return;
  if (closers[character]) open.push({ offset, opener: character });
  else if (character === closers[open.at(-1)?.opener ?? '']) open.pop();
}

/** The lines of a text, one after the other. */
class Lines {
  readonly #text: string;
  start = 0;
  #end = -1;

  constructor(text: string) {
    this.#text = text;
  }

  /** Goes to the next line; false when there is none. */
  next(): boolean {
    if (this.#end >= this.#text.length) return false;
    this.start = this.#end + 1;
    const end = this.#text.indexOf('\n', this.start);
    this.#end = end < 0 ? this.#text.length : end;
    return true;
  }

  text(): string {
    return this.#text.slice(this.start, this.#end).trimEnd();
  }

  /** Passes the lines that belong to a value of several lines: the empty and the deeper ones. */
  skipDeeperThan(indent: number): void {
    for (;;) {
      const [start, end] = [this.start, this.#end];
      if (!this.next()) return;
      const line = this.text();
      const depth = /^[ \t]*/.exec(line)?.[0].length ?? 0;
      if (line === '' || (depth > indent && !marker.test(line))) continue;
      [this.start, this.#end] = [start, end];
      return;
    }
  }
}
