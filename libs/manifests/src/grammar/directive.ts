import { isBlank, isBreak, isDigit, isGap, isWord } from './characters.ts';
import type { Cursor } from './cursor.ts';
import { passHandle, passUri } from './tag.ts';

/** A line that starts with `%`: a version, which must be 1.1, or what a tag's handle stands for. */
export type Directive =
  { readonly kind: 'version' } | { readonly kind: 'tag'; readonly handle: string; readonly prefix: string };

const dot = 46;
const hash = 35;

/** Passes a directive, whose `%` comes next, with its line (scannerc.go yaml_parser_scan_directive). */
export function passDirective(cursor: Cursor): Directive {
  const start = cursor.at;
  cursor.at += 1;
  const name = cursor.passWhile(isWord);
  if (!isGap(cursor.code())) cursor.refuse('found an unexpected character in the name of a directive', start);
  const directive = passValue(cursor, name, start);
  cursor.passBlanks();
  if (cursor.code() === hash) cursor.passLine();
  if (!isGap(cursor.code())) cursor.refuse('did not find expected comment or line break', start);
  if (isBreak(cursor.code())) cursor.passBreak();
  return directive;
}

function passValue(cursor: Cursor, name: string, start: number): Directive {
  if (name === 'YAML') return passVersion(cursor, start);
  if (name === 'TAG') return passTagDirective(cursor, start);
  return cursor.refuse('found an unknown directive', start);
}

function passVersion(cursor: Cursor, start: number): Directive {
  cursor.passBlanks();
  const major = cursor.passWhile(isDigit);
  if (cursor.code() !== dot) cursor.refuse('did not find expected version number', start);
  cursor.at += 1;
  const minor = cursor.passWhile(isDigit);
  if (!/^0?1$/.test(major) || !/^0?1$/.test(minor))
    cursor.refuse('found a version of YAML other than 1.1', start);
  return { kind: 'version' };
}

function passTagDirective(cursor: Cursor, start: number): Directive {
  cursor.passBlanks();
  if (cursor.text[cursor.at] !== '!') cursor.refuse("did not find expected '!' of a %TAG directive", start);
  const handle = passHandle(cursor);
  if ((handle !== '!' && !handle.endsWith('!')) || !isBlank(cursor.code()))
    cursor.refuse('did not find expected handle of a %TAG directive', start);
  cursor.passBlanks();
  const prefix = passUri(cursor, start);
  if (!isGap(cursor.code())) cursor.refuse('did not find expected whitespace or line break', start);
  return { kind: 'tag', handle, prefix };
}
