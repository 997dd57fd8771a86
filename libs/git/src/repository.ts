import { FaultError } from '@meridian/runtime';
import { BlobCache } from './blob-cache.ts';
import { gitCommand, type GitCommand } from './git-command.ts';
import { GitTree } from './git-tree.ts';
import { checkCommit } from './names.ts';
import { TreeList } from './tree-list.ts';
import { defaultTreeLimits } from './tree.ts';

/** Options of `openRepository`. */
export interface RepositoryOptions {
  /** A directory that exists, in the clone. */
  readonly dir: string;
  /** PATH to find git on; `/usr/bin:/bin` unless told. */
  readonly path?: string | undefined;
  /** HOME with the configuration of the person, who may have declared the directory safe. */
  readonly home?: string | undefined;
}

/** A clone on this machine. Only commits are looked at, never its working tree, and nothing is fetched or written. */
export interface Repository {
  /** The full id of the commit that a name means: an id, a branch, a tag, `HEAD~1`. Throws FaultError `not_found`. */
  commitOf(name: string, signal: AbortSignal): Promise<string>;
  /** Where two commits part; undefined when they have nothing in common that is here. */
  mergeBase(one: string, other: string, signal: AbortSignal): Promise<string | undefined>;
  /** All paths of a commit, and its files on demand. */
  tree(commit: string, signal: AbortSignal): Promise<GitTree>;
}

const timeoutMs = 60_000;
const cacheBytes = 128 * 1024 * 1024;

/** Opens the clone that a directory belongs to. Throws FaultError `not_found` when it belongs to none, `unsupported` without git. */
export async function openRepository(options: RepositoryOptions, signal: AbortSignal): Promise<Repository> {
  const place = { path: options.path, home: options.home };
  const git = gitCommand(options.dir, { ...place, timeoutMs });
  const dir = await gitDirectory(git, options.dir, signal);
  const cache = new BlobCache(cacheBytes);
  const trees = new TreeList({ git, dir, place, limits: defaultTreeLimits });
  return {
    async commitOf(name, within) {
      const id = await commitId(git, name, within);
      if (id !== undefined) return id;
      throw new FaultError(
        'not_found',
        `there is no commit ${JSON.stringify(name.slice(0, 200))} in this clone`,
        {
          retry: 'never',
        },
      );
    },
    async mergeBase(one, other, within) {
      const found = await git
        .run(['merge-base', checkCommit(one), checkCommit(other)], within)
        .catch(() => '');
      within.throwIfAborted();
      return found.trim() === '' ? undefined : checkCommit(found.trim());
    },
    async tree(commit, within) {
      const root = await trees.root(commit, within);
      const parts = { revision: commit, root, dir, place, cache, limits: defaultTreeLimits };
      // A clone is its owner's to mend.
      return new GitTree({ ...parts, onDamage: () => undefined });
    },
  };
}

async function gitDirectory(git: GitCommand, dir: string, signal: AbortSignal): Promise<string> {
  try {
    return (await git.run(['rev-parse', '--absolute-git-dir'], signal)).trim();
  } catch (error) {
    signal.throwIfAborted();
    const isElsewhere = error instanceof FaultError && /not a git repository/.test(error.message);
    if (!isElsewhere) throw error;
    throw new FaultError('not_found', `${dir} is in no git repository`, { retry: 'never', cause: error });
  }
}

async function commitId(git: GitCommand, name: string, signal: AbortSignal): Promise<string | undefined> {
  const command = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`];
  const out = await git.run(command, signal).catch(() => '');
  signal.throwIfAborted();
  return out.trim() === '' ? undefined : checkCommit(out.trim());
}
