import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openMirror } from './mirror.ts';
import { newWorkTree } from './testing/work-tree.ts';
import type { WorkTree } from './testing/work-tree.ts';

const { signal } = new AbortController();
let root = '';
let work = '';

let clone: WorkTree;
const git = (...args: string[]) => clone.git(...args);
const commit = (path: string, text: string) => clone.commit(path, text);

const open = (more: object = {}) =>
  openMirror({ url: work, branch: 'main', dir: join(root, 'mirror'), ...more }, signal);

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'meridian-git-'));
  work = join(root, 'work');
  clone = newWorkTree(work);
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

test('directories of several commits are compared by their ids, without a look at their files', async () => {
  const one = commit('apps/x/a.yaml', 'kind: A\n');
  const two = commit('apps/y/a.yaml', 'kind: A\n');
  const three = commit('apps/x/a.yaml', 'kind: B\n');
  const mirror = await open();
  await mirror.fetch(signal);
  const idsOf = (path: string, ...revisions: readonly string[]) =>
    mirror.directoryIds(
      revisions.map((revision) => ({ revision, path })),
      signal,
    );
  const [before, same, other] = await idsOf('apps/x', one, two, three);
  expect(before).toBe(git('rev-parse', `${one}:apps/x`));
  expect([same === before, other === before]).toEqual([true, false]);
  expect(await idsOf('apps/y', one, two)).toEqual([undefined, before]);
  expect(await idsOf('', three)).toEqual([git('rev-parse', `${three}^{tree}`)]);
  expect(await idsOf('apps/x/a.yaml', one)).toEqual([undefined]);
  expect(await idsOf('apps\nx', one)).toEqual([undefined]);
  expect(await idsOf('apps/x', '0'.repeat(40), two)).toEqual([undefined, before]);
  expect(await mirror.directoryIds([], signal)).toEqual([]);
});

test('a commit is found by the start of its id, and neither a branch nor a file is taken for one', async () => {
  const id = commit('a', 'x');
  const blob = git('rev-parse', 'HEAD:a');
  const mirror = await open();
  await mirror.fetch(signal);
  expect(await mirror.findCommit(id.slice(0, 7), signal)).toBe(id);
  expect(await mirror.findCommit(id, signal)).toBe(id);
  for (const start of [blob, '0'.repeat(40), '0'.repeat(7)])
    await expect(mirror.findCommit(start, signal)).rejects.toMatchObject({ code: 'not_found' });
  for (const start of ['main', id.slice(0, 6), 'HEAD~1', '--all'])
    await expect(mirror.findCommit(start, signal)).rejects.toMatchObject({ code: 'invalid' });
});

/** Makes the ids of two commits of one file `a` with the text `x` share their first seven digits. */
const sharedStart = ['19275', '19624'];
const sameAuthor = {
  GIT_AUTHOR_NAME: 'Ada Example',
  GIT_AUTHOR_EMAIL: 'ada@example.com',
  GIT_AUTHOR_DATE: '1700000000 +0000',
  GIT_COMMITTER_NAME: 'Ada Example',
  GIT_COMMITTER_EMAIL: 'ada@example.com',
  GIT_COMMITTER_DATE: '1700000000 +0000',
};

test('a start that two commits share is refused with both', async () => {
  commit('a', 'x');
  const tree = git('rev-parse', 'HEAD^{tree}');
  const at = (message: string) =>
    execFileSync('git', ['-C', work, 'commit-tree', tree, '-m', message], {
      encoding: 'utf8',
      env: { ...process.env, ...sameAuthor },
    }).trim();
  const [one, other] = sharedStart.map(at);
  git('update-ref', 'refs/heads/main', git('commit-tree', tree, '-p', one!, '-p', other!, '-m', 'both'));
  const mirror = await open();
  await mirror.fetch(signal);
  const start = one!.slice(0, 7);
  expect(other!.slice(0, 7)).toBe(start);
  await expect(mirror.findCommit(start, signal)).rejects.toMatchObject({
    code: 'invalid',
    message: expect.stringContaining(`more than one commit begins with ${start}`) as string,
  });
  expect(await mirror.findCommit(one!, signal)).toBe(one);
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

/** A loose object as git keeps it, under an id that is not that of its content. */
function forge(id: string, content: string): void {
  const file = join(work, '.git', 'objects', id.slice(0, 2), id.slice(2));
  chmodSync(file, 0o644);
  writeFileSync(file, deflateSync(`blob ${content.length}\0${content}`));
}

test('content that does not match its id is not taken, and what was here stays', async () => {
  const first = commit('a', 'sound');
  const mirror = await open();
  await mirror.fetch(signal);
  commit('b', 'sound, too');
  forge(git('rev-parse', 'HEAD:b'), 'evil stuff');
  await expect(mirror.fetch(signal)).rejects.toMatchObject({ name: 'FaultError' });
  expect(await mirror.revision(signal)).toBe(first);
});

test('a pointer of LFS is read as the text that it is, and its server is never asked', async () => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 12\n`;
  commit('.gitattributes', '*.bin filter=lfs diff=lfs merge=lfs -text\n');
  commit('.lfsconfig', `[lfs]\n\turl = http://127.0.0.1:${port}/lfs\n`);
  const id = commit('model.bin', pointer);
  const mirror = await open();
  await mirror.fetch(signal);
  const files = await (await mirror.tree(id, signal)).load(() => true, signal);
  expect(files.readFile('model.bin')).toBe(pointer);
  await new Promise((resolve) => server.close(resolve));
  expect(asked).toEqual([]);
});

test('names that differ in case or Unicode form only are different files', async () => {
  const names = ['a.yaml', 'A.yaml', 'e\u0301.yaml', '\u00e9.yaml'];
  for (const name of names) commit(name, `the text of ${JSON.stringify(name)}`);
  const id = git('rev-parse', 'HEAD');
  const mirror = await open();
  await mirror.fetch(signal);
  const files = await (await mirror.tree(id, signal)).load(() => true, signal);
  expect(files.list('')).toHaveLength(names.length);
  for (const name of names) expect(files.readFile(name)).toBe(`the text of ${JSON.stringify(name)}`);
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
