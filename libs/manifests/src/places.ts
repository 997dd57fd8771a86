/** Where a part of a collection starts in the text, and where the parts of that part do. */
export interface Place {
  readonly offset: number;
  /** Undefined for a scalar. */
  readonly below: Places | undefined;
}

/** Where the parts of a collection start in the text: by key or by position. */
export interface Places {
  readonly of: (step: string | number) => Place | undefined;
}

/**
 * The places of a mapping's keys. Every key of every file has one and few are ever asked for, so they are kept in lists and
 * found by name only when somebody asks.
 */
export class MappingPlaces implements Places {
  readonly #names: string[] = [];
  readonly #list = new ListPlaces();
  #positions: Map<string, number> | undefined;

  /** Adds a key; of one that is added again the last place counts. */
  add(name: string, offset: number, below: Places | undefined): void {
    this.#positions?.set(name, this.#names.length);
    this.#names.push(name);
    this.#list.add(offset, below);
  }

  /** The place of a key; undefined when there is no such key. */
  of(step: string | number): Place | undefined {
    this.#positions ??= new Map(this.#names.map((name, position) => [name, position]));
    const position = this.#positions.get(String(step));
    return position === undefined ? undefined : this.#list.of(position);
  }
}

/** The places of a list's items. */
export class ListPlaces implements Places {
  readonly #offsets: number[] = [];
  readonly #below: (Places | undefined)[] = [];

  /** Adds the next item. */
  add(offset: number, below: Places | undefined): void {
    this.#offsets.push(offset);
    this.#below.push(below);
  }

  /** The place of the item at a position; undefined when there is none. */
  of(step: string | number): Place | undefined {
    const offset = typeof step === 'number' ? this.#offsets[step] : undefined;
    return offset === undefined ? undefined : { offset, below: this.#below[Number(step)] };
  }
}
