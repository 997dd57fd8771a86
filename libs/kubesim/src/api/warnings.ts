import type { ServerResponse } from 'node:http';

const mostCharacters = 4 * 1024;
const mostOfOne = 256;

/** The warnings of one answer: each is told once, and all of them are cut short when they come to more than clients can read. */
export class Warnings {
  readonly #response: ServerResponse;
  readonly #told = new Set<string>();
  #written = 0;
  #cuts = false;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  /** Adds a warning to the answer to come. */
  add(text: string): void {
    const isFull = this.#cuts && this.#written >= mostCharacters;
    if (text === '' || isFull || this.#told.has(text)) return;
    this.#told.add(text);
    if (this.#cuts || this.#written + [...text].length <= mostCharacters) {
      this.#write(text);
      return;
    }
    this.#cuts = true;
    this.#written = 0;
    this.#response.removeHeader('warning');
    for (const told of this.#told) this.#write(told);
  }

  /** Headers are bytes, and Go's are UTF-8. Nobody is told of a warning with control characters. */
  #write(text: string): void {
    if (/\p{Cc}/u.test(text)) return;
    const characters = this.#cuts ? [...text].slice(0, mostOfOne) : [...text];
    this.#written += characters.length;
    const quoted = characters.join('').replaceAll(/["\\]/g, '\\$&');
    this.#response.appendHeader('warning', Buffer.from(`299 - "${quoted}"`).toString('latin1'));
  }
}
