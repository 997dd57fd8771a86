import { expect, test } from 'vitest';
import { BlobCache } from './blob-cache.ts';
import { gitFault } from './git-command.ts';
import { checkBranch, checkCommit, checkUrl } from './names.ts';
import { filesBelow } from './directory.ts';
import { parseBatch } from './read-blobs.ts';
import { parseChanges, withChanges } from './tree-changes.ts';

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

const [one, two, three] = ['1', '2', '3'].map((digit) => digit.repeat(40));
const none = '0'.repeat(40);
const changed = (...lines: readonly (readonly [mode: string, id: string | undefined, path: string])[]) =>
  lines.map(([mode, id, path]) => `:000000 ${mode} ${none} ${id} M\0${path}\0`).join('');
const sizes = new Map([
  [one ?? '', 3],
  [two ?? '', 11],
]);
const rootOf = (output: string, before?: ReturnType<typeof withChanges>) =>
  withChanges(before, 'root', { changes: parseChanges(output, 10), sizes });
const listed = (root: ReturnType<typeof withChanges>) =>
  Array.from(filesBelow(root, ''), ([path, { kind, sizeBytes }]) => [path, kind, sizeBytes]);

test('a tree names symlinks and submodules as what they are', () => {
  const root = rootOf(
    changed(
      ['040000', 'tree-a', 'base'],
      ['100644', one, 'base/a b.yaml'],
      ['120000', two, 'link'],
      ['160000', three, 'sub'],
    ),
  );
  expect(listed(root)).toEqual([
    ['base/a b.yaml', 'file', 3],
    ['link', 'symlink', 11],
    ['sub', 'submodule', 0],
  ]);
  expect(root.at('base')).toMatchObject({ id: 'tree-a', names: ['a b.yaml'] });
});

test('a commit is the one before and what differs, and shares every directory that is the same', () => {
  const before = rootOf(
    changed(
      ['040000', 'tree-a', 'a'],
      ['100644', one, 'a/x'],
      ['040000', 'tree-b', 'b'],
      ['100644', one, 'b/y'],
      ['100644', one, 'c'],
    ),
  );
  const after = rootOf(
    changed(
      ['000000', none, 'c'],
      ['040000', 'tree-c', 'c'],
      ['100755', two, 'c/z'],
      ['040000', 'tree-a2', 'a'],
      ['000000', none, 'a/x'],
      ['100644', two, 'a/w'],
    ),
    before,
  );
  expect(listed(after).map(([path]) => path)).toEqual(['a/w', 'b/y', 'c/z']);
  expect(after.at('b')).toBe(before.at('b'));
  expect(after.at('a')).toMatchObject({ id: 'tree-a2' });
  expect(listed(before).map(([path]) => path)).toEqual(['a/x', 'b/y', 'c']);
  expect(after.at('b/y/beyond')).toBeUndefined();
});

test('a directory that is gone is gone with everything in it', () => {
  const before = rootOf(changed(['040000', 'tree-a', 'a'], ['100644', one, 'a/x'], ['100644', one, 'b']));
  const after = rootOf(changed(['000000', none, 'a'], ['000000', none, 'a/x']), before);
  expect(listed(after).map(([path]) => path)).toEqual(['b']);
  expect(after.fileCount).toBe(1);
});

test('a commit with too many files is refused', () => {
  const out = changed(...Array.from({ length: 11 }, (_, index) => ['100644', one, `f${index}`] as const));
  expect(() => parseChanges(out, 10)).toThrow(/more than 10 files/);
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
