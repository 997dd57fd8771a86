import { describe, expect, it } from 'vitest';
import { draftOf, isObject, itemsAt, jsonEqual, numberAt, objectAt, textAt, valueAt } from './json.ts';
import type { Json } from './json.ts';

describe('reading by path', () => {
  const object = JSON.parse('{"spec":{"replicas":0,"args":["a"],"name":"x","none":null}}') as Json;

  it('gives what is there, also zero and null', () => {
    expect(numberAt(object, 'spec', 'replicas')).toBe(0);
    expect(textAt(object, 'spec', 'name')).toBe('x');
    expect(itemsAt(object, 'spec', 'args')).toEqual(['a']);
    expect(valueAt(object, 'spec', 'none')).toBeNull();
    expect(objectAt(object, 'spec')).toHaveProperty('name');
  });

  it('gives nothing when something on the way is missing or of another type', () => {
    expect(valueAt(object, 'status', 'phase')).toBeUndefined();
    expect(valueAt(object, 'spec', 'name', 'length')).toBeUndefined();
    expect(numberAt(object, 'spec', 'name')).toBeUndefined();
    expect(textAt(object, 'spec', 'replicas')).toBeUndefined();
    expect(objectAt(object, 'spec', 'args')).toBeUndefined();
    expect(itemsAt(object, 'spec')).toEqual([]);
  });

  it('takes neither null nor a list for an object', () => {
    expect(isObject(null)).toBe(false);
    expect(isObject([])).toBe(false);
    expect(isObject({})).toBe(true);
  });
});

describe('drafts', () => {
  it('are deep copies without absent members', () => {
    const stored = { labels: { a: '1' }, list: [{ b: 2 }], gone: undefined };
    const draft = draftOf(stored);
    draft.labels.a = '2';
    draft.list[0]!.b = 3;
    expect(stored).toEqual({ labels: { a: '1' }, list: [{ b: 2 }], gone: undefined });
    expect(Object.keys(draft)).toEqual(['labels', 'list']);
  });

  it('keep a member called __proto__ as data', () => {
    const hostile = JSON.parse('{"data":{"__proto__":{"polluted":true}}}') as Json;
    const draft = draftOf(hostile);
    expect(JSON.stringify(draft)).toBe('{"data":{"__proto__":{"polluted":true}}}');
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

describe('equality', () => {
  it('minds the order of items and not that of members', () => {
    expect(jsonEqual({ a: 1, b: [1, 2] }, { b: [1, 2], a: 1 })).toBe(true);
    expect(jsonEqual([1, 2], [2, 1])).toBe(false);
  });

  it('takes an undefined member for an absent one', () => {
    expect(jsonEqual({ a: 1, b: undefined }, { a: 1 })).toBe(true);
    expect(jsonEqual({ a: 1, b: undefined }, { a: 1, c: 2 })).toBe(false);
  });

  it('tells a list from an object, null from nothing, and inherited names from own ones', () => {
    expect(jsonEqual([], {})).toBe(false);
    expect(jsonEqual(null, undefined)).toBe(false);
    expect(jsonEqual({ toString: 1 }, {})).toBe(false);
    expect(jsonEqual({ constructor: 1 }, { other: 1 })).toBe(false);
  });
});
