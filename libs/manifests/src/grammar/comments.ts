import { isBreak } from './characters.ts';
import type { Cursor } from './cursor.ts';

const hash = 35;

/** The next comment behind one, when nothing but blanks and empty lines is between them: go-yaml looks 512 characters far. */
const nextComment = /[\r\n][ \t\r\n]{0,510}#/y;
const commentBehind = /[ \t]{1,511}#/y;

/** The comments of a text. Where go-yaml v3 looks for comments it passes tabs that are in the way, and v2 refuses them. */
export class Comments {
  readonly #cursor: Cursor;
  readonly #passesTabs: boolean;

  constructor(cursor: Cursor, isKeeping: boolean) {
    this.#cursor = cursor;
    this.#passesTabs = isKeeping && cursor.text.includes('\t');
  }

  /** Passes a comment, which comes next, and further ones. */
  pass(): void {
    const cursor = this.#cursor;
    cursor.passLine();
    while (this.#passesTabs && this.#isAt(nextComment)) {
      while (cursor.code() !== hash) {
        if (isBreak(cursor.code())) cursor.passBreak();
        else cursor.at += 1;
      }
      cursor.passLine();
    }
  }

  /** Passes a comment behind the `?` or `:` of a key that stands for itself. */
  passBehindIndicator(isKeyAllowed: boolean): void {
    if (!isKeyAllowed || !this.#passesTabs || !this.#isAt(commentBehind)) return;
    this.#cursor.passBlanks();
    this.#cursor.passLine();
  }

  #isAt(pattern: RegExp): boolean {
    pattern.lastIndex = this.#cursor.at;
    return pattern.test(this.#cursor.text);
  }
}
