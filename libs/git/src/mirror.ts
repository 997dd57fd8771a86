import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { FaultError } from '@meridian/runtime';
import { BlobCache } from './blob-cache.ts';
import { gitCommand } from './git-command.ts';
import type { GitCommand } from './git-command.ts';
import { GitTree } from './git-tree.ts';
import { checkBranch, checkCommit, checkUrl } from './names.ts';
import { parseTree } from './tree.ts';
import type { TreeLimits } from './tree.ts';

/** Options of `openMirror`. */
export interface MirrorOptions {
  readonly url: string;
  readonly branch: string;
  /** Directory of the bare mirror; made, and made anew when it is broken. Holds nothing that cannot be fetched again. */
  readonly dir: string;
  /** PATH to find git on; `/usr/bin:/bin` unless told. */
  readonly path?: string;
  /** HOME with the keys and credentials that git shall use. */
  readonly home?: string;
  /** How long git may stay silent before it is killed; 60 s unless told. */
  readonly timeoutMs?: number;
  readonly limits?: Partial<TreeLimits>;
  /** Bytes of file text kept in memory; 64 MiB unless told. */
  readonly cacheBytes?: number;
}

/** What a fetch found. */
export interface Fetched {
  readonly revision: string;
  readonly changed: boolean;
  /** The branch no longer contains the revision that the mirror had before: somebody force-pushed. */
  readonly rewound: boolean;
}

/** Who made a commit, and why. */
export interface CommitInfo {
  readonly author: string;
  readonly subject: string;
  readonly atMs: number;
}

/** A bare mirror of one branch of the fleet repo. Nothing is ever checked out. */
export interface Mirror {
  /** Brings the branch up to date. Throws FaultError; the mirror then still has what it had. */
  fetch(signal: AbortSignal): Promise<Fetched>;
  /** The branch's head on the remote, without fetching; undefined when the branch does not exist. */
  remoteRevision(signal: AbortSignal): Promise<string | undefined>;
  /** The newest revision here; undefined before the first fetch. */
  revision(signal: AbortSignal): Promise<string | undefined>;
  /** All paths of a commit, and its files on demand. */
  tree(revision: string, signal: AbortSignal): Promise<GitTree>;
  commit(revision: string, signal: AbortSignal): Promise<CommitInfo>;
}

const defaultLimits: TreeLimits = {
  files: 200_000,
  fileBytes: 4 * 1024 * 1024,
  totalBytes: 256 * 1024 * 1024,
};

/** Opens the mirror of a branch. Throws FaultError `invalid` for a URL or branch that git could misread, `unsupported` without git. */
export async function openMirror(options: MirrorOptions, signal: AbortSignal): Promise<Mirror> {
  const url = checkUrl(options.url);
  const branch = checkBranch(options.branch);
  const limits = { ...defaultLimits, ...options.limits };
  const place = { path: options.path, home: options.home };
  const git = gitCommand(options.dir, { ...place, timeoutMs: options.timeoutMs ?? 60_000 });
  const cache = new BlobCache(options.cacheBytes ?? 64 * 1024 * 1024);
  await prepare(git, options.dir, signal);
  const ref = `refs/heads/${branch}`;
  const revision = async (within: AbortSignal) => {
    const out = await git.run(['for-each-ref', '--format=%(objectname)', ref], within);
    return out.trim() === '' ? undefined : checkCommit(out.trim());
  };
  return {
    revision,
    async fetch(within) {
      const before = await revision(within);
      await git.run(
        ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--force', '--', url, `+${ref}:${ref}`],
        within,
      );
      const after = await revision(within);
      if (after === undefined)
        throw new FaultError('not_found', `branch ${branch} is gone from ${url}`, { retry: 'later' });
      const changed = after !== before;
      return {
        revision: after,
        changed,
        rewound: changed && before !== undefined && !(await contains(git, before, after, within)),
      };
    },
    async remoteRevision(within) {
      const out = await git.run(['ls-remote', '--', url, ref], within);
      const id = out.split('\t')[0]?.trim() ?? '';
      return id === '' ? undefined : checkCommit(id);
    },
    async tree(commit, within) {
      const out = await git.run(['ls-tree', '-r', '-z', '-l', '--full-tree', checkCommit(commit)], within);
      return new GitTree({
        revision: commit,
        entries: parseTree(out, limits),
        dir: options.dir,
        place,
        limits,
        cache,
      });
    },
    async commit(commit, within) {
      const out = await git.run(['log', '-1', '--format=%an%x00%s%x00%ct', checkCommit(commit)], within);
      const [author = '', subject = '', seconds = '0'] = out.trim().split('\0');
      return { author, subject, atMs: Number(seconds) * 1_000 };
    },
  };
}

async function prepare(git: GitCommand, dir: string, signal: AbortSignal): Promise<void> {
  if (existsSync(join(dir, 'HEAD')) && (await healthy(git, signal))) return;
  for (const name of ['HEAD', 'objects', 'refs', 'packed-refs', 'config', 'shallow']) {
    rmSync(join(dir, name), { recursive: true, force: true });
  }
  await git.run(['init', '--bare', '--quiet'], signal);
}

async function healthy(git: GitCommand, signal: AbortSignal): Promise<boolean> {
  try {
    await git.run(['rev-parse', '--git-dir'], signal);
    for (const id of (await git.run(['for-each-ref', '--format=%(objectname)'], signal)).split('\n')) {
      if (id !== '') await git.run(['rev-parse', '--verify', '--quiet', `${id}^{tree}`], signal);
    }
    return true;
  } catch {
    return false;
  }
}

async function contains(
  git: GitCommand,
  before: string,
  after: string,
  signal: AbortSignal,
): Promise<boolean> {
  const out = await git.run(['rev-list', '--count', `${after}..${before}`], signal);
  return out.trim() === '0';
}
