/** Blob contents by blob id, the least recently used dropped first; holds at most `capBytes`. */
export class BlobCache {
  readonly #capBytes: number;
  readonly #texts = new Map<string, string>();
  #heldBytes = 0;

  constructor(capBytes: number) {
    this.#capBytes = capBytes;
  }

  get(blob: string): string | undefined {
    const text = this.#texts.get(blob);
    if (text === undefined) return undefined;
    this.#texts.delete(blob);
    this.#texts.set(blob, text);
    return text;
  }

  set(blob: string, text: string): void {
    if (this.#texts.has(blob) || text.length > this.#capBytes) return;
    this.#texts.set(blob, text);
    this.#heldBytes += text.length;
    for (const [oldest, held] of this.#texts) {
      if (this.#heldBytes <= this.#capBytes) break;
      this.#texts.delete(oldest);
      this.#heldBytes -= held.length;
    }
  }
}
