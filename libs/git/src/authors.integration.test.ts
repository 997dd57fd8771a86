import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openMirror } from './mirror.ts';
import { newWorkTree } from './testing/work-tree.ts';
import type { WorkTree } from './testing/work-tree.ts';

const { signal } = new AbortController();
let root = '';
let clone: WorkTree;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'meridian-authors-'));
  clone = newWorkTree(join(root, 'work'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const mirrored = async () => {
  const mirror = await openMirror(
    { url: join(root, 'work'), branch: 'main', dir: join(root, 'mirror') },
    signal,
  );
  await mirror.fetch(signal);
  return (from: string | undefined, to: string) => mirror.authors({ from, to }, signal);
};
/** A commit by somebody; the committer is Ada. */
const by = (author: string, message = 'change'): string => {
  writeFileSync(join(root, 'message'), message);
  clone.git('commit', '-q', '--allow-empty', `--author=${author}`, '-F', join(root, 'message'));
  return clone.git('rev-parse', 'HEAD');
};
const ada = ['Ada Example', 'ada@example.com'];

test('authors and committers of every commit in between are named, of merged branches too, and nobody before', async () => {
  const from = by('Old Hand <old@example.com>');
  clone.git('checkout', '-q', '-b', 'side');
  by('Bob Side <bob@example.com>');
  clone.git('checkout', '-q', 'main');
  by('Carol Müller <carol@example.com>');
  clone.git('merge', '-q', '--no-ff', '-m', 'merge', 'side');
  const authors = await mirrored();
  const to = clone.git('rev-parse', 'HEAD');
  const between = ['Bob Side', 'Carol Müller', 'bob@example.com', 'carol@example.com'];
  expect(await authors(from, to)).toEqual([...ada, ...between].sort());
  expect(await authors(to, to)).toEqual([]);
  expect(await authors(undefined, from)).toEqual([...ada, 'Old Hand', 'old@example.com'].sort());
});

test('co-authors of a squashed commit are authors, by name and by address', async () => {
  const from = by('Old Hand <old@example.com>');
  const to = by(
    'Bob <bob@example.com>',
    'squashed\n\nCo-authored-by: Dan Doe <dan@example.com>\nco-authored-by: Eve <e@x.y>',
  );
  expect(await (await mirrored())(from, to)).toEqual(
    [...ada, 'Bob', 'bob@example.com', 'Dan Doe', 'dan@example.com', 'Eve', 'e@x.y'].sort(),
  );
});

test('a mailmap in the repository hides nobody', async () => {
  const from = clone.commit('.mailmap', 'Nobody <nobody@example.com> <bob@example.com>\n');
  const to = by('Bob <bob@example.com>');
  expect(await (await mirrored())(from, to)).toContain('bob@example.com');
});

test('200 commits are looked at, and of more nobody can say', async () => {
  const from = by('Old Hand <old@example.com>');
  let to = from;
  for (let count = 0; count < 200; count += 1) to = by('Bob <bob@example.com>');
  const one = by('Bob <bob@example.com>');
  const authors = await mirrored();
  expect(await authors(from, to)).toEqual([...ada, 'Bob', 'bob@example.com'].sort());
  expect(await authors(from, one)).toBeUndefined();
}, 30_000);

test('nobody can say when the history does not lead there, when a commit is not here, and when it is too much', async () => {
  const from = by('Old Hand <old@example.com>');
  const left = by('Bob <bob@example.com>');
  clone.git('reset', '-q', '--hard', from);
  const to = by(
    'Carol <carol@example.com>',
    `long\n\nCo-authored-by: ${'x'.repeat(256 * 1024)} <x@example.com>`,
  );
  const authors = await mirrored();
  expect(await authors(left, from)).toBeUndefined();
  expect(await authors('0'.repeat(40), to)).toBeUndefined();
  expect(await authors(from, '0'.repeat(40))).toBeUndefined();
  expect(await authors(to, from)).toBeUndefined();
  expect(await authors(from, to)).toBeUndefined();
});
