import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { gitCommand } from './git-command.ts';
import { openMirror } from './mirror.ts';
import type { MirrorOptions } from './mirror.ts';
import { serveGit, trustedCertificate } from './testing/git-https.ts';
import type { GitHttps, GitHttpsFlaws } from './testing/git-https.ts';
import { newWorkTree } from './testing/work-tree.ts';
import type { WorkTree } from './testing/work-tree.ts';

const { signal } = new AbortController();
let root = '';
let servers: GitHttps[] = [];

let clone: WorkTree;
const git = (...args: string[]) => clone.git(...args);
const commit: WorkTree['commitAll'] = (files) => clone.commitAll(files);

async function serve(flaws?: GitHttpsFlaws): Promise<GitHttps> {
  const server = await serveGit(join(root, 'served'), flaws);
  servers.push(server);
  return server;
}

const urlAt = ({ url }: GitHttps) => `${url.replace('https://', 'https://ada:secret@')}/fleet`;
const open = (url: string, more: Partial<MirrorOptions> = {}) =>
  openMirror({ url, branch: 'main', dir: join(root, 'mirror'), home: join(root, 'home'), ...more }, signal);

/** Configuration of the operator, who trusts the servers of the test. */
function configure(lines = ''): void {
  writeFileSync(join(root, 'ca.pem'), trustedCertificate);
  writeFileSync(join(root, 'home', '.gitconfig'), `[http]\n\tsslCAInfo = ${join(root, 'ca.pem')}\n${lines}`);
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'meridian-egress-'));
  mkdirSync(join(root, 'home'));
  configure();
  clone = newWorkTree(join(root, 'served', 'fleet'));
});
afterEach(async () => {
  for (const server of servers) await server[Symbol.asyncDispose]();
  servers = [];
  rmSync(root, { recursive: true, force: true });
});

test('a fetch over https reads the repository with its credentials', async () => {
  const id = commit({ a: '1' });
  const server = await serve();
  expect((await (await open(urlAt(server))).fetch(signal)).revision).toBe(id);
  expect(server.asked.length).toBeGreaterThan(0);
});

test('a redirect is not followed, so that nobody else is asked or sees credentials, and what was here stays', async () => {
  const id = commit({ a: '1' });
  const [sound, other] = [await serve(), await serve()];
  await (await open(urlAt(sound))).fetch(signal);
  commit({ a: '2' });
  const moved = await serve({ redirectTo: other.url });
  // Not even when the operator's own configuration would follow it.
  configure('\tfollowRedirects = true\n');
  const mirror = await open(urlAt(moved));
  const refused = {
    code: 'denied',
    message: expect.stringContaining('redirects are not followed') as string,
  };
  await expect(mirror.fetch(signal)).rejects.toMatchObject(refused);
  await expect(mirror.remoteRevision(signal)).rejects.toMatchObject(refused);
  expect(moved.asked.length).toBeGreaterThan(0);
  expect(other.asked).toEqual([]);
  expect(await mirror.revision(signal)).toBe(id);
});

test.each([
  ['ssh', 'ssh://127.0.0.1:1/'],
  ['file', 'file:///'],
  ['ext', 'ext::sh -c true '],
])('a mirror of an https URL uses no other transport, here %s', async (transport, base) => {
  const server = await serve();
  configure(`[url "${base}"]\n\tinsteadOf = ${server.url}/\n`);
  await expect((await open(`${server.url}/fleet`)).fetch(signal)).rejects.toMatchObject({
    code: 'denied',
    message: expect.stringContaining(`transport '${transport}' not allowed`) as string,
  });
  expect(server.asked).toEqual([]);
});

