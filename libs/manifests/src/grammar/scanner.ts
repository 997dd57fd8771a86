import { YamlRefusal } from '../refusal.ts';
import { passBlock } from './block.ts';
import { endCode, isBreak, isGap, isWord, tabCode } from './characters.ts';
import { Comments } from './comments.ts';
import { Cursor } from './cursor.ts';
import { passDirective } from './directive.ts';
import { passPlain } from './plain.ts';
import { passQuoted } from './quoted.ts';
import { SimpleKeys } from './simple-keys.ts';
import { passTag } from './tag.ts';
import {
  directiveToken,
  mark,
  nameToken,
  scalarToken,
  tagToken,
  type Token,
  type TokenKind,
} from './token.ts';
import { TokenQueue } from './token-queue.ts';

/** What a scanner is told. */
export interface ScannerOptions {
  /**
   * Whether comments are kept, as go-yaml v3 does and v2 does not. For their sake v3 looks two tokens further and so
   * meets errors behind the end of a document.
   */
  readonly keepsComments: boolean;
  readonly maxDepth: number;
}

const percent = 37;
const dash = 45;
const hash = 35;

/** Finds the tokens of a text as go-yaml does (scannerc.go, a port of libyaml). Throws where go-yaml refuses. */
export class Scanner {
  readonly #cursor: Cursor;
  readonly #comments: Comments;
  readonly #keys: SimpleKeys;
  readonly #queue = new TokenQueue();
  readonly #maxDepth: number;
  readonly #lookAhead: number;
  /** Columns of the block collections around the innermost one, and its own. */
  readonly #indents: number[] = [];
  #indent = -1;
  #flowLevel = 0;
  #isFilled = false;

  constructor(text: string, { keepsComments, maxDepth }: ScannerOptions) {
    this.#cursor = new Cursor(text);
    this.#comments = new Comments(this.#cursor, keepsComments);
    this.#keys = new SimpleKeys(this.#cursor);
    this.#maxDepth = maxDepth;
    this.#lookAhead = keepsComments ? 2 : 0;
  }

  /** The next token, which stays the next one; behind the end of the text it is its end. */
  peek(): Token {
    if (!this.#isFilled) this.#fill();
    return this.#queue.first ?? mark('stream end', this.#cursor.at);
  }

  /** Passes the token that was peeked at. */
  skip(): void {
    this.#isFilled = false;
    this.#queue.take();
  }

  #fill(): void {
    const queue = this.#queue;
    while (queue.size <= this.#lookAhead || this.#keys.mayStartWith(queue.firstNumber)) this.#fetch();
    this.#isFilled = true;
  }

  #fetch(): void {
    const cursor = this.#cursor;
    this.#passGap();
    this.#closeBlocks(cursor.column);
    const code = cursor.code();
    if (code === endCode) this.#fetchEnd();
    else if (cursor.at !== cursor.lineStart || !this.#fetchLineStart(code)) this.#fetchContent(code);
  }

  #fetchContent(code: number): void {
    const fetch = Scanner.#fetchers.get(code);
    if (fetch) fetch(this);
    else this.#fetchPlain();
  }

