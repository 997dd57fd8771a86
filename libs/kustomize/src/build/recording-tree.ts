import { identityIn, type FileTree } from '../tree.ts';

/** A tree that takes note of every path that is looked at, so that a result can be told to be still true. */
export class RecordingTree implements FileTree {
  readonly #tree: FileTree;
  #seen = new Set<string>();
  readonly real?: (path: string) => string | undefined;

  constructor(tree: FileTree) {
    this.#tree = tree;
    if (tree.real) this.real = (path) => tree.real?.(path);
  }

  shown(path: string): string {
    return this.#tree.shown?.(path) ?? path;
  }

  readFile(path: string): string | undefined {
    this.#seen.add(path);
    return this.#tree.readFile(path);
  }

  readBytes(path: string): Uint8Array | undefined {
    this.#seen.add(path);
    return this.#tree.readBytes?.(path);
  }

  list(dir: string): readonly string[] | undefined {
    this.#seen.add(dir);
    return this.#tree.list(dir);
  }

  identity(path: string): string {
    this.#seen.add(path);
    return identityIn(this.#tree, path);
  }

  unreadable(path: string): string | undefined {
    this.#seen.add(path);
    return this.#tree.unreadable?.(path);
  }

  /** Runs a step and gives with its result everything that it looked at. */
  recorded<Result>(step: () => Result): { readonly result: Result; readonly reads: Map<string, string> } {
    const outer = this.#seen;
    this.#seen = new Set();
    try {
      const result = step();
      const reads = new Map([...this.#seen].map((path) => [path, identityIn(this.#tree, path)]));
      return { result, reads };
    } finally {
      for (const path of this.#seen) outer.add(path);
      this.#seen = outer;
    }
  }
}
