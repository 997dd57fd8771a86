import type { Cursor } from './cursor.ts';

/** How far the colon behind a key may be from its start, on the same line. */
const longestKey = 1024;

/** What may turn out to be a key once a colon follows. */
export interface SimpleKey {
  isPossible: boolean;
  /** Whether something is wrong when no colon follows. */
  isRequired: boolean;
  /** Number of its first token. */
  token: number;
  at: number;
  line: number;
  column: number;
}

function noKey(): SimpleKey {
  return { isPossible: false, isRequired: false, token: 0, at: 0, line: 0, column: 0 };
}

/** The possible keys of the block and of each flow collection around the cursor (scannerc.go simple keys). */
export class SimpleKeys {
  readonly #cursor: Cursor;
  readonly #keys: SimpleKey[] = [];
  #last = noKey();
  /** Whether a key may start at the cursor. */
  isAllowed = true;

  constructor(cursor: Cursor) {
    this.#cursor = cursor;
    this.#keys.push(this.#last);
  }

  /** The possible key of the innermost collection when a colon may still follow it. */
  current(): SimpleKey | undefined {
    return this.#isValid(this.#last) ? this.#last : undefined;
  }

  /** Whether a token may still turn out to be the start of a key. */
  mayStartWith(token: number): boolean {
    for (const key of this.#keys)
      if (key.isPossible && key.token === token && this.#isValid(key)) return true;
    return false;
  }

  /** Notes that a key may start at the cursor, with a token, if one is allowed. */
  save(token: number, isRequired: boolean): void {
    if (!this.isAllowed) return;
    this.remove();
    const { at, line, column } = this.#cursor;
    const key = this.#last;
    key.isPossible = true;
    key.isRequired = isRequired;
    key.token = token;
    key.at = at;
    key.line = line;
    key.column = column;
  }

  /** Gives up the possible key of the innermost collection; refuses the text when there has to be one. */
  remove(): void {
    const key = this.#last;
    if (key.isPossible && key.isRequired) this.#refuse(key);
    key.isPossible = false;
  }

  /** Enters a flow collection. */
  open(): void {
    this.#last = noKey();
    this.#keys.push(this.#last);
  }

  /** Leaves a flow collection. */
  close(): void {
    if (this.#keys.length === 1) return;
    this.#keys.pop();
    this.#last = this.#keys.at(-1) ?? this.#last;
  }

  #isValid(key: SimpleKey): boolean {
    if (!key.isPossible) return false;
    if (key.line === this.#cursor.line && !this.#isTooLong(key)) return true;
    if (key.isRequired) this.#refuse(key);
    key.isPossible = false;
    return false;
  }

  /** go-yaml counts characters, not UTF-16 units. */
  #isTooLong({ at }: SimpleKey): boolean {
    const { at: end, text } = this.#cursor;
    if (end - at <= longestKey) return false;
    return end - at > 2 * longestKey || Array.from(text.slice(at, end)).length > longestKey;
  }

  #refuse({ at }: SimpleKey): never {
    return this.#cursor.refuse("could not find expected ':'", at);
  }
}
