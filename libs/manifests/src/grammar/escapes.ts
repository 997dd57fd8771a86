import type { Cursor } from './cursor.ts';

/** What a backslash and the character behind it stand for (YAML 1.1 and, as go-yaml has it, the single quote). */
const escapes: ReadonlyMap<string, string> = new Map([
  ['0', '\0'],
  ['a', '\u0007'],
  ['b', '\b'],
  ['t', '\t'],
  ['\t', '\t'],
  ['n', '\n'],
  ['v', '\v'],
  ['f', '\f'],
  ['r', '\r'],
  ['e', '\u001b'],
  [' ', ' '],
  ['"', '"'],
  ["'", "'"],
  ['\\', '\\'],
  ['N', '\u0085'],
  ['_', '\u00a0'],
  ['L', '\u2028'],
  ['P', '\u2029'],
]);

const digits: ReadonlyMap<string, number> = new Map([
  ['x', 2],
  ['u', 4],
  ['U', 8],
]);

const hexadecimal = /^[0-9a-fA-F]+$/;

/** Passes a backslash and what belongs to it, and gives the character that they stand for. */
export function passEscape(cursor: Cursor): string {
  const start = cursor.at;
  const name = cursor.text.charAt(start + 1);
  cursor.at += 2;
  const character = escapes.get(name);
  if (character !== undefined) return character;
  const length = digits.get(name);
  if (length === undefined) cursor.refuse(`found the unknown escape \\${name}`, start);
  const code = cursor.text.slice(cursor.at, cursor.at + length);
  if (code.length < length || !hexadecimal.test(code))
    cursor.refuse(`did not find ${length} hexadecimal digits behind \\${name}`, start);
  const point = Number.parseInt(code, 16);
  if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
    cursor.refuse(`\\${name}${code} is no character`, start);
  cursor.at += length;
  return String.fromCodePoint(point);
}
