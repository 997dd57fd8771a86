import type { Token } from './token.ts';

/** How many tokens that were taken may stay in front of the queue. */
const mostTaken = 64;

/** Tokens between the scanner that puts them in and the parser that takes them out. They are numbered from 0. */
export class TokenQueue {
  readonly #tokens: Token[] = [];
  #head = 0;
  #taken = 0;

  /** How many tokens wait. */
  get size(): number {
    return this.#tokens.length - this.#head;
  }

  /** Number of the token that is taken next. */
  get firstNumber(): number {
    return this.#taken;
  }

  /** Number that the next token to come will have. */
  get nextNumber(): number {
    return this.#taken + this.size;
  }

  /** The token that is taken next; undefined when none waits. */
  get first(): Token | undefined {
    return this.#tokens[this.#head];
  }

  put(token: Token): void {
    this.#tokens.push(token);
  }

  /** Puts a token before the one that has a number, which must not have been taken. */
  putBefore(number: number, token: Token): void {
    const tokens = this.#tokens;
    const place = this.#head + number - this.#taken;
    tokens.push(token);
    for (let at = tokens.length - 1; at > place; at -= 1) tokens[at] = tokens[at - 1] ?? token;
    tokens[place] = token;
  }

  /** Takes the first token out. */
  take(): void {
    this.#head += 1;
    this.#taken += 1;
    if (this.#head < mostTaken) return;
    this.#tokens.splice(0, this.#head);
    this.#head = 0;
  }
}
