import type { FileTree } from '@meridian/kustomize';
import { unpackPaths } from './messages.ts';
import type { ContentsMessage, ThreadMessage } from './messages.ts';

/** A tree for a resolver, with what it looks at and what it would have needed. */
export interface Look {
  readonly tree: FileTree;
  readonly reads: ReadonlySet<string>;
  readonly misses: ReadonlySet<string>;
}

/** What one rendering thread knows of revisions: paths tree by tree, contents by blob id for all of them. */
export class KeptFiles {
  readonly #contents = new Map<string, string | Uint8Array>();
  readonly #trees = new Map<number, KeptTree>();

  /** Takes over what the hub tells of files. */
  take(message: Exclude<ThreadMessage, { kind: 'task' | 'charts' }>): void {
    switch (message.kind) {
      case 'tree':
        this.#trees.set(message.tree, new KeptTree(message.paths, this.#contents));
        break;
      case 'contents':
        for (const [blob, content] of message.contents) this.#contents.set(blob, content);
        this.#trees.get(message.tree)?.complete(message);
        break;
      case 'forget':
        this.#trees.delete(message.tree);
        break;
      case 'forget all':
        this.#trees.clear();
        this.#contents.clear();
    }
  }

  /** A look at a tree. Throws Error for a tree that was never sent. */
  look(tree: number): Look {
    const kept = this.#trees.get(tree);
    if (!kept) throw new Error(`tree ${tree} was not sent`);
    return kept.look();
  }
}

class KeptTree {
  readonly #identities: ReadonlyMap<string, string>;
  readonly #contents: ReadonlyMap<string, string | Uint8Array>;
  readonly #directories: ReadonlyMap<string, Set<string>>;
  readonly #lists = new Map<string, readonly string[]>();
  readonly #complete = new Set<string>();
  readonly #unreadable = new Map<string, string>();

  constructor(paths: string, contents: ReadonlyMap<string, string | Uint8Array>) {
    this.#identities = unpackPaths(paths);
    this.#contents = contents;
    this.#directories = directoriesOf(this.#identities.keys());
  }

  complete({ dirs, unreadable }: ContentsMessage): void {
    for (const dir of dirs) this.#complete.add(dir);
    for (const [path, reason] of unreadable) this.#unreadable.set(path, reason);
  }

  look(): Look {
    const reads = new Set<string>();
    const misses = new Set<string>();
    const look = (path: string): void => {
      reads.add(path);
      if (this.#identities.has(path) && !this.#isComplete(path)) misses.add(path);
    };
    const content = (path: string): string | Uint8Array | undefined => {
      look(path);
      const identity = this.#identities.get(path);
      return identity === undefined ? undefined : this.#contents.get(blobOf(identity));
    };
    const tree: FileTree = {
      readFile: (path) => {
        const found = content(path);
        return typeof found === 'string' && !this.#unreadable.has(path) ? found : undefined;
      },
      readBytes: (path) => {
        const found = content(path);
        return typeof found === 'string' ? undefined : found;
      },
      // Who asks for an identity need not have the content.
      identity: (path) => {
        reads.add(path);
        return this.#identity(path);
      },
      list: (dir) => {
        look(dir);
        return this.#list(dir);
      },
      unreadable: (path) => {
        look(path);
        return this.#unreadable.get(path);
      },
    };
    return { tree, reads, misses };
  }

  #identity(path: string): string {
    const file = this.#identities.get(path);
    if (file !== undefined) return file;
    const names = this.#list(path);
    return names === undefined ? 'nothing' : `directory ${names.join('/')}`;
  }

  #list(dir: string): readonly string[] | undefined {
    const known = this.#lists.get(dir);
    if (known) return known;
    const names = this.#directories.get(dir);
    if (!names) return undefined;
    const sorted = [...names].sort();
    this.#lists.set(dir, sorted);
    return sorted;
  }

  #isComplete(path: string): boolean {
    for (let at = path; ; at = parentOf(at)) {
      if (this.#complete.has(at)) return true;
      if (at === '') return false;
    }
  }
}

/** An identity is the kind of an entry and the id of its content. */
function blobOf(identity: string): string {
  return identity.slice(identity.indexOf(' ') + 1);
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function directoriesOf(paths: Iterable<string>): Map<string, Set<string>> {
  const directories = new Map<string, Set<string>>([['', new Set()]]);
  for (const path of paths) {
    for (let at = path; at !== ''; at = parentOf(at)) {
      const parent = parentOf(at);
      const names = directories.get(parent);
      const name = at.slice(parent === '' ? 0 : parent.length + 1);
      if (names?.has(name)) break;
      if (names) names.add(name);
      else directories.set(parent, new Set([name]));
    }
  }
  return directories;
}
