import { readersOf } from '@meridian/kustomize';
import type { FileTree } from '@meridian/kustomize';
import { PathFinder, identityOf, parentOf } from './commit-tree.ts';
import type { CommitDirectory, CommitFile, CommitNode, CommitTree } from './commit-tree.ts';

/** What a resolver looked at: path -> identity of what was there. Equal identities mean equal content. */
export type Reads = ReadonlyMap<string, string>;

/** A file of a revision, with its text once it was read; `unreadable` says why a text is missing. */
interface RevisionFile {
  readonly path: string;
  readonly text: string | undefined;
  readonly unreadable: string | undefined;
}

/**
 * The files of one revision for a resolver that does no I/O. Only directories that were asked for are read; a look
 * elsewhere is noted, so that the caller can read that too and resolve again.
 */
export class RevisionFiles {
  readonly #tree: CommitTree;
  readonly #signal: AbortSignal;
  readonly #finder: PathFinder<CommitFile, CommitDirectory>;
  readonly #needed = new Set<string>();
  #reading: Promise<void> = Promise.resolve();
  readonly #copies = new Map<string, readonly [path: string, identity: string]>();

  /** The files of a revision, none of them read yet; reading ends when the signal aborts. */
  constructor(tree: CommitTree, signal: AbortSignal) {
    this.#tree = tree;
    this.#signal = signal;
    this.#finder = new PathFinder<CommitFile, CommitDirectory>(tree.root, isDirectory);
  }

  /** Everything there is. */
  get root(): CommitDirectory {
    return this.#tree.root;
  }

  /** Reads everything below some directories (or single files) unless that has been done; one reading at a time. */
  async need(paths: readonly string[]): Promise<void> {
    if (paths.every((path) => this.#isNeeded(path))) return;
    this.#reading = this.#reading.catch(() => undefined).then(() => this.#read(paths));
    await this.#reading;
  }

  /** Only what has been read counts as read: renderings beside this one look at it meanwhile. */
  async #read(paths: readonly string[]): Promise<void> {
    const missing = paths.filter((path) => !this.#isNeeded(path));
    if (missing.length === 0) return;
    await this.#tree.read(missing, this.#signal);
    for (const path of missing) this.#needed.add(path);
  }

  /** What has been read, for one who knows what that is. */
  get tree(): FileTree {
    const content = (path: string) => {
      const node = this.at(path);
      return node?.kind === 'directory' ? undefined : node?.content;
    };
    return {
      ...readersOf(content),
      list: (dir) => {
        const node = this.at(dir);
        return node?.kind === 'directory' ? node.names : undefined;
      },
      unreadable: (path) => this.#tree.unreadable(path),
    };
  }

  /** A look for a resolver that runs here: files that it looked at and that were not read are noted, to be read before the next one. */
  look(): { readonly tree: FileTree; readonly misses: ReadonlySet<string> } {
    const { tree } = this;
    const misses = new Set<string>();
    const looked = (path: string): string => {
      if (this.at(path)?.kind === 'file' && !this.#isNeeded(path)) misses.add(path);
      return path;
    };
    const noting: FileTree = {
      readFile: (path) => tree.readFile(looked(path)),
      readBytes: (path) => tree.readBytes?.(looked(path)),
      list: (dir) => tree.list(looked(dir)),
      unreadable: (path) => tree.unreadable?.(looked(path)),
      identity: (path) => this.identity(path),
    };
    return { tree: noting, misses };
  }

  /** Everything that {@link need} was asked for. */
  get neededPaths(): ReadonlySet<string> {
    return this.#needed;
  }

  /** What is at a path; '' is the root. */
  at(path: string): CommitNode | undefined {
    return this.#finder.at(path);
  }

  /** What is at a path, as a text that changes when the content does. */
  identity(path: string): string {
    return this.#known(path)[1];
  }

  /** A text that is the same wherever everything at or below a path is. */
  identityBelow(path: string): string {
    const node = this.at(path);
    return node?.kind === 'directory' ? `tree ${node.id}` : identityOf(node);
  }

  /** Whether everything that was looked at is still the same here. */
  matches(reads: Reads): boolean {
    for (const [path, identity] of reads) if (this.identity(path) !== identity) return false;
    return true;
  }

  /** Whatever is at or below a path and is no directory, in order. */
  files(path: string): RevisionFile[] {
    const node = this.at(path);
    return node ? this.#filesBelow(node, path) : [];
  }

  /** The directory to read for a look at a path: its own, so that what is beside it comes with it. */
  directoryFor(path: string): string {
    return parentOf(path) || path;
  }

  /** What was at paths that were looked at. Thousands of renderings look at the same paths; each of them is kept once. */
  readsOf(paths: readonly string[]): Reads {
    return new Map(paths.map((path) => this.#known(path)));
  }

  /** Why a file is no text; its path is left out, so that it is the same wherever the file is. */
  flaw(path: string): string | undefined {
    return this.#tree.unreadable(path)?.slice(path.length);
  }

  #filesBelow(node: CommitNode, path: string): RevisionFile[] {
    if (node.kind === 'directory')
      return node.names.flatMap((name) => {
        const child = node.children.get(name);
        return child ? this.#filesBelow(child, path === '' ? name : `${path}/${name}`) : [];
      });
    const text = typeof node.content === 'string' ? node.content : undefined;
    return [{ path, text, unreadable: this.#tree.unreadable(path) }];
  }

  #known(path: string): readonly [path: string, identity: string] {
    const known = this.#copies.get(path);
    if (known) return known;
    const made = [path, identityOf(this.at(path))] as const;
    this.#copies.set(path, made);
    return made;
  }

  #isNeeded(path: string): boolean {
    for (let at = path; ; at = parentOf(at)) {
      if (this.#needed.has(at)) return true;
      if (at === '') return false;
    }
  }
}

function isDirectory(node: CommitNode): node is CommitDirectory {
  return node.kind === 'directory';
}
