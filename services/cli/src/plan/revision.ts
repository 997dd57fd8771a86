import type { ParsedFleetConfig } from '@meridian/fleet';
import type { GitTree, LoadedTree, Repository } from '@meridian/git';
import type { FileTree } from '@meridian/kustomize';
import { PolicySets } from '@meridian/policy';
import { parsedFleet, type FoundFile } from '../fleet-files.ts';

/** What a rendering looked at: path -> identity of what was there. */
export type Reads = ReadonlyMap<string, string>;

/** A look at a revision that notes what was seen, and what would have been needed. */
export interface Look {
  readonly tree: FileTree;
  readonly reads: Reads;
  readonly misses: ReadonlySet<string>;
}

/** The files of one revision. Directories are read when they are asked for, because a repository may hold much else. */
export class RevisionTree {
  readonly #tree: GitTree;
  readonly #signal: AbortSignal;
  readonly #identities: ReadonlyMap<string, string>;
  readonly #directories = new Map<string, string>();
  readonly #wanted = new Set<string>();
  #loaded: LoadedTree;

  private constructor(tree: GitTree, loaded: LoadedTree, signal: AbortSignal) {
    this.#tree = tree;
    this.#loaded = loaded;
    this.#signal = signal;
    this.#identities = new Map(tree.entries.map(({ path, kind, blob }) => [path, `${kind} ${blob}`]));
  }

  /** The revision, none of its files read yet. */
  static async open(tree: GitTree, signal: AbortSignal): Promise<RevisionTree> {
    return new RevisionTree(tree, await tree.load(() => false, signal), signal);
  }

  /** Reads everything at or below some paths unless that has been done. */
  async need(paths: readonly string[]): Promise<void> {
    const missing = paths.filter((path) => !this.#isWanted(path));
    if (missing.length === 0) return;
    for (const path of missing) this.#wanted.add(path);
    this.#loaded = await this.#tree.load(({ path }) => this.#isWanted(path), this.#signal);
  }

  /** Whether everything that was looked at elsewhere is the same here. */
  matches(reads: Reads): boolean {
    for (const [path, identity] of reads) if (this.#identity(path) !== identity) return false;
    return true;
  }

  /** A text that is the same where everything at or below a path is. */
  contentBelow(dir: string): string {
    return this.#tree
      .under(dir)
      .map(({ path, kind, blob }) => `${kind} ${blob} ${path}`)
      .join('\0');
  }

  /** Plain files at or below a directory that was read; without a text where `unreadable` says why. */
  files(dir: string): readonly FoundFile[] {
    return this.#tree.under(dir).map(({ path }) => ({
      path,
      text: this.#loaded.readFile(path),
      unreadable: this.#loaded.unreadable(path),
    }));
  }

  /** Begins a look for a resolver that does no I/O. */
  look(): Look {
    const reads = new Map<string, string>();
    const misses = new Set<string>();
    const note = (path: string): LoadedTree => {
      reads.set(path, this.#identity(path));
      if (this.#identities.get(path)?.startsWith('file ') === true && !this.#isWanted(path)) misses.add(path);
      return this.#loaded;
    };
    const tree: FileTree = {
      readFile: (path) => note(path).readFile(path),
      readBytes: (path) => note(path).readBytes(path),
      list: (dir) => note(dir).list(dir),
      unreadable: (path) => note(path).unreadable(path),
      identity: (path) => {
        const identity = this.#identity(path);
        reads.set(path, identity);
        return identity;
      },
    };
    return { tree, reads, misses };
  }

  #identity(path: string): string {
    const known = this.#identities.get(path) ?? this.#directories.get(path);
    if (known !== undefined) return known;
    const names = this.#loaded.list(path);
    const identity = names === undefined ? 'nothing' : `directory ${names.join('/')}`;
    this.#directories.set(path, identity);
    return identity;
  }

  #isWanted(path: string): boolean {
    for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) {
      if (this.#wanted.has(at)) return true;
      if (at === '') return false;
    }
  }
}

/** A revision with its fleet configuration. */
export interface Revision {
  readonly id: string;
  readonly files: RevisionTree;
  readonly parsed: ParsedFleetConfig;
  readonly policies: PolicySets;
}

/** Reads the fleet configuration of a commit and the directories of its applications. */
export async function openRevision(
  repository: Repository,
  { id, fleetPath }: { readonly id: string; readonly fleetPath: string },
  signal: AbortSignal,
): Promise<Revision> {
  const files = await RevisionTree.open(await repository.tree(id, signal), signal);
  await files.need([fleetPath]);
  const parsed = parsedFleet(files.files(fleetPath), fleetPath);
  await files.need(parsed.config.applications.map(({ path }) => path));
  return { id, files, parsed, policies: new PolicySets(parsed.config.policies) };
}
