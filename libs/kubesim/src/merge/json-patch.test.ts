import { describe, expect, it } from 'vitest';
import type { Json } from '../json.ts';
import { jsonPatch } from './json-patch.ts';

const target = { metadata: { labels: { 'a/b': 'x' } }, list: ['a', 'b'], spec: { replicas: 1, none: null } };
const rejected = {
  ok: false,
  code: 422,
  message: 'the server rejected our request due to an error in our request',
};

function patched(...operations: Json[]): Json {
  const result = jsonPatch(target, operations);
  if (!result.ok) throw new Error(result.message);
  return result.value;
}

describe('a JSON patch', () => {
  it('adds, replaces, removes, moves and copies without touching what it was given', () => {
    const before = JSON.stringify(target);
    expect(
      patched(
        { op: 'add', path: '/list/-', value: 'c' },
        { op: 'add', path: '/list/0', value: 'first' },
        { op: 'replace', path: '/spec/replicas', value: 3 },
        { op: 'copy', from: '/metadata/labels/a~1b', path: '/metadata/labels/c' },
        { op: 'move', from: '/metadata/labels/c', path: '/metadata/labels/d~0' },
        { op: 'remove', path: '/list/1' },
        { op: 'remove', path: '/spec/none' },
      ),
    ).toEqual({
      metadata: { labels: { 'a/b': 'x', 'd~': 'x' } },
      list: ['first', 'b', 'c'],
      spec: { replicas: 3 },
    });
    expect(JSON.stringify(target)).toBe(before);
  });

  it('shares what it does not change', () => {
    expect(patched({ op: 'add', path: '/spec/replicas', value: 2 })).toHaveProperty('list', target.list);
    const result = patched({ op: 'add', path: '/spec/replicas', value: 2 }) as typeof target;
    expect(result.metadata).toBe(target.metadata);
  });

  it('counts a negative index from the end', () => {
    expect(patched({ op: 'remove', path: '/list/-1' })).toHaveProperty('list', ['a']);
    expect(patched({ op: 'add', path: '/list/-1', value: 'c' })).toHaveProperty('list', ['a', 'b', 'c']);
  });

  it('takes a replacement of a member that is not there for an addition', () => {
    expect(patched({ op: 'replace', path: '/spec/new', value: 1 })).toHaveProperty('spec.new', 1);
  });

  it('replaces the whole document by an object or a list only', () => {
    expect(patched({ op: 'replace', path: '', value: { a: 1 } })).toEqual({ a: 1 });
    expect(jsonPatch(target, [{ op: 'replace', path: '', value: 1 }])).toEqual(rejected);
  });

  it('tests values and takes a missing member for null', () => {
    expect(patched({ op: 'test', path: '/list', value: ['a', 'b'] })).toBe(target);
    expect(patched({ op: 'test', path: '/spec/missing', value: null })).toBe(target);
    expect(patched({ op: 'test', path: '', value: target })).toBe(target);
    expect(jsonPatch(target, [{ op: 'test', path: '/spec/replicas', value: 44 }])).toEqual(rejected);
  });

  it.each<[string, Json]>([
    ['an unknown operation', { op: 'explode', path: '/spec' }],
    ['no operation', { path: '/spec' }],
    ['no path', { op: 'add', value: 1 }],
    ['a path that does not begin with a slash', { op: 'add', path: 'spec', value: 1 }],
    ['the removal of what is not there', { op: 'remove', path: '/metadata/labels/none' }],
    ['a parent that is not there', { op: 'add', path: '/status/replicas', value: 1 }],
    ['a parent that is a number', { op: 'add', path: '/spec/replicas/x', value: 1 }],
    ['an index past the end', { op: 'add', path: '/list/3', value: 1 }],
    ['an index before the start', { op: 'remove', path: '/list/-3' }],
    ['an index that is no number', { op: 'replace', path: '/list/first', value: 1 }],
    ['a move of what is not there', { op: 'move', from: '/spec/missing', path: '/spec/x' }],
    ['a name that only the prototype has', { op: 'remove', path: '/spec/constructor' }],
    ['null', null],
  ])('refuses %s without saying why', (_, operation) => {
    expect(jsonPatch(target, [operation])).toEqual(rejected);
  });

  it('says of what cannot be decoded which type it met', () => {
    const message = (operations: Json) => {
      const result = jsonPatch(target, operations);
      return result.ok ? 'applied' : `${String(result.code)} ${result.message}`;
    };
    const prefix = '400 error decoding patch: json: cannot unmarshal';
    expect(message({ op: 'add' })).toBe(`${prefix} object into Go value of type []handlers.jsonPatchOp`);
    expect(message([1])).toBe(`${prefix} number into Go value of type handlers.jsonPatchOp`);
    expect(message([{ op: true }])).toBe(`${prefix} bool into Go struct field jsonPatchOp.op of type string`);
    expect(message(null)).toBe('applied');
  });

  it('refuses more operations than the server takes', () => {
    const operations = Array.from({ length: 10_001 }, () => ({
      op: 'test',
      path: '/spec/none',
      value: null,
    }));
    expect(jsonPatch(target, operations)).toEqual({
      ok: false,
      code: 413,
      message: 'Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001',
    });
  });

  it('keeps a member whatever its name', () => {
    const result = patched({ op: 'add', path: '/metadata/labels/__proto__', value: 'x' });
    expect(JSON.stringify(result)).toContain('"__proto__":"x"');
  });
});