  /** What stands before the next token: blanks, line breaks, comments. A tab is no blank where a key may start. */
  #passGap(): void {
    const cursor = this.#cursor;
    for (;;) {
      if (this.#flowLevel > 0 || !this.#keys.isAllowed) cursor.passBlanks();
      else cursor.passSpaces();
      if (cursor.code() === hash) this.#comments.pass();
      if (!isBreak(cursor.code())) return;
      cursor.passBreak();
      if (this.#flowLevel === 0) this.#keys.isAllowed = true;
    }
  }

  #openBlock(kind: TokenKind, start: number, { column, before }: { column: number; before?: number }): void {
    if (this.#flowLevel > 0 || this.#indent >= column) return;
    this.#indents.push(this.#indent);
    this.#indent = column;
    this.#checkDepth();
    if (before === undefined) this.#queue.put(mark(kind, start));
    else this.#queue.putBefore(before, mark(kind, start));
  }

  #closeBlocks(column: number): void {
    if (this.#flowLevel > 0) return;
    while (this.#indent > column) {
      this.#queue.put(mark('block end', this.#cursor.at));
      this.#indent = this.#indents.pop() ?? -1;
    }
  }

  #checkDepth(): void {
    if (this.#indents.length + this.#flowLevel <= this.#maxDepth) return;
    throw new YamlRefusal(
      `the YAML nests deeper than ${this.#maxDepth} levels`,
      this.#cursor.at,
      'flatten it',
    );
  }

  #fetchEnd(): void {
    // Possible keys end with their line.
    if (this.#cursor.column > 0) this.#cursor.line += 1;
    this.#endBlocks();
    this.#queue.put(mark('stream end', this.#cursor.at));
  }

  #endBlocks(): void {
    this.#closeBlocks(-1);
    this.#keys.remove();
    this.#keys.isAllowed = false;
  }

