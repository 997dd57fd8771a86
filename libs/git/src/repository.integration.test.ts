import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openRepository } from './repository.ts';
import { newWorkTree } from './testing/work-tree.ts';
import type { WorkTree } from './testing/work-tree.ts';

const { signal } = new AbortController();
let work = '';

let clone: WorkTree;
const git = (...args: string[]) => clone.git(...args);
const commit = (path: string, text: string) => clone.commit(path, text);

const open = (dir = work) => openRepository({ dir, path: process.env['PATH'] }, signal);

beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'meridian-repository-'));
  clone = newWorkTree(work);
});
afterEach(() => rmSync(work, { recursive: true, force: true }));

test('commits are found by every name that git knows, and their files are read also from a folder below', async () => {
  const first = commit('apps/a.yaml', 'kind: A\n');
  const second = commit('apps/b.yaml', 'kind: B\n');
  git('tag', 'v1', first);
  writeFileSync(join(work, 'apps', 'a.yaml'), 'not committed');
  const repository = await open(join(work, 'apps'));
  expect(await repository.commitOf('main', signal)).toBe(second);
  expect(await repository.commitOf('HEAD~1', signal)).toBe(first);
  expect(await repository.commitOf('v1', signal)).toBe(first);
  expect(await repository.commitOf(second.slice(0, 8), signal)).toBe(second);
  const files = await (await repository.tree(second, signal)).load(() => true, signal);
  expect(files.readFile('apps/a.yaml')).toBe('kind: A\n');
  expect(files.list('apps')).toEqual(['a.yaml', 'b.yaml']);
});

test.each(['nowhere', '', '--all', '-h', 'HEAD:apps/a.yaml', 'HEAD^{tree}', 'HEAD\nHEAD'])(
  'the name %j means no commit and is refused',
  async (name) => {
    commit('apps/a.yaml', 'kind: A\n');
    await expect((await open()).commitOf(name, signal)).rejects.toMatchObject({ code: 'not_found' });
  },
);

test('the place where two branches part is found, and strangers have none', async () => {
  const first = commit('a', '1');
  git('checkout', '-q', '-b', 'change');
  const change = commit('b', '1');
  git('checkout', '-q', 'main');
  const main = commit('c', '1');
  git('checkout', '-q', '--orphan', 'stranger');
  const stranger = commit('d', '1');
  const repository = await open();
  expect(await repository.mergeBase(change, main, signal)).toBe(first);
  expect(await repository.mergeBase(change, stranger, signal)).toBeUndefined();
});

test('a folder in no repository is told as such', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'meridian-nothing-'));
  try {
    await expect(open(folder)).rejects.toMatchObject({
      code: 'not_found',
      message: expect.stringContaining('is in no git repository'),
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
