import { expect, test } from 'vitest';
import { KeptFiles } from './kept-files.ts';
import { packPaths } from './messages.ts';

const sent = () => {
  const kept = new KeptFiles();
  const paths = packPaths([
    ['web/kustomization.yaml', 'file a'],
    ['web/logo.png', 'file b'],
    ['web/link.yaml', 'symlink c'],
    ['shared/map.yaml', 'file d'],
  ]);
  kept.take({ kind: 'tree', tree: 1, paths });
  kept.take({
    kind: 'contents',
    tree: 1,
    dirs: ['web'],
    contents: [
      ['a', 'resources: []\n'],
      ['b', new Uint8Array([0xff])],
    ],
    unreadable: [
      ['web/logo.png', 'web/logo.png is not UTF-8 text'],
      ['web/link.yaml', 'web/link.yaml is a symlink'],
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
  expect(tree.list('web')).toEqual(['kustomization.yaml', 'link.yaml', 'logo.png']);
  expect(tree.list('')).toEqual(['shared', 'web']);
  expect(tree.list('nowhere')).toBeUndefined();
  expect(misses.size).toBe(0);
  expect([...reads]).toEqual([
    'web/kustomization.yaml',
    'web/logo.png',
    'web/link.yaml',
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

test('contents are kept for the next tree, until all is forgotten', () => {
  const kept = sent();
  kept.take({ kind: 'tree', tree: 2, paths: packPaths([['web/kustomization.yaml', 'file a']]) });
  kept.take({ kind: 'contents', tree: 2, dirs: ['web'], contents: [], unreadable: [] });
  kept.take({ kind: 'forget', tree: 1 });
  expect(() => kept.look(1)).toThrow('tree 1 was not sent');
  expect(kept.look(2).tree.readFile('web/kustomization.yaml')).toBe('resources: []\n');
  kept.take({ kind: 'forget all' });
  expect(() => kept.look(2)).toThrow('tree 2 was not sent');
});

test('a revision without files has an empty root', () => {
  const kept = new KeptFiles();
  kept.take({ kind: 'tree', tree: 1, paths: packPaths([]) });
  expect(kept.look(1).tree.list('')).toEqual([]);
});
