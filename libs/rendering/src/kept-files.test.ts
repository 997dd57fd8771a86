import { expect, test } from 'vitest';
import { KeptFiles } from './kept-files.ts';
import { packDirectories } from './messages.ts';

const root = (id: string, ...entries: (readonly [string, string, string])[]) => ({ id, entries });
const web = root(
  'web',
  ['kustomization.yaml', 'file', 'a'],
  ['logo.png', 'file', 'b'],
  ['link.yaml', 'symlink', 'c'],
  ['copy.yaml', 'symlink', 'a'],
);
const sent = () => {
  const kept = new KeptFiles();
  const directories = packDirectories([
    web,
    root('shared', ['map.yaml', 'file', 'd']),
    root('one', ['web', 'directory', 'web'], ['shared', 'directory', 'shared']),
  ]);
  kept.take({ kind: 'tree', tree: 1, root: 'one', directories });
  kept.take({
    kind: 'contents',
    contents: [
      ['a', 'resources: []\n'],
      ['b', new Uint8Array([0xff])],
    ],
    flaws: [
      ['file b', ' is not UTF-8 text'],
      ['symlink c', ' is a symlink'],
      ['symlink a', ' is a symlink'],
    ],
  });
  return kept;
};

test('a look gives what was sent and tells every path that was looked at', () => {
  const { tree, reads, misses } = sent().look(1);
  expect(tree.readFile('web/kustomization.yaml')).toBe('resources: []\n');
  expect(tree.readFile('web/logo.png')).toBeUndefined();
  expect(tree.readBytes?.('web/logo.png')).toEqual(new Uint8Array([0xff]));
  expect(tree.readFile('web/link.yaml')).toBeUndefined();
  expect(tree.unreadable?.('web/link.yaml')).toBe('web/link.yaml is a symlink');
  expect(tree.readFile('web/copy.yaml')).toBeUndefined();
  expect(tree.list('web')).toEqual(['copy.yaml', 'kustomization.yaml', 'link.yaml', 'logo.png']);
  expect(tree.list('')).toEqual(['shared', 'web']);
  expect(tree.list('nowhere')).toBeUndefined();
  expect(misses.size).toBe(0);
  expect([...reads]).toEqual([
    'web/kustomization.yaml',
    'web/logo.png',
    'web/link.yaml',
    'web/copy.yaml',
    'web',
    '',
    'nowhere',
  ]);
});

test('a file that was not sent is missed when it is read, not when only its identity is asked for', () => {
  const { tree, misses } = sent().look(1);
  expect(tree.identity?.('shared/map.yaml')).toBe('file d');
  expect(tree.identity?.('shared')).toBe('directory map.yaml');
  expect(tree.identity?.('nowhere')).toBe('nothing');
  expect(tree.readFile('shared')).toBeUndefined();
  expect([...misses]).toEqual([]);
  expect(tree.readFile('shared/map.yaml')).toBeUndefined();
  expect([...misses]).toEqual(['shared/map.yaml']);
});

test('directories and contents are kept for the next tree, until all is forgotten', () => {
  const kept = sent();
  const next = packDirectories([root('two', ['web', 'directory', 'web'])]);
  kept.take({ kind: 'tree', tree: 2, root: 'two', directories: next });
  kept.take({ kind: 'forget', tree: 1 });
  expect(() => kept.look(1)).toThrow('tree 1 was not sent');
  const { tree, misses } = kept.look(2);
  expect(tree.readFile('web/kustomization.yaml')).toBe('resources: []\n');
  expect(tree.list('shared')).toBeUndefined();
  expect(misses.size).toBe(0);
  kept.take({ kind: 'forget all' });
  expect(() => kept.look(2)).toThrow('tree 2 was not sent');
  expect(() => kept.take({ kind: 'tree', tree: 3, root: 'three', directories: next })).toThrow(
    'directory web was not sent',
  );
});

test('a revision without files has an empty root', () => {
  const kept = new KeptFiles();
  kept.take({ kind: 'tree', tree: 1, root: 'none', directories: packDirectories([root('none')]) });
  expect(kept.look(1).tree.list('')).toEqual([]);
});
