import { existsSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FaultError } from '@meridian/runtime';
import { commitAuthors } from './authors.ts';
import { BlobCache } from './blob-cache.ts';
import { directoryIds } from './directory-ids.ts';
import type { PlaceInCommit } from './directory-ids.ts';
import { gitCommand } from './git-command.ts';
import type { GitCommand } from './git-command.ts';
import { GitTree, isDamage } from './git-tree.ts';
import { defaultFetchLimits, fetchWithin } from './fetch-limits.ts';
import type { FetchLimits } from './fetch-limits.ts';
import { checkBranch, checkCommit, checkUrl, transportOf } from './names.ts';
import { TreeList } from './tree-list.ts';
import { defaultTreeLimits } from './tree.ts';
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
  readonly fetchLimits?: Partial<FetchLimits>;
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
  /**
   * Brings the branch up to date, from nothing when the mirror is damaged; takes as long as it makes progress. Throws FaultError,
   * `exhausted` past the limits; what was here stays.
   */
  fetch(signal: AbortSignal): Promise<Fetched>;
  /** The branch's head on the remote, without fetching; undefined when the branch does not exist. */
  remoteRevision(signal: AbortSignal): Promise<string | undefined>;
  /** The newest revision here; undefined before the first fetch, and when the mirror turned out to be damaged. */
  revision(signal: AbortSignal): Promise<string | undefined>;
  /** All paths of a commit, and its files on demand. */
  tree(revision: string, signal: AbortSignal): Promise<GitTree>;
  /** The tree ids of directories; see `directoryIds`. */
  directoryIds(
    places: readonly PlaceInCommit[],
    signal: AbortSignal,
  ): Promise<readonly (string | undefined)[]>;
  commit(revision: string, signal: AbortSignal): Promise<CommitInfo>;
  /** Who wrote the commits of `to` that `from` does not have; see `commitAuthors`. */
  authors(
    range: { readonly from: string | undefined; readonly to: string },
    signal: AbortSignal,
  ): Promise<readonly string[] | undefined>;
  /**
   * The full id of the commit whose id begins with `start`, seven hex digits or more. Throws FaultError `not_found`
   * without such a commit, `invalid` with more than one, and for anything that is no start of an id.
   */
  findCommit(start: string, signal: AbortSignal): Promise<string>;
  /** Packs what many fetches have left lying about; quick when there is little. Call it now and then, when nothing is urgent. */
  tidy(signal: AbortSignal): Promise<void>;
}

/** Git tells how far it is, so that a fetch of whatever length is silent only when nothing comes any more. */
const fetchCommand = [
  'fetch',
  '--progress',
  '--no-tags',
  '--no-write-fetch-head',
  '--no-auto-maintenance',
  '--no-recurse-submodules',
  '--force',
];

