import { expect, test } from 'vitest';
import { fieldChanges } from './field-changes.ts';

const shown = (before: Parameters<typeof fieldChanges>[0], after: typeof before) =>
  fieldChanges(before, after).map(({ path, before: old, after: now }) => [path, old, now]);

test('only the smallest fields that differ are named', () => {
  const before = { spec: { replicas: 1, paused: false }, data: { 'a.b': 'x' } };
  expect(shown(before, { spec: { replicas: 3, paused: false }, data: { 'a.b': 'y' } })).toEqual([
    ['spec.replicas', 1, 3],
    ['data[a.b]', 'x', 'y'],
  ]);
  expect(shown(before, { ...before, spec: { ...before.spec } })).toEqual([]);
});

test('items of a list are matched by their name, so that one more in front changes nothing else', () => {
  const container = (name: string, image: string) => ({ name, image });
  expect(
    shown(
      [container('web', 'web:1'), container('log', 'log:1')],
      [container('init', 'i:1'), container('web', 'web:2'), container('log', 'log:1')],
    ),
  ).toEqual([
    ['[name=web].image', 'web:1', 'web:2'],
    ['[name=init]', undefined, { name: 'init', image: 'i:1' }],
  ]);
});

test('another order of the same items is a change', () => {
  expect(shown({ env: [{ name: 'A' }, { name: 'B' }] }, { env: [{ name: 'B' }, { name: 'A' }] })).toEqual([
    ['env[order]', ['name=A', 'name=B'], ['name=B', 'name=A']],
  ]);
});

test('items without names are matched by position, scalars and maps alike', () => {
  expect(shown({ args: ['a', 'b'] }, { args: ['a', 'c', 'd'] })).toEqual([
    ['args[1]', 'b', 'c'],
    ['args[2]', undefined, 'd'],
  ]);
  const twice = [{ name: 'x' }, { name: 'x', value: '1' }];
  expect(shown(twice, [{ name: 'x' }, { name: 'x', value: '2' }])).toEqual([['[1].value', '1', '2']]);
});

test('a field that comes or goes is one change, and null is not the same as nothing', () => {
  expect(shown({ a: { b: 1, c: 2 } }, {})).toEqual([['a', { b: 1, c: 2 }, undefined]]);
  expect(shown({}, { a: null })).toEqual([['a', undefined, null]]);
  expect(shown({ a: {} }, { a: [] })).toEqual([['a', {}, []]]);
  expect(shown({ a: {} }, { a: { b: 1 } })).toEqual([['a.b', undefined, 1]]);
});
