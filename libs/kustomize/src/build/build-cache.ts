import type { LocatedError } from '@meridian/fleet';
import { identityIn, type FileTree } from '../tree.ts';
import type { Accumulation } from './accumulation.ts';
import type { KeptEnd } from './kept-ends.ts';
import type { KeptSteps } from './kept-steps.ts';
import type { Resources } from './step.ts';

/** What was looked at, path by path, with the identity of what was there. */
export type Reads = ReadonlyMap<string, string>;

/** Whether everything that was looked at is the same in a tree. */
export function isUnchanged(reads: Reads, tree: FileTree): boolean {
  for (const [path, identity] of reads) if (identityIn(tree, path) !== identity) return false;
  return true;
}

/** A base as it was accumulated once, with everything that it depended on. */
export interface KeptBase {
  readonly reads: Reads;
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
/** How many objects steps are kept of, and likewise ends of builds: both of one object take some four kilobytes. */
const mostObjects = 250_000;

/**
 * What builds have in common: files that were parsed and bases that were accumulated, by the identity of what they were
 * made of. It never changes a result. Whoever has waited longest goes first when it is full.
 */
export class BuildCache {
  readonly #bases = new Recent<string, KeptBase[]>(mostBases);
  readonly #parsed = new Recent<string, unknown>(mostTexts);
  /** The objects of each file as it was read last. */
  readonly sources = new Recent<string, Resources>(mostObjects);
  /** What the steps of targets made of each object. */
  readonly steps = new Recent<string, KeptSteps>(mostObjects);
  /** The objects at the end of builds. */
  readonly ends = new Recent<string, KeptEnd>(mostObjects);

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
    return this.#bases.get(key)?.find(({ reads }) => isUnchanged(reads, tree));
  }

  /** Keeps a base for later builds. */
  keep(key: string, base: KeptBase): void {
    this.#bases.set(key, [base, ...(this.#bases.get(key) ?? [])].slice(0, mostStates));
  }
}

/** A map that forgets what was not asked for longest, so that what it holds weighs no more than `most`. */
class Recent<Key, Value> {
  readonly #most: number;
  readonly #entries = new Map<Key, { readonly value: Value; readonly weight: number }>();
  #weight = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get(key: Key): Value | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  set(key: Key, value: Value, weight = 1): void {
    this.#remove(key);
    this.#entries.set(key, { value, weight });
    this.#weight += weight;
    for (const oldest of this.#entries.keys()) {
      if (this.#weight <= this.#most) return;
      this.#remove(oldest);
    }
  }

  #remove(key: Key): void {
    this.#weight -= this.#entries.get(key)?.weight ?? 0;
    this.#entries.delete(key);
  }
}
