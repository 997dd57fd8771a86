import { isGap, isWord } from './characters.ts';
import type { Cursor } from './cursor.ts';

const exclamation = 33;
const percent = 37;
const less = 60;
const greater = 62;
const uriMarks: ReadonlySet<number> = new Set(
  Array.from(";/?:@&=+$,.!~*'()[]%", (mark) => mark.charCodeAt(0)),
);

/** A tag as written: `handle` is empty for `!` and for `!<tag>`. */
export interface WrittenTag {
  readonly handle: string;
  readonly suffix: string;
}

/** Passes a tag, whose `!` comes next (scannerc.go yaml_parser_scan_tag). */
export function passTag(cursor: Cursor): WrittenTag {
  const start = cursor.at;
  const tag = cursor.code(1) === less ? passVerbatim(cursor, start) : passShorthand(cursor, start);
  if (!isGap(cursor.code()))
    cursor.refuse('did not find expected whitespace or line break behind a tag', start);
  return tag;
}

function passVerbatim(cursor: Cursor, start: number): WrittenTag {
  cursor.at += 2;
  const suffix = passUri(cursor, start);
  if (cursor.code() !== greater) cursor.refuse("did not find the expected '>' of a tag", start);
  cursor.at += 1;
  return { handle: '', suffix };
}

function passShorthand(cursor: Cursor, start: number): WrittenTag {
  const handle = passHandle(cursor);
  if (handle.length > 1 && handle.endsWith('!')) return { handle, suffix: passUri(cursor, start) };
  const suffix = handle.slice(1) + passUri(cursor, start, true);
  return suffix === '' ? { handle: '', suffix: '!' } : { handle: '!', suffix };
}

/** Passes `!`, `!!` or `!name!`; of a tag without a second `!` what could have been a name too. */
export function passHandle(cursor: Cursor): string {
  const from = cursor.at;
  cursor.at += 1;
  cursor.passWhile(isWord);
  if (cursor.code() === exclamation) cursor.at += 1;
  return cursor.text.slice(from, cursor.at);
}

/** Passes what a tag or a tag's prefix may consist of; `%41` stands for `A`. */
export function passUri(cursor: Cursor, start: number, mayBeEmpty = false): string {
  const from = cursor.at;
  const uri = cursor.passWhile(isUri);
  if (uri === '' && !mayBeEmpty) cursor.refuse('did not find expected tag', start);
  if (!uri.includes(String.fromCharCode(percent))) return uri;
  try {
    return decodeURIComponent(uri);
  } catch {
    return cursor.refuse('did not find a character where a tag has %', from);
  }
}

function isUri(code: number): boolean {
  return isWord(code) || uriMarks.has(code);
}