test('a submodule is never fetched, whatever its URL is', async () => {
  const other = await serve();
  const id = commit({
    '.gitmodules': `[submodule "s"]\n\tpath = s\n\turl = ${other.url}/other\n[submodule "e"]\n\tpath = e\n\turl = ext::sh -c id\n`,
  });
  git('update-index', '--add', '--cacheinfo', `160000,${id},s`);
  git('commit', '-q', '-m', 'submodule');
  const server = await serve();
  const mirror = await open(urlAt(server));
  const { revision } = await mirror.fetch(signal);
  expect((await mirror.tree(revision, signal)).kind('s')).toBe('submodule');
  expect(other.asked).toEqual([]);
});

test('a malformed tree is not taken, and what was here stays', async () => {
  const id = commit({ a: '1' });
  const mirror = await open(join(root, 'served', 'fleet'));
  await mirror.fetch(signal);
  const entry = Buffer.concat([Buffer.from('100644 ..\0'), Buffer.from(git('rev-parse', 'HEAD:a'), 'hex')]);
  writeFileSync(join(root, 'tree'), entry);
  const tree = git('hash-object', '-t', 'tree', '-w', '--literally', join(root, 'tree'));
  git('update-ref', 'refs/heads/main', git('commit-tree', tree, '-p', id, '-m', 'hostile'));
  await expect(mirror.fetch(signal)).rejects.toMatchObject({ code: 'invalid' });
  expect(await mirror.revision(signal)).toBe(id);
});

/** Enough objects that git keeps them in a pack. */
const many = () =>
  Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`f${index}`, randomBytes(20_000)]));

test.each([
  ['bytes', { bytes: 1_000_000 }, 'more than 1000000 bytes to its mirror'],
  ['objects', { objects: 100 }, 'more than 100 objects at once'],
])(
  'a fetch that brings too many %s is ended while it goes on, and leaves nothing',
  async (_what, fetchLimits, says) => {
    const id = commit({ a: '1' });
    await (await open(urlAt(await serve()))).fetch(signal);
    commit(many());
    // The rest never comes: whoever waits for the end of the pack waits for ever.
    const endless = await serve({ stallsAfterBytes: 2_000_000 });
    const mirror = await open(urlAt(endless), { fetchLimits });
    await expect(mirror.fetch(signal)).rejects.toMatchObject({
      code: 'exhausted',
      retry: 'later',
      message: expect.stringContaining(says) as string,
    });
    expect(await mirror.revision(signal)).toBe(id);
    const packs = join(root, 'mirror', 'objects', 'pack');
    expect(existsSync(packs) ? readdirSync(packs).filter((name) => name.startsWith('tmp_')) : []).toEqual([]);
  },
);

const patience = { timeoutMs: 2_000 };

test('a fetch may take longer than git may stay silent, as long as something comes', async () => {
  const id = commit(many());
  // 4 MB take 61 pauses, together more than twice the patience.
  const slow = await serve({ pauseMs: 80 });
  const mirror = await open(urlAt(slow), patience);
  expect((await mirror.fetch(signal)).revision).toBe(id);
});

test('a fetch of which nothing comes any more is ended, and leaves nothing', async () => {
  commit(many());
  const mirror = await open(urlAt(await serve({ stallsAfterBytes: 2_000_000 })), patience);
  await expect(mirror.fetch(signal)).rejects.toMatchObject({ code: 'unavailable', retry: 'later' });
  const packs = join(root, 'mirror', 'objects', 'pack');
  expect(readdirSync(packs).filter((name) => name.startsWith('tmp_'))).toEqual([]);
});

test('a git that never stops talking is ended before its words fill the memory', async () => {
  const programs = join(root, 'programs');
  mkdirSync(programs);
  writeFileSync(join(programs, 'git'), '#!/bin/sh\nexec /usr/bin/yes remote: still counting >&2\n');
  chmodSync(join(programs, 'git'), 0o755);
  const git = gitCommand(join(root, 'talks'), { path: programs, home: undefined, timeoutMs: 60_000 });
  await expect(git.run(['fetch'], signal)).rejects.toMatchObject({
    code: 'exhausted',
    message: expect.stringContaining('says more than') as string,
  });
});
