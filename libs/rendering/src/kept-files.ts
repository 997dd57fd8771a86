import { readersOf } from '@meridian/kustomize';
import type { FileTree } from '@meridian/kustomize';
import { PathFinder } from './commit-tree.ts';
import { unpackDirectories } from './messages.ts';
import type { ThreadMessage } from './messages.ts';

/** A tree for a resolver, with what it looks at and what it would have needed. */
interface Look {
  readonly tree: FileTree;
  readonly reads: ReadonlySet<string>;
  readonly misses: ReadonlySet<string>;
}

/** A directory as a thread keeps it, for all revisions that have it: name -> a directory, or the identity of a file. */
class KeptDirectory {
  readonly children: ReadonlyMap<string, string | KeptDirectory>;
  #names: readonly string[] | undefined;
  #identity: string | undefined;

  constructor(children: ReadonlyMap<string, string | KeptDirectory>) {
    this.children = children;
  }

  get names(): readonly string[] {
    return (this.#names ??= [...this.children.keys()].sort());
  }

  get identity(): string {
    return (this.#identity ??= `directory ${this.names.join('/')}`);
  }
}

/** What one rendering thread knows of revisions: directories and contents by git's ids, shared by all of them. */
export class KeptFiles {
  readonly #contents = new Map<string, string | Uint8Array>();
  /** Identity of a file -> why it is no text, but for its path. */
  readonly #flaws = new Map<string, string>();
  readonly #directories = new Map<string, KeptDirectory>();
  readonly #trees = new Map<number, KeptTree>();

  /** Takes over what the hub tells of files. Throws Error for a directory that was never sent. */
  take(message: Exclude<ThreadMessage, { kind: 'tasks' | 'charts' | 'policies' }>): void {
    switch (message.kind) {
      case 'tree':
        this.#keepDirectories(message.directories);
        this.#trees.set(message.tree, this.#treeOf(message.root));
        break;
      case 'contents':
        for (const [blob, content] of message.contents) this.#contents.set(blob, content);
        for (const [identity, flaw] of message.flaws) this.#flaws.set(identity, flaw);
        break;
      case 'forget':
        this.#trees.delete(message.tree);
        break;
      case 'forget all':
        for (const kept of [this.#trees, this.#contents, this.#flaws, this.#directories]) kept.clear();
    }
  }

  /** A look at a tree. Throws Error for a tree that was never sent. */
  look(tree: number): Look {
    const kept = this.#trees.get(tree);
    if (!kept) throw new Error(`tree ${tree} was not sent`);
    return kept.look();
  }

  #keepDirectories(packed: string): void {
    for (const { id, entries } of unpackDirectories(packed))
      this.#directories.set(
        id,
        new KeptDirectory(
          new Map(
            entries.map(([name, kind, what]) => [
              name,
              kind === 'directory' ? this.#directory(what) : `${kind} ${what}`,
            ]),
          ),
        ),
      );
  }

  #directory(id: string): KeptDirectory {
    const kept = this.#directories.get(id);
    if (!kept) throw new Error(`directory ${id} was not sent`);
    return kept;
  }

  #treeOf(root: string): KeptTree {
    return new KeptTree(this.#directory(root), { contents: this.#contents, flaws: this.#flaws });
  }
}

interface KnownFiles {
  readonly contents: ReadonlyMap<string, string | Uint8Array>;
  readonly flaws: ReadonlyMap<string, string>;
}

class KeptTree {
  readonly #finder: PathFinder<string, KeptDirectory>;
  readonly #known: KnownFiles;

  constructor(root: KeptDirectory, known: KnownFiles) {
    this.#finder = new PathFinder(root, (node) => typeof node !== 'string');
    this.#known = known;
  }

  look(): Look {
    const reads = new Set<string>();
    const misses = new Set<string>();
    const look = (path: string): string | KeptDirectory | undefined => {
      reads.add(path);
      const node = this.#finder.at(path);
      if (typeof node === 'string' && !this.#isSent(node)) misses.add(path);
      return node;
    };
    const content = (path: string): string | Uint8Array | undefined => {
      const node = look(path);
      const blob = typeof node === 'string' ? blobOf(node) : undefined;
      return blob === undefined ? undefined : this.#known.contents.get(blob);
    };
    const tree: FileTree = {
      ...readersOf(content),
      // Who asks for an identity need not have the content.
      identity: (path) => {
        reads.add(path);
        const node = this.#finder.at(path);
        return typeof node === 'string' ? node : (node?.identity ?? 'nothing');
      },
      list: (dir) => {
        const node = look(dir);
        return typeof node === 'string' ? undefined : node?.names;
      },
      unreadable: (path) => {
        const node = look(path);
        const flaw = typeof node === 'string' ? this.#known.flaws.get(node) : undefined;
        return flaw === undefined ? undefined : `${path}${flaw}`;
      },
    };
    return { tree, reads, misses };
  }

  #isSent(identity: string): boolean {
    const blob = blobOf(identity);
    return this.#known.flaws.has(identity) || (blob !== undefined && this.#known.contents.has(blob));
  }
}

const plainFile = 'file ';

/** The id of a plain file's content. A symlink has one, too, which is that of a file with the text of its target. */
function blobOf(identity: string): string | undefined {
  return identity.startsWith(plainFile) ? identity.slice(plainFile.length) : undefined;
}
