/** A path of a commit that is no directory. Equal `blob` means equal content; `content` is there once it was read. */
export interface CommitFile {
  readonly kind: 'file' | 'symlink' | 'submodule';
  readonly blob: string;
  readonly content: string | Uint8Array | undefined;
}

/** A directory of a commit. Equal ids mean equal everything below. */
export interface CommitDirectory {
  readonly kind: 'directory';
  readonly id: string;
  /** Sorted. */
  readonly names: readonly string[];
  readonly children: ReadonlyMap<string, CommitNode>;
}

/** What is at a path of a commit. */
export type CommitNode = CommitFile | CommitDirectory;

/** A commit whose files are read on demand; see `GitTree` of `libs/git`. */
export interface CommitTree {
  readonly root: CommitDirectory;
  /** Reads every plain file at or below some paths. */
  read(paths: readonly string[], signal: AbortSignal): Promise<void>;
  /** Why a file that exists could not be read as text, the path first; undefined when it can. */
  unreadable(path: string): string | undefined;
}

/** What is at a path as a text that changes when a resolver could see a difference: not in what directories in it hold. */
export function identityOf(node: CommitNode | undefined): string {
  if (!node) return 'nothing';
  return node.kind === 'directory' ? `directory ${node.names.join('/')}` : `${node.kind} ${node.blob}`;
}

/** The directory that a path is in. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** Finds what is at paths of one tree; directories on the way are remembered. */
export class PathFinder<
  File,
  Directory extends { readonly children: ReadonlyMap<string, File | Directory> },
> {
  readonly #isDirectory: (node: File | Directory) => node is Directory;
  readonly #directories: Map<string, Directory | undefined>;

  constructor(root: Directory, isDirectory: (node: File | Directory) => node is Directory) {
    this.#directories = new Map([['', root]]);
    this.#isDirectory = isDirectory;
  }

  /** What is at a path; '' is the root. */
  at(path: string): File | Directory | undefined {
    if (path === '') return this.#directories.get('');
    return this.#directory(parentOf(path))?.children.get(path.slice(path.lastIndexOf('/') + 1));
  }

  #directory(path: string): Directory | undefined {
    if (this.#directories.has(path)) return this.#directories.get(path);
    const node = this.at(path);
    const directory = node !== undefined && this.#isDirectory(node) ? node : undefined;
    this.#directories.set(path, directory);
    return directory;
  }
}
