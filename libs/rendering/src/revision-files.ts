import type { FileTree } from '@meridian/kustomize';
import { packPaths } from './messages.ts';

/** What a resolver looked at: path -> identity of what was there. Equal identities mean equal content. */
export type Reads = ReadonlyMap<string, string>;

/** One path of a commit; equal `blob` means equal content. */
export interface CommitEntry {
  readonly path: string;
  readonly kind: string;
  readonly blob: string;
}

/** Files of a commit that were read; see `LoadedTree` of `libs/git`. */
export interface LoadedFiles {
  readFile(path: string): string | undefined;
  readBytes(path: string): Uint8Array | undefined;
  list(dir: string): readonly string[] | undefined;
  unreadable(path: string): string | undefined;
}

/** A commit whose files are read on demand; see `GitTree` of `libs/git`. */
export interface CommitTree {
  readonly entries: readonly CommitEntry[];
  /** Entries at or below a directory. */
  under(dir: string): readonly CommitEntry[];
  load(wanted: (entry: CommitEntry) => boolean, signal: AbortSignal): Promise<LoadedFiles>;
}

/** A file of a revision as a rendering thread is told of it. */
export interface FileContent {
  readonly path: string;
  readonly blob: string;
  readonly content: string | Uint8Array | undefined;
  readonly reason: string | undefined;
}

/**
 * The files of one revision for a resolver that does no I/O. Only directories that were asked for are read; a look
 * elsewhere is noted, so that the caller can read that too and resolve again.
 */
export class RevisionFiles {
  readonly #tree: CommitTree;
  readonly #signal: AbortSignal;
  readonly #byPath: ReadonlyMap<string, string>;
  #dirs: ReadonlySet<string> = new Set();
  #reading: Promise<void> = Promise.resolve();
  readonly #copies = new Map<string, string>();
  #packed: string | undefined;
  #loaded: LoadedFiles;

  private constructor(tree: CommitTree, loaded: LoadedFiles, signal: AbortSignal) {
    this.#tree = tree;
    this.#loaded = loaded;
    this.#signal = signal;
    this.#byPath = new Map(tree.entries.map(({ path, kind, blob }) => [path, `${kind} ${blob}`]));
  }

  /** The files of a revision, none of them read yet. */
  static async open(tree: CommitTree, signal: AbortSignal): Promise<RevisionFiles> {
    return new RevisionFiles(tree, await tree.load(() => false, signal), signal);
  }

  /** Reads everything below some directories (or single files) unless that has been done; one reading at a time. */
  async need(paths: readonly string[]): Promise<void> {
    const missing = paths.filter((path) => !isWithin(this.#dirs, path));
    if (missing.length === 0) return;
    this.#reading = this.#reading.catch(() => undefined).then(() => this.#read(missing));
    await this.#reading;
  }

  /** Only what has been read counts as read: renderings beside this one look at it meanwhile. */
  async #read(paths: readonly string[]): Promise<void> {
    const missing = paths.filter((path) => !isWithin(this.#dirs, path));
    if (missing.length === 0) return;
    const dirs = new Set([...this.#dirs, ...missing]);
    this.#loaded = await this.#tree.load(({ path }) => isWithin(dirs, path), this.#signal);
    this.#dirs = dirs;
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

  /** What has been read, for one who knows what that is. */
  get tree(): FileTree {
    return this.#loaded;
  }

  /** Everything that {@link need} was asked for. */
  get neededDirs(): ReadonlySet<string> {
    return this.#dirs;
  }

  /** All paths with their identities, as one text for a rendering thread. */
  packed(): string {
    return (this.#packed ??= packPaths(this.#byPath));
  }

  /** What is at or below directories that were needed: content of what could be read, and the reason where it is no text. */
  *contentsBelow(dirs: readonly string[]): Generator<FileContent> {
    for (const { path, blob } of dirs.flatMap((dir) => this.#tree.under(dir))) {
      const content = this.#loaded.readFile(path) ?? this.#loaded.readBytes(path);
      yield { path, blob, content, reason: this.#loaded.unreadable(path) };
    }
  }

  /** The directory to read for a look at a path: its own, so that what is beside it comes with it. */
  directoryFor(path: string): string {
    return path.slice(0, Math.max(0, path.lastIndexOf('/'))) || path;
  }

  /** What was at paths that were looked at. */
  readsOf(paths: readonly string[]): Reads {
    return new Map(paths.map((path) => [this.#onlyCopy(path), this.identity(path)]));
  }

  /** Thousands of renderings look at the same paths; each of them is kept once. */
  #onlyCopy(path: string): string {
    const known = this.#copies.get(path);
    if (known !== undefined) return known;
    this.#copies.set(path, path);
    return path;
  }
}

function isWithin(dirs: ReadonlySet<string>, path: string): boolean {
  for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) {
    if (dirs.has(at)) return true;
    if (at === '') return false;
  }
}
