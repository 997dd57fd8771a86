import { describe, expect, it } from 'vitest';
import { isObject, memberOf, numberAt, reusing, textAt, textsAt, valueAt } from './json.ts';
import type { Json } from './json.ts';

describe('reading by path', () => {
  const object = JSON.parse('{"spec":{"replicas":0,"args":["a"],"name":"x","none":null}}') as Json;

  it('gives what is there, also zero and null', () => {
    expect(numberAt(object, 'spec', 'replicas')).toBe(0);
    expect(textAt(object, 'spec', 'name')).toBe('x');
    expect(valueAt(object, 'spec', 'none')).toBeNull();
  });

  it('gives nothing when something on the way is missing or of another type', () => {
    expect(valueAt(object, 'status', 'phase')).toBeUndefined();
    expect(valueAt(object, 'spec', 'name', 'length')).toBeUndefined();
    expect(numberAt(object, 'spec', 'name')).toBeUndefined();
    expect(textAt(object, 'spec', 'replicas')).toBeUndefined();
  });

  it('finds nothing that every object inherits', () => {
    expect(valueAt({}, '__proto__')).toBeUndefined();
    expect(memberOf({}, 'constructor')).toBeUndefined();
    expect(Reflect.get(textsAt({}, 'labels'), 'toString')).toBeUndefined();
    expect(textsAt({ labels: { a: 'b' } }, 'labels')).toEqual({ a: 'b' });
  });

  it('takes neither null nor a list for an object', () => {
    expect(isObject(null)).toBe(false);
    expect(isObject([])).toBe(false);
    expect(isObject({})).toBe(true);
  });
});

describe('reusing parts of a known value', () => {
  const known = { spec: { a: [1, { b: 'c' }] }, status: { ready: 1 } };

  it('gives the known value when all is equal, in whatever order', () => {
    expect(reusing({ status: { ready: 1 }, spec: { a: [1, { b: 'c' }] } }, known)).toBe(known);
  });

  it('takes what is equal from the known value and leaves both as they are', () => {
    const value = { spec: { a: [1, { b: 'c' }] }, status: { ready: 2 }, more: true };
    const made = reusing(value, known);
    expect(made).toEqual(value);
    expect(made.spec).toBe(known.spec);
    expect(value.spec).not.toBe(known.spec);
  });

  it('tells a value that lost a member from the known one', () => {
    expect(reusing<Json>({ spec: known.spec }, known)).toEqual({ spec: known.spec });
    expect(reusing<Json>([1], [1, 2])).toEqual([1]);
  });
});
