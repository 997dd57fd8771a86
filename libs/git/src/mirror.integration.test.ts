import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openMirror } from './mirror.ts';

const { signal } = new AbortController();
let root = '';
let work = '';

function git(...args: string[]): string {
  const identity = ['-c', 'user.name=Ada Example', '-c', 'user.email=ada@example.com'];
  return execFileSync('git', ['-C', work, ...identity, ...args], { encoding: 'utf8', stdio: 'pipe' }).trim();
}

function commit(path: string, text: string): string {
  mkdirSync(join(work, path, '..'), { recursive: true });
  writeFileSync(join(work, path), text);
  git('add', '-A');
  git('commit', '-q', '-m', `change ${path}`);
  return git('rev-parse', 'HEAD');
}

const open = (more: object = {}) =>
  openMirror({ url: work, branch: 'main', dir: join(root, 'mirror'), ...more }, signal);

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'meridian-git-'));
  work = join(root, 'work');
  mkdirSync(work);
  git('init', '-q', '-b', 'main');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('a mirror fetches the branch, lists it and reads its files without a checkout', async () => {
  const id = commit('apps/x/base/a.yaml', 'kind: A\n');
  const mirror = await open();
  expect(await mirror.revision(signal)).toBeUndefined();
  expect(await mirror.fetch(signal)).toEqual({ revision: id, changed: true, rewound: false });
  expect(await mirror.fetch(signal)).toEqual({ revision: id, changed: false, rewound: false });
  expect(await mirror.remoteRevision(signal)).toBe(id);
  const tree = await mirror.tree(id, signal);
  expect(tree.under('apps').map((entry) => entry.path)).toEqual(['apps/x/base/a.yaml']);
  const files = await tree.load(() => true, signal);
  expect(files.readFile('apps/x/base/a.yaml')).toBe('kind: A\n');
  expect(files.list('apps/x')).toEqual(['base']);
  expect(files.kind('apps')).toBe('directory');
  expect(files.list('nowhere')).toBeUndefined();
  expect(await mirror.commit(id, signal)).toMatchObject({
    author: 'Ada Example',
    subject: 'change apps/x/base/a.yaml',
  });
});

test('a symlink out of the repository is named, not followed', async () => {
  symlinkSync('/etc/hostname', join(work, 'link.yaml'));
  const id = commit('a', 'x');
  const mirror = await open();
  await mirror.fetch(signal);
  const files = await (await mirror.tree(id, signal)).load(() => true, signal);
  expect(files.readFile('link.yaml')).toBeUndefined();
  expect(files.kind('link.yaml')).toBe('symlink');
  expect(files.unreadable('link.yaml')).toContain('symlink');
});

test('a file that is too large or not text is unreadable with a reason, the others are not harmed', async () => {
  commit('big', 'x'.repeat(200));
  writeFileSync(join(work, 'binary'), Buffer.from([0xff, 0xfe, 0x00]));
  const id = commit('good', 'ok');
  const mirror = await open({ limits: { fileBytes: 100 } });
  await mirror.fetch(signal);
  const files = await (await mirror.tree(id, signal)).load(() => true, signal);
  expect(files.unreadable('big')).toContain('200 bytes');
  expect(files.unreadable('binary')).toContain('UTF-8');
  expect(files.readFile('good')).toBe('ok');
});

test('a force-push is seen as a rewound branch', async () => {
  const first = commit('a', '1');
  commit('a', '2');
  const mirror = await open();
  await mirror.fetch(signal);
  git('reset', '-q', '--hard', first);
  expect(await mirror.fetch(signal)).toEqual({ revision: first, changed: true, rewound: true });
});

test('a missing branch and a missing repository are told apart, and the mirror keeps what it has', async () => {
  const id = commit('a', '1');
  const mirror = await open();
  await mirror.fetch(signal);
  git('branch', '-m', 'main', 'trunk');
  await expect(mirror.fetch(signal)).rejects.toMatchObject({ code: 'not_found' });
  expect(await mirror.remoteRevision(signal)).toBeUndefined();
  rmSync(work, { recursive: true });
  await expect(mirror.fetch(signal)).rejects.toMatchObject({ code: 'unavailable', retry: 'later' });
  expect(await mirror.revision(signal)).toBe(id);
});

test('a broken mirror directory is made anew', async () => {
  const id = commit('a', '1');
  await (await open()).fetch(signal);
  rmSync(join(root, 'mirror', 'objects'), { recursive: true });
  const again = await open();
  expect((await again.fetch(signal)).revision).toBe(id);
});

test('a mirror that loses objects while it is open says so and is fetched anew', async () => {
  commit('a', '1');
  const id = commit('dir/b', '2');
  const mirror = await open();
  await mirror.fetch(signal);
  const tree = await mirror.tree(id, signal);
  rmSync(join(root, 'mirror', 'objects'), { recursive: true });
  mkdirSync(join(root, 'mirror', 'objects'));
  await expect(tree.load(() => true, signal)).rejects.toMatchObject({ name: 'FaultError' });
  expect(await mirror.revision(signal)).toBeUndefined();
  expect(await mirror.fetch(signal)).toMatchObject({ revision: id, rewound: false });
  expect((await (await mirror.tree(id, signal)).load(() => true, signal)).readFile('dir/b')).toBe('2');
});

test('a mirror that was tidied still knows its branch and fetches on', async () => {
  const first = commit('a', '1');
  const mirror = await open();
  await mirror.fetch(signal);
  execFileSync('git', ['-C', join(root, 'mirror'), 'pack-refs', '--all']);
  await mirror.tidy(signal);
  expect(await mirror.revision(signal)).toBe(first);
  const second = commit('a', '2');
  expect(await mirror.fetch(signal)).toEqual({ revision: second, changed: true, rewound: false });
});

test('hooks of the mirror directory do not run', async () => {
  commit('a', '1');
  const mirror = await open();
  mkdirSync(join(root, 'mirror', 'hooks'), { recursive: true });
  writeFileSync(
    join(root, 'mirror', 'hooks', 'reference-transaction'),
    `#!/bin/sh\ntouch ${join(root, 'ran')}\n`,
    { mode: 0o755 },
  );
  await mirror.fetch(signal);
  expect(() => execFileSync('test', ['-e', join(root, 'ran')])).toThrow();
});

test('a fetch that is told to stop, stops', async () => {
  commit('a', '1');
  const mirror = await open();
  const stop = new AbortController();
  stop.abort();
  await expect(mirror.fetch(stop.signal)).rejects.toThrow();
});

test('without git the message says to install it', async () => {
  await expect(open({ path: join(root, 'empty') })).rejects.toThrow(/install git/);
});
