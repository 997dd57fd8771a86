import { isBlank, isBreak, isGap, tabCode } from './characters.ts';
import { folded, type Cursor } from './cursor.ts';

/** What a text without quotes says, and whether line breaks behind it have been passed too. */
export interface PlainText {
  readonly text: string;
  readonly endsLine: boolean;
}

/**
 * Passes a text without quotes (scannerc.go yaml_parser_scan_plain_scalar). Lines further left than `indent` end it, but not
 * in brackets and braces (`inFlow`).
 */
export function passPlain(cursor: Cursor, indent: number, inFlow: boolean): PlainText {
  let text = '';
  let between = '';
  let endsLine = false;
  while (!cursor.isAtDocumentMark() && cursor.code() !== hash) {
    const words = passWords(cursor, inFlow);
    if (words !== '') {
      text += between + words;
      endsLine = false;
    }
    if (!isBlank(cursor.code()) && !isBreak(cursor.code())) break;
    const start = cursor.at;
    const breaks = passGap(cursor, indent, start);
    if (breaks === undefined) continue;
    between = breaks;
    endsLine = true;
    if (!inFlow && cursor.column < indent) break;
  }
  return { text, endsLine };
}

const hash = 35;
const colon = 58;
const flowIndicators: ReadonlySet<number> = new Set([44, 63, 91, 93, 123, 125]);

/** The words of one line; the blanks behind them are not passed. */
function passWords(cursor: Cursor, inFlow: boolean): string {
  const { text } = cursor;
  const from = cursor.at;
  let end = from;
  let at = from;
  for (;;) {
    const code = text.charCodeAt(at);
    if (isBlank(code)) {
      at += 1;
      continue;
    }
    if (!isLetter(code) && (endsWords(text, at, inFlow) || (code === hash && at !== end))) break;
    at += 1;
    end = at;
  }
  cursor.at = end;
  return text.slice(from, end);
}

/** Most characters are, and end nothing. */
function isLetter(code: number): boolean {
  return code >= 97 && code <= 122;
}

function endsWords(text: string, at: number, inFlow: boolean): boolean {
  const code = text.charCodeAt(at);
  if (code > colon && code < 91) return inFlow && code === 63;
  if (code === colon) return isGap(text.charCodeAt(at + 1));
  return isGap(code) || (inFlow && flowIndicators.has(code));
}

/** Passes blanks and line breaks; gives what they are between two words, undefined when there is no line break. */
function passGap(cursor: Cursor, indent: number, start: number): string | undefined {
  let first: string | undefined;
  let further = '';
  for (;;) {
    const code = cursor.code();
    if (isBlank(code)) {
      if (first !== undefined && code === tabCode && cursor.column < indent)
        cursor.refuse('found a tab character that violates indentation', start);
      cursor.at += 1;
    } else if (!isBreak(code)) break;
    else if (first === undefined) first = cursor.passBreak();
    else further += cursor.passBreak();
  }
  return first === undefined ? undefined : folded(first, further);
}
