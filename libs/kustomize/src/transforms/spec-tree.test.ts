import { expect, test } from 'vitest';
import { fieldSpec } from '../config/field-spec.ts';
import { Scalar, type Fields } from '../values/value.ts';
import { compileSpecs } from './field-spec.ts';
import { SpecTree } from './spec-tree.ts';

const present = (fields: Fields, ...paths: readonly string[]): readonly number[] =>
  new SpecTree(compileSpecs(paths.map((path) => fieldSpec(path))).all).present(fields);

test('the specs are found whose whole paths an object has, through lists, in their order', () => {
  const fields = { spec: { items: [{ a: 'x' }, null, [{ b: { name: 'y' } }]], other: 1 } };
  expect(present(fields, 'spec/items/b/name', 'spec/items/c', 'spec/items/a', 'spec', 'kind')).toEqual([
    0, 2, 3,
  ]);
});

test('a spec that does not fit an object is found, so that it is refused', () => {
  expect(present({ spec: 'text' }, 'spec/name', 'spec', 'other/name')).toEqual([0, 1]);
  expect(present({ spec: ['text'] }, 'spec/name')).toEqual([0]);
});

test('a null ends the way, unless the step wants a list there', () => {
  const nulls = { a: null, b: new Scalar('!!null', '~') };
  expect(present(nulls, 'a', 'a/name', 'b/name', 'a[]/name', 'b[]')).toEqual([3, 4]);
});

test('what cannot be walked is always found', () => {
  expect(present({}, 'a', ' /b', 'items/0/name')).toEqual([1, 2]);
});

test('keys that every object has on its prototype are no fields', () => {
  expect(present({}, 'toString', 'toString/name')).toEqual([]);
});
