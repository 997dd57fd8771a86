/** What a path of a commit is. Symlinks and submodules are named as such and never followed. */
export type EntryKind = 'file' | 'symlink' | 'submodule';

/** One path of a commit that is no directory. Its content is there once it was read: a text, or bytes that are no UTF-8. */
export class FileNode {
  readonly kind: EntryKind;
  /** Git id of the content; equal ids mean equal bytes. */
  readonly blob: string;
  readonly sizeBytes: number;
  content: string | Uint8Array | undefined;

  constructor(kind: EntryKind, blob: string, sizeBytes: number) {
    this.kind = kind;
    this.blob = blob;
    this.sizeBytes = sizeBytes;
  }
}

/** What is in a directory of a commit, by name. */
export type DirectoryNode = FileNode | Directory;

/** A directory of a commit. Equal ids mean equal everything below, so commits share the directories that they have in common. */
export class Directory {
  readonly kind = 'directory';
  readonly id: string;
  readonly children: ReadonlyMap<string, DirectoryNode>;
  /** How many paths at any depth are no directories. */
  readonly fileCount: number;
  /** Whether everything below was read. */
  isRead = false;
  #names: readonly string[] | undefined;

  constructor(id: string, children: ReadonlyMap<string, DirectoryNode>) {
    this.id = id;
    this.children = children;
    let count = 0;
    for (const child of children.values()) count += child instanceof Directory ? child.fileCount : 1;
    this.fileCount = count;
  }

  /** Names in it, sorted. */
  get names(): readonly string[] {
    return (this.#names ??= [...this.children.keys()].sort());
  }

  /** What is at a path below; '' is the directory itself. */
  at(path: string): DirectoryNode | undefined {
    if (path === '') return this;
    const slash = path.indexOf('/');
    const child = this.children.get(slash < 0 ? path : path.slice(0, slash));
    if (slash < 0) return child;
    return child instanceof Directory ? child.at(path.slice(slash + 1)) : undefined;
  }
}

/** Everything at or below a node that is no directory, with its path when the node is at `path`, in order. */
export function* filesBelow(node: DirectoryNode, path: string): Generator<readonly [string, FileNode]> {
  if (!(node instanceof Directory)) {
    yield [path, node];
    return;
  }
  for (const name of node.names) {
    const child = node.children.get(name);
    if (child) yield* filesBelow(child, path === '' ? name : `${path}/${name}`);
  }
}
