import type { LocatedError } from '@meridian/fleet';
import { identityIn, type FileTree } from '../tree.ts';
import type { Accumulation } from './accumulation.ts';

/** A base as it was accumulated once, with everything that it depended on. */
export interface KeptBase {
  /** What was looked at, path by path, with the identity of what was there. */
  readonly reads: ReadonlyMap<string, string>;
  /** Its own directory and those of all kustomizations in it. */
  readonly roots: readonly string[];
  readonly accumulation: Accumulation;
  readonly warnings: readonly LocatedError[];
  readonly isBuiltInLoaded: boolean;
  /** How often its steps went through an object. */
  readonly visits: number;
  readonly looks: number;
}

const mostBases = 2_000;
/** How many states of one base are kept: clusters that are promoted one after the other read different revisions. */
const mostStates = 4;
const mostTexts = 20_000;

/**
 * What builds have in common: files that were parsed and bases that were accumulated, by the identity of what they were
 * made of. It never changes a result. Whoever has waited longest goes first when it is full.
 */
export class BuildCache {
  readonly #bases = new Recent<string, KeptBase[]>(mostBases);
  readonly #parsed = new Recent<string, unknown>(mostTexts);

  /** What `make` gives for a file of a tree, made once for what is at the path. `kind` names the maker. */
  parsed<Value>(
    kind: string,
    file: { readonly tree: FileTree; readonly path: string },
    make: () => Value,
  ): Value {
    return this.made(`${kind} ${file.path} ${identityIn(file.tree, file.path)}`, make);
  }

  /** What `make` gives, made once for a key that says everything that it depends on. */
  made<Value>(key: string, make: () => Value): Value {
    const known = this.#parsed.get(key);
    // A key is only ever used with one type: its first word names the maker.
    if (known !== undefined) return known as Value;
    const value = make();
    this.#parsed.set(key, value);
    return value;
  }

  /** A base in exactly the state in which the tree has it. */
  base(key: string, tree: FileTree): KeptBase | undefined {
    return this.#bases
      .get(key)
      ?.find(({ reads }) => [...reads].every(([path, identity]) => identityIn(tree, path) === identity));
  }

  /** Keeps a base for later builds. */
  keep(key: string, base: KeptBase): void {
    this.#bases.set(key, [base, ...(this.#bases.get(key) ?? [])].slice(0, mostStates));
  }
}

/** A map that forgets what was not asked for longest. */
class Recent<Key, Value> {
  readonly #most: number;
  readonly #entries = new Map<Key, Value>();

  constructor(most: number) {
    this.#most = most;
  }

  get(key: Key): Value | undefined {
    const value = this.#entries.get(key);
    if (value === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, value);
    return value;
  }

  set(key: Key, value: Value): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size <= this.#most) return;
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      return;
    }
  }
}
