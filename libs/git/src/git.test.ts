import { expect, test } from 'vitest';
import { BlobCache } from './blob-cache.ts';
import { gitFault } from './git-command.ts';
import { checkBranch, checkCommit, checkUrl } from './names.ts';
import { parseBatch } from './read-blobs.ts';
import { directoriesOf, parseTree } from './tree.ts';

const limits = { files: 10, fileBytes: 100, totalBytes: 1_000 };

test.each([
  'ext::sh -c id',
  '-upload-pack=x',
  '--exec=x',
  'http://169.254.169.254/',
  'git://host/x',
  '',
  'https://h/x\n',
])('the repository URL %j is refused before git sees it', (url) =>
  expect(() => checkUrl(url)).toThrow(/refused/),
);

test.each([
  '/srv/fleet.git',
  'file:///srv/fleet.git',
  'https://example.com/fleet.git',
  'ssh://git@example.com/fleet.git',
  'git@example.com:fleet.git',
])('the repository URL %s is accepted', (url) => expect(checkUrl(url)).toBe(url));

test.each(['-c core.sshCommand=x', '--exec', 'a..b', 'a b', 'x.lock', '/x', 'x/', 'a~1', 'a:b', ''])(
  'the branch name %j is refused',
  (branch) => expect(() => checkBranch(branch)).toThrow(/refused/),
);

test('only a full commit id is a commit id', () => {
  expect(checkCommit('a'.repeat(40))).toBe('a'.repeat(40));
  for (const bad of ['HEAD', 'a'.repeat(39), `${'a'.repeat(40)} --all`, 'main'])
    expect(() => checkCommit(bad)).toThrow(/commit id/);
});

test('a tree names symlinks and submodules as what they are', () => {
  const out = [
    `100644 blob ${'1'.repeat(40)}       3\tbase/a b.yaml`,
    `120000 blob ${'2'.repeat(40)}      11\tlink`,
    `160000 commit ${'3'.repeat(40)}       -\tsub`,
    '',
  ].join('\0');
  expect(parseTree(out, limits).map(({ path, kind, sizeBytes }) => [path, kind, sizeBytes])).toEqual([
    ['base/a b.yaml', 'file', 3],
    ['link', 'symlink', 11],
    ['sub', 'submodule', 0],
  ]);
  expect(directoriesOf(parseTree(out, limits)).get('base')).toEqual(['a b.yaml']);
});

test('a commit with too many files is refused', () => {
  const out = Array.from({ length: 11 }, (_, index) => `100644 blob ${'1'.repeat(40)} 1\tf${index}\0`).join(
    '',
  );
  expect(() => parseTree(out, limits)).toThrow(/more than 10 files/);
});

test('a batch of blobs is cut by size, whatever bytes it holds', () => {
  const found = parseBatch(Buffer.from(`${'1'.repeat(40)} blob 4\na\nb\n\n${'2'.repeat(40)} blob 0\n\n`));
  expect(found.get('1'.repeat(40))?.toString()).toBe('a\nb\n');
  expect(found.get('2'.repeat(40))?.length).toBe(0);
  expect(() => parseBatch(Buffer.from(`${'1'.repeat(40)} missing\n`))).toThrow(/missing/);
});

test('the cache drops what was used least when it is full', () => {
  const cache = new BlobCache(10);
  cache.set('a', '12345');
  cache.set('b', '12345');
  cache.get('a');
  cache.set('c', '123');
  expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual(['12345', undefined, '123']);
});

test('a fault says what to do and never shows credentials', () => {
  const fault = gitFault(
    new Error("fatal: unable to access 'https://user:secret@example.com/x/': Could not resolve host"),
    'fetch',
  );
  expect(fault.code).toBe('unavailable');
  expect(fault.message).toContain('MERIDIAN_REPO_URL');
  expect(fault.message).not.toContain('secret');
  expect(gitFault(new Error('spawn git ENOENT'), 'init').message).toContain('install git');
});
