/** Where a text is written. */
export interface Frame {
  /** Column of its first character. */
  readonly column: number;
  /** Column of the first character of further lines. */
  readonly indent: number;
  readonly folds: boolean;
}

/** go-yaml ends a line at the first single space behind this column. */
const bestWidth = 80;

/** A text without quotes, folded. */
export function foldedPlain(text: string, { column, indent, folds }: Frame): string {
  if (!folds || column + text.length <= bestWidth) return text;
  const lines: string[] = [];
  let [start, first] = [0, column];
  for (let at = text.indexOf(' '); at >= 0; at = text.indexOf(' ', at + 1)) {
    if (first + at - start <= bestWidth || text[at - 1] === ' ' || text[at + 1] === ' ') continue;
    lines.push(text.slice(start, at));
    [start, first] = [at + 1, indent];
  }
  lines.push(text.slice(start));
  return lines.join(`\n${' '.repeat(indent)}`);
}

/** A text in single quotes, folded. It may hold Unicode's line separators, which stay as they are. */
export function singleQuoted(text: string, { column, indent, folds }: Frame): string {
  const padding = ' '.repeat(indent);
  let out = "'";
  let at = column + 1;
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charAt(index);
    if (folds && at > bestWidth && isFoldable(text, index)) {
      out += `\n${padding}`;
      at = indent;
    } else if (isSeparator(character)) {
      const next = text.charAt(index + 1);
      out += next === '' || isSeparator(next) ? character : character + padding;
      at = indent;
    } else {
      const piece = character === "'" ? "''" : character;
      out += piece;
      at += piece.length;
    }
  }
  return `${out}'`;
}

/** A text in double quotes, folded, with everything escaped that the emitter calls not printable. */
export function doubleQuoted(text: string, { column, indent, folds }: Frame): string {
  // An accident of go-yaml: with a byte order mark in front, every character is escaped.
  const needed = text.startsWith('\uFEFF') ? /[^]/ : escapable;
  let out = '"';
  let at = column + 1;
  let behindSpace = false;
  let index = 0;
  for (const character of text) {
    if (folds && at > bestWidth && isFold(text, index, behindSpace) && !needed.test(character)) {
      out += `\n${' '.repeat(indent)}${text[index + 1] === ' ' ? '\\' : ''}`;
      at = indent + (text[index + 1] === ' ' ? 1 : 0);
      behindSpace = true;
    } else {
      const piece = needed.test(character) ? escaped(character) : character;
      out += piece;
      at += piece.length;
      behindSpace = piece === ' ';
    }
    index += character.length;
  }
  return `${out}"`;
}

/** The lines of a block that keeps its line breaks (`|`), the header that says how, and whether the last line ended. */
export function literalLines(
  text: string,
  padding: string,
): { readonly header: string; readonly lines: string; readonly ended: boolean } {
  const hint = text.startsWith(' ') || isBreak(text.charAt(0)) ? '2' : '';
  const ended = isBreak(text.charAt(text.length - 1));
  const keeps = ended && (text.length === 1 || isBreak(text.charAt(text.length - 2)));
  const chomping = keeps ? '+' : ended ? '' : '-';
  const lines = text.replace(lineStart, (character) => padding + character);
  return { header: `|${hint}${chomping}`, lines: `\n${lines}`, ended };
}

const lineStart = /(?<=^|[\n\u2028\u2029])[^\n\u2028\u2029]/g;
const escapable = /[^\n\u0020-\u007e\u00a0-\ud7ff\ue000-\ufffd]|["\\\n\ufeff\u2028\u2029]|[\ud800-\udfff]/;

function isFoldable(text: string, index: number): boolean {
  return isFold(text, index, text[index - 1] === ' ') && text[index + 1] !== ' ';
}

function isFold(text: string, index: number, behindSpace: boolean): boolean {
  return text[index] === ' ' && !behindSpace && index > 0 && index < text.length - 1;
}

function isSeparator(character: string): boolean {
  return character === '\u2028' || character === '\u2029';
}

function isBreak(character: string): boolean {
  return character === '\n' || isSeparator(character);
}

const named: ReadonlyMap<number, string> = new Map([
  [0x00, '0'],
  [0x07, 'a'],
  [0x08, 'b'],
  [0x09, 't'],
  [0x0a, 'n'],
  [0x0b, 'v'],
  [0x0c, 'f'],
  [0x0d, 'r'],
  [0x1b, 'e'],
  [0x22, '"'],
  [0x5c, '\\'],
  [0x85, 'N'],
  [0xa0, '_'],
  [0x2028, 'L'],
  [0x2029, 'P'],
]);

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const name = named.get(code);
  if (name !== undefined) return `\\${name}`;
  const digits = code.toString(16).toUpperCase();
  if (code <= 0xff) return `\\x${digits.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${digits.padStart(4, '0')}` : `\\U${digits.padStart(8, '0')}`;
}
