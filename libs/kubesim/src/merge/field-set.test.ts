import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../json.ts';
import {
  difference,
  emptyFieldSet,
  fieldSetOfPaths,
  fromFieldsV1,
  hasPath,
  intersection,
  leaves,
  pathsOf,
  recursiveDifference,
  showPath,
  toFieldsV1,
  union,
} from './field-set.ts';
import type { FieldSet } from './field-set.ts';
import { fieldElement, keyElement } from './path-element.ts';

function set(fields: JsonObject): FieldSet {
  const read = fromFieldsV1(fields);
  if (read === undefined) throw new Error('cannot be read');
  return read;
}

const shown = (fields: FieldSet) => pathsOf(fields).map(showPath);
const container = (name: string) => `k:{"name":"${name}"}`;

describe('fieldsV1', () => {
  it('is written as it was read, in the order of the server', () => {
    const written = {
      'f:metadata': { 'f:labels': { '.': {}, 'f:a': {} } },
      'f:spec': {
        'f:ports': {
          'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:port': {} },
          'k:{"port":443,"protocol":"TCP"}': { '.': {}, 'f:port': {} },
        },
        'f:set': { 'v:"a"': {}, 'v:"b"': {} },
      },
    };
    const shuffled = {
      'f:spec': {
        'f:set': { 'v:"b"': {}, 'v:"a"': {} },
        'f:ports': {
          'k:{"protocol":"TCP","port":443}': { 'f:port': {}, '.': {} },
          'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:port': {} },
        },
      },
      'f:metadata': { 'f:labels': { 'f:a': {}, '.': {} } },
    };
    expect(JSON.stringify(toFieldsV1(set(shuffled)))).toBe(JSON.stringify(written));
  });

  it('orders fields before keys, keys before values, and numbers before text', () => {
    const fields = { 'i:0': {}, 'v:"x"': {}, 'v:10': {}, 'v:9': {}, 'k:{"a":1}': {}, 'f:z': {} };
    expect(Object.keys(toFieldsV1(set(fields)))).toEqual(['f:z', 'k:{"a":1}', 'v:9', 'v:10', 'v:"x"', 'i:0']);
  });

  it('leaves out kinds of steps that it does not know, and refuses what makes no sense', () => {
    expect(toFieldsV1(set({ 'x:new': {}, 'f:a': {} }))).toEqual({ 'f:a': {} });
    const nonsense: Json[] = ['text', { a: {} }, { 'f:a': 1 }, { 'k:{': {} }, { 'i:x': {} }];
    for (const fields of nonsense) expect(fromFieldsV1(fields)).toBeUndefined();
  });

  it('shows paths as messages do, those that end at a level first', () => {
    const fields = {
      'f:spec': {
        'f:containers': { [container('a')]: { '.': {}, 'f:image': {} } },
        'f:replicas': {},
        'f:tags': { 'v:"x"': {} },
      },
    };
    expect(shown(set(fields))).toEqual([
      '.spec.replicas',
      '.spec.containers[name="a"]',
      '.spec.containers[name="a"].image',
      '.spec.tags[="x"]',
    ]);
  });
});

describe('sets of fields', () => {
  const a = set({ 'f:spec': { '.': {}, 'f:x': {}, 'f:y': { 'f:z': {} } } });
  const b = set({ 'f:spec': { '.': {}, 'f:y': {} }, 'f:status': {} });

  it('are united, intersected and subtracted path by path', () => {
    expect(shown(union(a, b))).toEqual(['.spec', '.status', '.spec.x', '.spec.y', '.spec.y.z']);
    expect(shown(intersection(a, b))).toEqual(['.spec']);
    expect(shown(difference(a, b))).toEqual(['.spec.x', '.spec.y.z']);
  });

  it('are subtracted with all that is below', () => {
    expect(shown(recursiveDifference(a, set({ 'f:spec': { 'f:y': {} } })))).toEqual(['.spec', '.spec.x']);
    expect(recursiveDifference(a, fieldSetOfPaths(['spec']))).toBe(emptyFieldSet);
  });

  it('give their leaves', () => {
    expect(shown(leaves(a))).toEqual(['.spec.x', '.spec.y.z']);
  });

  it('know their paths', () => {
    const spec = fieldElement('spec');
    expect(hasPath(a, [spec])).toBe(true);
    expect(hasPath(a, [spec, fieldElement('y')])).toBe(false);
    expect(hasPath(a, [spec, fieldElement('y'), fieldElement('z')])).toBe(true);
    expect(hasPath(a, [keyElement([['name', 'x']])])).toBe(false);
  });

  it('are the same values when an operation changes nothing', () => {
    expect(difference(a, emptyFieldSet)).toBe(a);
    expect(union(a, a)).toBe(a);
    expect(union(a, leaves(a))).toBe(a);
  });

  it('are made of paths that name members', () => {
    expect(shown(fieldSetOfPaths(['status', 'spec.x', 'spec']))).toEqual(['.spec', '.status', '.spec.x']);
  });
});