/** Opens the mirror of a branch. Throws FaultError `invalid` for a URL or branch that git could misread, `unsupported` without git. */
export async function openMirror(options: MirrorOptions, signal: AbortSignal): Promise<Mirror> {
  const url = checkUrl(options.url);
  const branch = checkBranch(options.branch);
  const limits = { ...defaultTreeLimits, ...options.limits };
  const fetchLimits = { ...defaultFetchLimits, ...options.fetchLimits };
  const place = { path: options.path, home: options.home };
  const transport = transportOf(url);
  const git = gitCommand(options.dir, { ...place, transport, timeoutMs: options.timeoutMs ?? 60_000 });
  const cache = new BlobCache(options.cacheBytes ?? 64 * 1024 * 1024);
  await prepare(git, options.dir, signal);
  const ref = `refs/heads/${branch}`;
  let isDamaged = false;
  const trees = new TreeList({ git, dir: options.dir, place, limits });
  const onDamage = () => {
    isDamaged = true;
    trees.forget();
  };
  const revision = async (within: AbortSignal) => {
    if (isDamaged) return undefined;
    const loose = await looseRef(options.dir, ref);
    if (loose !== undefined) return loose;
    const out = await git.run(['for-each-ref', '--format=%(objectname)', ref], within);
    return out.trim() === '' ? undefined : checkCommit(out.trim());
  };
  const list = (commit: string, within: AbortSignal) =>
    trees.root(commit, within).catch(async (error: unknown) => {
      if (isDamage(error) && !within.aborted && commit === (await revision(within))) onDamage();
      throw error;
    });
  return {
    revision,
    async fetch(within) {
      if (isDamaged) await remake(git, options.dir, within);
      isDamaged = false;
      const before = await revision(within);
      await fetchWithin(fetchLimits, options.dir, within, (limited) =>
        git.run([...fetchCommand, '--', url, `+${ref}:${ref}`], limited),
      );
      const after = await revision(within);
      if (after === undefined)
        throw new FaultError('not_found', `branch ${branch} is gone from ${url}`, { retry: 'later' });
      if (after === before) return { revision: after, changed: false, rewound: false };
      // Whoever fetched will want the tree next, so it is listed while the history is looked at.
      const [rewound] = await Promise.all([
        before === undefined ? false : contains(git, before, after, within).then((known) => !known),
        list(after, within).catch(() => undefined),
      ]);
      return { revision: after, changed: true, rewound };
    },
    async remoteRevision(within) {
      const out = await git.run(['ls-remote', '--', url, ref], within);
      const id = out.split('\t')[0]?.trim() ?? '';
      return id === '' ? undefined : checkCommit(id);
    },
    async tree(commit, within) {
      const root = await list(commit, within);
      return new GitTree({ revision: commit, root, dir: options.dir, place, limits, cache, onDamage });
    },
    directoryIds: (places, within) => directoryIds(places, { dir: options.dir, place }, within),
    async commit(commit, within) {
      const out = await git.run(['log', '-1', '--format=%an%x00%s%x00%ct', checkCommit(commit)], within);
      const [author = '', subject = '', seconds = '0'] = out.trim().split('\0');
      return { author, subject, atMs: Number(seconds) * 1_000 };
    },
    authors: (range, within) => commitAuthors(git, range, within),
    findCommit: (start, within) => findCommit(git, start, within),
    async tidy(within) {
      await git.run(['-c', 'gc.auto=1000', '-c', 'gc.autoDetach=false', 'gc', '--auto', '--quiet'], within);
    },
  };
}

async function findCommit(git: GitCommand, start: string, signal: AbortSignal): Promise<string> {
  if (!/^[0-9a-f]{7,64}$/.test(start)) {
    throw new FaultError(
      'invalid',
      `${JSON.stringify(start.slice(0, 80))} is no commit id of 7 hex digits or more`,
      {
        retry: 'never',
      },
    );
  }
  // Unlike other ways to name a commit this one takes no branch for it. Files and trees have such ids, too.
  const objects = (await git.run(['rev-parse', `--disambiguate=${start}`], signal)).split('\n');
  const commits: string[] = [];
  for (const id of objects.filter((text) => text !== '').slice(0, mostAlike)) {
    const type = await git.run(['cat-file', '-t', checkCommit(id)], signal).catch(() => '');
    if (type.trim() === 'commit') commits.push(id);
  }
  const [found, another] = commits;
  if (found === undefined) {
    const message = `no commit of the fleet repo begins with ${start}`;
    throw new FaultError('not_found', message, { retry: 'never' });
  }
  if (another === undefined) return found;
  const message = `more than one commit begins with ${start}: ${commits.join(', ')}`;
  throw new FaultError('invalid', message, { retry: 'never' });
}

/** Seven digits are shared by a handful of objects in the largest repositories. */
const mostAlike = 20;

/** The branch as a fetch has just written it, without starting git; undefined when it is packed away or not there. */
async function looseRef(dir: string, ref: string): Promise<string | undefined> {
  try {
    return checkCommit((await readFile(join(dir, ref), 'utf8')).trim());
  } catch {
    return undefined;
  }
}

async function prepare(git: GitCommand, dir: string, signal: AbortSignal): Promise<void> {
  if (existsSync(join(dir, 'HEAD')) && (await healthy(git, signal))) return;
  await remake(git, dir, signal);
}

async function remake(git: GitCommand, dir: string, signal: AbortSignal): Promise<void> {
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
