import type { Directory } from './directory.ts';
import type { GitCommand, GitPlace } from './git-command.ts';
import { checkCommit } from './names.ts';
import { readSizes } from './read-blobs.ts';
import type { TreeLimits } from './tree.ts';
import { changesCommand, emptyTreeFor, parseChanges, tooMany, withChanges } from './tree-changes.ts';

/** Where the commits are. */
export interface TreeListParts {
  readonly git: GitCommand;
  readonly dir: string;
  readonly place: GitPlace;
  readonly limits: TreeLimits;
}

/** Commits that are looked at by turns: the newest, the one before, and one that somebody asks for. */
const mostListed = 3;

/** The directories of commits. Each is listed by what differs from the commit that was listed last, which is mostly next to nothing. */
export class TreeList {
  readonly #parts: TreeListParts;
  readonly #listed = new Map<string, Directory>();

  constructor(parts: TreeListParts) {
    this.#parts = parts;
  }

  /** The root of a commit. Throws FaultError `not_found` without such a commit, `exhausted` past the limits. */
  async root(commit: string, signal: AbortSignal): Promise<Directory> {
    const known = this.#listed.get(checkCommit(commit));
    const root = known ?? (await this.#list(commit, signal));
    this.#listed.delete(commit);
    this.#listed.set(commit, root);
    for (const oldest of this.#listed.keys()) {
      if (this.#listed.size <= mostListed) break;
      this.#listed.delete(oldest);
    }
    return root;
  }

  /** Forgets all commits: what they were listed from may be damaged. */
  forget(): void {
    this.#listed.clear();
  }

  async #list(commit: string, signal: AbortSignal): Promise<Directory> {
    const last = [...this.#listed].at(-1);
    if (!last) return this.#changedFrom(undefined, commit, signal);
    // The last commit may have been rewritten and cleaned away.
    return this.#changedFrom(last, commit, signal).catch((error: unknown) => {
      if (signal.aborted) throw error;
      return this.#changedFrom(undefined, commit, signal);
    });
  }

  async #changedFrom(
    last: readonly [commit: string, root: Directory] | undefined,
    commit: string,
    signal: AbortSignal,
  ): Promise<Directory> {
    const { git, limits, ...place } = this.#parts;
    const out = await git.run([...changesCommand, last?.[0] ?? emptyTreeFor(commit), commit], signal);
    const changes = parseChanges(out, limits.files);
    const blobs = changes.flatMap(({ kind, id }) => (kind === 'file' || kind === 'symlink' ? [id] : []));
    const sizes = await readSizes([...new Set(blobs)], place, signal);
    const root = withChanges(last?.[1], commit, { changes, sizes });
    if (root.fileCount > limits.files) throw tooMany(limits.files);
    return root;
  }
}