  /** What stands at the start of a line only: directives and the marks between documents. */
  #fetchLineStart(code: number): boolean {
    const cursor = this.#cursor;
    const start = cursor.at;
    if (code === percent) {
      this.#endBlocks();
      this.#queue.put(directiveToken(start, passDirective(cursor)));
      return true;
    }
    if (!cursor.isAtDocumentMark()) return false;
    this.#endBlocks();
    cursor.at += 3;
    this.#queue.put(mark(code === dash ? 'document start' : 'document end', start));
    return true;
  }

  /** Puts the token of an indicator of one character. */
  #putIndicator(kind: TokenKind): void {
    this.#queue.put(mark(kind, this.#cursor.at));
    this.#cursor.at += 1;
  }

  #fetchFlowStart(kind: TokenKind): void {
    this.#saveKey();
    this.#keys.open();
    this.#flowLevel += 1;
    this.#checkDepth();
    this.#keys.isAllowed = true;
    this.#putIndicator(kind);
  }

  #fetchFlowEnd(kind: TokenKind): void {
    this.#keys.remove();
    this.#keys.close();
    if (this.#flowLevel > 0) this.#flowLevel -= 1;
    this.#keys.isAllowed = false;
    this.#putIndicator(kind);
  }

  #fetchFlowEntry(): void {
    this.#keys.remove();
    this.#keys.isAllowed = true;
    this.#putIndicator('flow entry');
  }

  #fetchDash(): void {
    if (!isGap(this.#cursor.code(1))) {
      this.#fetchPlain();
      return;
    }
    this.#openBlockHere('block sequence start', 'block sequence entries are not allowed in this context');
    this.#keys.remove();
    this.#keys.isAllowed = true;
    this.#putIndicator('block entry');
  }

  #fetchQuestion(): void {
    if (this.#flowLevel === 0 && !isGap(this.#cursor.code(1))) {
      this.#fetchPlain();
      return;
    }
    this.#openBlockHere('block mapping start', 'mapping keys are not allowed in this context');
    this.#keys.remove();
    this.#keys.isAllowed = this.#flowLevel === 0;
    this.#putIndicator('key');
    this.#comments.passBehindIndicator(this.#keys.isAllowed);
  }

  #fetchColon(): void {
    if (this.#flowLevel === 0 && !isGap(this.#cursor.code(1))) {
      this.#fetchPlain();
      return;
    }
    const key = this.#keys.current();
    if (key) {
      this.#queue.putBefore(key.token, mark('key', key.at));
      this.#openBlock('block mapping start', key.at, { column: key.column, before: key.token });
      key.isPossible = false;
      this.#keys.isAllowed = false;
    } else {
      this.#openBlockHere('block mapping start', 'mapping values are not allowed in this context');
      this.#keys.isAllowed = this.#flowLevel === 0;
    }
    this.#putIndicator('value');
    this.#comments.passBehindIndicator(this.#keys.isAllowed);
  }

  #openBlockHere(kind: TokenKind, problem: string): void {
    if (this.#flowLevel > 0) return;
    const { at, column } = this.#cursor;
    if (!this.#keys.isAllowed) this.#cursor.refuse(problem);
    this.#openBlock(kind, at, { column });
  }

  #saveKey(): void {
    this.#keys.save(this.#queue.nextNumber, this.#flowLevel === 0 && this.#indent === this.#cursor.column);
  }

  #fetchName(kind: 'alias' | 'anchor'): void {
    const cursor = this.#cursor;
    const start = cursor.at;
    this.#saveKey();
    this.#keys.isAllowed = false;
    cursor.at += 1;
    const name = cursor.passWhile(isWord);
    if (name === '' || !(isGap(cursor.code()) || '?:,]}%@`'.includes(cursor.text.charAt(cursor.at))))
      cursor.refuse(`did not find the name of an ${kind}`, start);
    this.#queue.put(nameToken(kind, start, name));
  }

  #fetchTag(): void {
    const start = this.#cursor.at;
    this.#saveKey();
    this.#keys.isAllowed = false;
    this.#queue.put(tagToken(start, passTag(this.#cursor)));
  }

  #fetchBlock(style: 'literal' | 'folded'): void {
    const start = this.#cursor.at;
    if (this.#flowLevel > 0) this.#refuseStart();
    this.#keys.remove();
    this.#keys.isAllowed = true;
    const text = passBlock(this.#cursor, this.#indent, style === 'folded');
    this.#queue.put(scalarToken(start, this.#comments.textOfBlock(text), style));
  }

  #fetchQuoted(): void {
    const start = this.#cursor.at;
    this.#saveKey();
    this.#keys.isAllowed = false;
    this.#queue.put(scalarToken(start, passQuoted(this.#cursor), 'quoted'));
  }

  #fetchPlain(): void {
    const start = this.#cursor.at;
    this.#saveKey();
    this.#keys.isAllowed = false;
    const plain = passPlain(this.#cursor, this.#indent + 1, this.#flowLevel > 0);
    if (plain.endsLine) this.#keys.isAllowed = true;
    this.#queue.put(scalarToken(start, plain.text, 'plain'));
  }

  #refuseStart(): never {
    const character = this.#cursor.code() === tabCode ? 'tab' : this.#cursor.text.charAt(this.#cursor.at);
    return this.#cursor.refuse(`found a ${character} that cannot start any token`);
  }

  /** What is done at a character; at any other one a text without quotes starts. */
  static readonly #fetchers: ReadonlyMap<number, (scanner: Scanner) => void> = new Map(
    Object.entries<(scanner: Scanner) => void>({
      '[': (scanner) => scanner.#fetchFlowStart('flow sequence start'),
      ']': (scanner) => scanner.#fetchFlowEnd('flow sequence end'),
      '{': (scanner) => scanner.#fetchFlowStart('flow mapping start'),
      '}': (scanner) => scanner.#fetchFlowEnd('flow mapping end'),
      ',': (scanner) => scanner.#fetchFlowEntry(),
      '-': (scanner) => scanner.#fetchDash(),
      '?': (scanner) => scanner.#fetchQuestion(),
      ':': (scanner) => scanner.#fetchColon(),
      '*': (scanner) => scanner.#fetchName('alias'),
      '&': (scanner) => scanner.#fetchName('anchor'),
      '!': (scanner) => scanner.#fetchTag(),
      '|': (scanner) => scanner.#fetchBlock('literal'),
      '>': (scanner) => scanner.#fetchBlock('folded'),
      "'": (scanner) => scanner.#fetchQuoted(),
      '"': (scanner) => scanner.#fetchQuoted(),
      '%': (scanner) => scanner.#refuseStart(),
      '@': (scanner) => scanner.#refuseStart(),
      '`': (scanner) => scanner.#refuseStart(),
      '\t': (scanner) => scanner.#refuseStart(),
    }).map(([character, fetch]) => [character.charCodeAt(0), fetch]),
  );
}
