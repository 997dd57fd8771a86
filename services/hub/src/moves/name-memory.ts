/** Sets of names that took work to make, by what they were made of; with more names than `most` in all of them, all are forgotten. */
export class NameMemory {
  readonly #most: number;
  readonly #sets = new Map<string, ReadonlySet<string>>();
  #names = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Names that are remembered. */
  get size(): number {
    return this.#names;
  }

  /** The set of a key, made when it is not remembered. */
  of(key: string, make: () => ReadonlySet<string>): ReadonlySet<string> {
    const known = this.#sets.get(key);
    if (known) return known;
    const made = make();
    if (this.#names + made.size > this.#most) {
      this.#sets.clear();
      this.#names = 0;
    }
    this.#sets.set(key, made);
    this.#names += made.size;
    return made;
  }
}
