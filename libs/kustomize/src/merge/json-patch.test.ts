import { describe, expect, it } from 'vitest';
import type { Profile } from '../build/step.ts';
import type { Plain } from '../values/plain.ts';
import type { Container } from './json-document.ts';
import { applyOperations, operationsIn } from './json-patch.ts';

function patched(document: Container, operations: Plain, profile: Profile = '5.5'): unknown {
  const read = operationsIn(operations);
  if (typeof read === 'string') throw new Error(read);
  return applyOperations(document, read, profile);
}

const base: Container = { spec: { list: ['a', 'b', 'c'], map: { 'x/y': 1, 'm~n': 2 }, none: null } };

describe('a JSON patch', () => {
  it('adds to mappings and into lists', () => {
    expect(
      patched(base, [
        { op: 'add', path: '/spec/new', value: { deep: true } },
        { op: 'add', path: '/spec/list/1', value: 'z' },
        { op: 'add', path: '/spec/list/-', value: 'end' },
        { op: 'add', path: '/spec/list/-2', value: 'near the end' },
      ]),
    ).toHaveProperty('spec.list', ['a', 'z', 'b', 'c', 'near the end', 'end']);
  });

  it('unescapes ~1 and ~0', () => {
    expect(
      patched(base, [
        { op: 'replace', path: '/spec/map/x~1y', value: 3 },
        { op: 'remove', path: '/spec/map/m~0n' },
      ]),
    ).toHaveProperty('spec.map', { 'x/y': 3 });
  });

  it('counts negative indices from the end', () => {
    expect(patched(base, [{ op: 'replace', path: '/spec/list/-1', value: 'z' }])).toHaveProperty(
      'spec.list.2',
      'z',
    );
  });

  it('adds a missing key that it is to replace', () => {
    expect(patched(base, [{ op: 'replace', path: '/spec/absent', value: 1 }])).toHaveProperty(
      'spec.absent',
      1,
    );
  });

  it('adds null without a value', () => {
    expect(patched({}, [{ op: 'add', path: '/a' }])).toEqual({ a: null });
  });

  it('moves and copies, and copies null from a key that is missing', () => {
    expect(
      patched({ a: { b: 1 } }, [
        { op: 'move', from: '/a/b', path: '/c' },
        { op: 'copy', from: '/c', path: '/d' },
        { op: 'copy', from: '/a/none', path: '/e' },
      ]),
    ).toEqual({ a: {}, c: 1, d: 1, e: null });
  });

  it('drops what stands before the first slash of a path', () => {
    expect(patched({ a: 1 }, [{ op: 'replace', path: 'spec/a', value: 2 }])).toEqual({ a: 2 });
  });

  it('tests values, whole mappings and the absence of a value', () => {
    const tests: Plain = [
      { op: 'test', path: '/spec/list/0', value: 'a' },
      { op: 'test', path: '/spec/map', value: { 'm~n': 2, 'x/y': 1 } },
      { op: 'test', path: '/spec/none', value: null },
      { op: 'test', path: '/spec/absent', value: null },
    ];
    expect(patched(base, tests)).toBe(base);
  });

  it.each<[string, Plain]>([
    ['remove of a missing key', { op: 'remove', path: '/spec/absent' }],
    ['add below a missing key', { op: 'add', path: '/spec/absent/a', value: 1 }],
    ['add below null', { op: 'add', path: '/spec/none/a', value: 1 }],
    ['add to the whole document', { op: 'add', path: '', value: {} }],
    ['an index behind the end', { op: 'add', path: '/spec/list/4', value: 1 }],
    ['replace behind the end', { op: 'replace', path: '/spec/list/3', value: 1 }],
    ['an index that is no number', { op: 'remove', path: '/spec/list/x' }],
    ['the end as something to remove', { op: 'remove', path: '/spec/list/-' }],
    ['a failing test', { op: 'test', path: '/spec/list/0', value: 'b' }],
    ['a test of a list with a null in it', { op: 'test', path: '', value: { spec: [null] } }],
    ['an unknown operation', { op: 'append', path: '/a' }],
    ['a missing path', { op: 'remove' }],
    ['a missing from', { op: 'move', path: '/a' }],
    ['a key of the prototype', { op: 'add', path: '/__proto__', value: {} }],
    ['no operation at all', null],
  ])('refuses %s', (_, operation) => {
    expect(() => patched(base, [operation])).toThrow(/^operation 1: /);
  });

  it('is a list of mappings', () => {
    expect(operationsIn({ op: 'add' })).toBe('a JSON patch is a list of operations');
    expect(operationsIn(['add'])).toBe('operation 1 is no mapping');
    expect(operationsIn(null)).toEqual([]);
  });

  it('replaces the whole object, in 5.5 without a word about values that cannot take its place', () => {
    expect(patched(base, [{ op: 'replace', path: '', value: { a: 1 } }])).toEqual({ a: 1 });
    expect(patched(base, [{ op: 'replace', path: '', value: 1 }])).toBe(base);
    expect(() => patched(base, [{ op: 'replace', path: '', value: 1 }], '5.8')).toThrow('only a mapping');
  });

  it('passes a test of nothing for nothing in 5.8, where 5.5 crashes', () => {
    expect(patched(base, [{ op: 'test', path: '/spec/absent' }], '5.8')).toBe(base);
    expect(() => patched(base, [{ op: 'test', path: '/spec/absent' }])).toThrow();
  });

  it('does not grow without bounds', () => {
    const doubling = Array.from({ length: 40 }, (_, index) => ({
      op: 'copy',
      from: '/a',
      path: `/a/${String(index)}`,
    }));
    expect(() => patched({ a: { x: 1 } }, doubling)).toThrow(
      'the patch puts more than 500000 values in place',
    );
  });

  it('does not nest without bounds', () => {
    const nesting = Array.from({ length: 200 }, (_, index) => ({
      op: 'add',
      path: `/a${'/a'.repeat(index)}`,
      value: {},
    }));
    expect(() => patched({}, nesting)).toThrow('operation 102: the patch nests deeper than 100 levels');
  });

  it('does not take ever longer on long lists', () => {
    const list = Array.from({ length: 50_000 }, () => 1);
    const shifting = Array.from({ length: 1_000 }, () => ({ op: 'add', path: '/list/0', value: 1 }));
    expect(() => patched({ list }, shifting)).toThrow('too large lists too often');
  });

  it('leaves the document as it was and shares what it does not change', () => {
    const after = patched(base, [{ op: 'add', path: '/spec/new', value: 1 }]) as { spec: { list: unknown } };
    expect(base).not.toHaveProperty('spec.new');
    expect(after.spec.list).toBe((base as { spec: { list: unknown } }).spec.list);
  });
});
