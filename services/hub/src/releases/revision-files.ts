import type { GitTree, LoadedTree } from '@meridian/git';
import type { FileTree } from '@meridian/kustomize';

/** What a resolver looked at: path -> identity of what was there. Equal identities mean equal content. */
export type Reads = ReadonlyMap<string, string>;

/**
 * The files of one revision for a resolver that does no I/O. Only directories that were asked for are read; a look
 * elsewhere is noted, so that the caller can read that too and resolve again.
 */
export class RevisionFiles {
  readonly #tree: GitTree;
  readonly #signal: AbortSignal;
  readonly #byPath: ReadonlyMap<string, string>;
  readonly #dirs = new Set<string>();
  #loaded: LoadedTree;

  private constructor(tree: GitTree, loaded: LoadedTree, signal: AbortSignal) {
    this.#tree = tree;
    this.#loaded = loaded;
    this.#signal = signal;
    this.#byPath = new Map(tree.entries.map(({ path, kind, blob }) => [path, `${kind} ${blob}`]));
  }

  /** The files of a revision, none of them read yet. */
  static async open(tree: GitTree, signal: AbortSignal): Promise<RevisionFiles> {
    return new RevisionFiles(tree, await tree.load(() => false, signal), signal);
  }

  /** Reads everything below some directories (or single files) unless that has been done. */
  async need(paths: readonly string[]): Promise<void> {
    const missing = paths.filter((path) => !this.#isNeeded(path));
    if (missing.length === 0) return;
    for (const path of missing) this.#dirs.add(path);
    this.#loaded = await this.#tree.load(({ path }) => this.#isNeeded(path), this.#signal);
  }

  /** What is at a path, as a text that changes when the content does. */
  identity(path: string): string {
    const file = this.#byPath.get(path);
    if (file !== undefined) return file;
    const names = this.#loaded.list(path);
    return names === undefined ? 'nothing' : `directory ${names.join('/')}`;
  }

  /** Whether everything that was looked at is still the same here. */
  matches(reads: Reads): boolean {
    for (const [path, identity] of reads) if (this.identity(path) !== identity) return false;
    return true;
  }

  /** Plain files at or below a directory, with their texts; `unreadable` says why a text is missing. */
  texts(dir: string): { path: string; text: string | undefined; unreadable: string | undefined }[] {
    return this.#tree.under(dir).map(({ path }) => ({
      path,
      text: this.#loaded.readFile(path),
      unreadable: this.#loaded.unreadable(path),
    }));
  }

  /** A tree for a resolver, with what it looks at and what it would have needed. */
  record(): { tree: FileTree; reads: Map<string, string>; misses: Set<string> } {
    const reads = new Map<string, string>();
    const misses = new Set<string>();
    const look = (path: string) => {
      reads.set(path, this.identity(path));
      const isFile = this.#byPath.has(path) && this.#loaded.unreadable(path) === undefined;
      if (isFile && !this.#isNeeded(path)) misses.add(path);
    };
    return {
      reads,
      misses,
      tree: {
        readFile: (path) => {
          look(path);
          return this.#loaded.readFile(path);
        },
        readBytes: (path) => {
          look(path);
          return this.#loaded.readBytes(path);
        },
        // Who asks for an identity need not have the content.
        identity: (path) => {
          const identity = this.identity(path);
          reads.set(path, identity);
          return identity;
        },
        list: (dir) => {
          look(dir);
          return this.#loaded.list(dir);
        },
        unreadable: (path) => {
          look(path);
          return this.#loaded.unreadable(path);
        },
      },
    };
  }

  #isNeeded(path: string): boolean {
    for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) {
      if (this.#dirs.has(at)) return true;
      if (at === '') return false;
    }
  }
}
