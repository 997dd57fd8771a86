import { endCode, isBlank, isBreak, isGap } from './characters.ts';
import { folded, type Cursor } from './cursor.ts';
import { passEscape } from './escapes.ts';

const doubleQuote = 34;
const singleQuote = 39;
const backslash = 92;

/** Passes a text in quotes, the first of which comes next (scannerc.go yaml_parser_scan_flow_scalar). */
export function passQuoted(cursor: Cursor): string {
  const opened = cursor.at;
  const quote = cursor.code();
  cursor.at += 1;
  let value = '';
  for (;;) {
    if (cursor.isAtDocumentMark()) cursor.refuse('found a document marker in a quoted text', opened);
    if (cursor.code() === endCode) cursor.refuse('found unexpected end of stream in a quoted text', opened);
    const words = passWords(cursor, quote);
    value += words.text;
    if (cursor.code() === quote) break;
    value += passGap(cursor, words.isContinued);
  }
  cursor.at += 1;
  return value;
}

interface Words {
  readonly text: string;
  /** An escaped line break ends them, which is passed too. */
  readonly isContinued: boolean;
}

/** What stands on a line up to the quote that ends the text, or to the blanks that end the line. */
function passWords(cursor: Cursor, quote: number): Words {
  let text = '';
  let from = cursor.at;
  const take = () => {
    text += cursor.text.slice(from, cursor.at);
  };
  for (;;) {
    passUnescaped(cursor, quote);
    const code = cursor.code();
    if (code === backslash && quote === doubleQuote) {
      take();
      if (isBreak(cursor.code(1))) {
        cursor.at += 1;
        cursor.passBreak();
        return { text, isContinued: true };
      }
      text += passEscape(cursor);
    } else if (code === singleQuote && quote === singleQuote && cursor.code(1) === singleQuote) {
      cursor.at += 1;
      take();
      cursor.at += 1;
    } else break;
    from = cursor.at;
  }
  take();
  return { text, isContinued: false };
}

/** Passes characters that stand for themselves, blanks between them included. */
function passUnescaped(cursor: Cursor, quote: number): void {
  const { text } = cursor;
  let at = cursor.at;
  let end = at;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code === quote || code === backslash) {
      if (code === quote || quote === doubleQuote) {
        cursor.at = at;
        return;
      }
    } else if (isGap(code)) {
      if (!isBlank(code)) break;
      at += 1;
      continue;
    }
    at += 1;
    end = at;
  }
  cursor.at = end;
}

/** Passes blanks and line breaks; gives what they are between the words around them. */
function passGap(cursor: Cursor, isContinued: boolean): string {
  const from = cursor.at;
  let first = isContinued ? '' : undefined;
  let further = '';
  for (;;) {
    cursor.passBlanks();
    if (!isBreak(cursor.code())) break;
    if (first === undefined) first = cursor.passBreak();
    else further += cursor.passBreak();
  }
  return first === undefined ? cursor.text.slice(from, cursor.at) : folded(first, further);
}
