import { isBreak } from './characters.ts';
import type { Cursor } from './cursor.ts';

const hash = 35;

/** The next comment behind one, when nothing but blanks and empty lines is between them: go-yaml looks 512 characters far. */
const nextComment = /[\r\n][ \t\r\n]{0,510}#/y;
const commentBehind = /[ \t]{1,511}#/y;

/** Comments and empty lines up to the end of the document. */
const lastComments = /(?:[ \t]*(?:#[^\n\0]*)?\n)*(?:[ \t]*(?:#[^\n\0]*)?\0|(?:---|\.\.\.)(?=[\s\0]))/y;

/** The comments of a text. Where go-yaml v3 looks for comments it passes tabs that are in the way, and v2 refuses them. */
export class Comments {
  readonly #cursor: Cursor;
  readonly #isKeeping: boolean;
  readonly #passesTabs: boolean;

  constructor(cursor: Cursor, isKeeping: boolean) {
    this.#cursor = cursor;
    this.#isKeeping = isKeeping;
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

  /**
   * The text of a block that was just passed. Who keeps comments writes those at the end of a document behind an empty line,
   * and to a block that keeps its own empty lines that is one more when it is read again, as kustomize does.
   */
  textOfBlock(text: string): string {
    const endsEmpty = text.endsWith('\n\n') || text === '\n';
    if (!endsEmpty || !this.#isKeeping || this.#cursor.code() !== hash) return text;
    return this.#isAt(lastComments) ? `${text}\n` : text;
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
