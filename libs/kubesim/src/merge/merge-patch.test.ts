import { describe, expect, it } from 'vitest';
import type { Json } from '../json.ts';
import { mergePatch } from './merge-patch.ts';

function patched(target: Json, patch: Json): Json {
  const result = mergePatch(target, patch);
  if (!result.ok) throw new Error(result.message);
  return result.value;
}

describe('a merge patch', () => {
  it('merges objects, replaces lists and takes null for removal', () => {
    const target = { a: { b: 1, c: 2 }, list: [1, 2], gone: 'x' };
    expect(patched(target, { a: { c: null, d: 3 }, list: [3], gone: null, absent: null })).toEqual({
      a: { b: 1, d: 3 },
      list: [3],
    });
    expect(target).toEqual({ a: { b: 1, c: 2 }, list: [1, 2], gone: 'x' });
  });

  it('shares what it does not change', () => {
    const target = { a: { b: 1 }, c: 1 };
    expect((patched(target, { c: 2 }) as typeof target).a).toBe(target.a);
  });

  it('drops nulls from what is new, but keeps the places of a list', () => {
    expect(patched({}, { a: { b: null, c: [{ d: null, e: 1 }, null] } })).toEqual({
      a: { c: [{ e: 1 }, null] },
    });
    expect(patched({ a: 1 }, { a: { b: null } })).toEqual({ a: {} });
    expect(patched({ a: null }, { a: { b: null } })).toEqual({ a: {} });
  });

  it('keeps the nulls of a list that takes the place of an object', () => {
    expect(patched({ a: {} }, { a: [{ b: null }] })).toEqual({ a: [{ b: null }] });
  });

  it('takes any name for a member', () => {
    const patch = JSON.parse('{"__proto__":{"x":1},"constructor":null}') as Json;
    expect(JSON.stringify(patched({}, patch))).toBe('{"__proto__":{"x":1}}');
  });

  it('refuses what is no object', () => {
    const words = (type: string) =>
      `error decoding patch: json: cannot unmarshal ${type} into Go value of type map[string]interface {}`;
    expect(mergePatch({}, [1])).toEqual({ ok: false, code: 400, message: words('array') });
    expect(mergePatch({}, 'x')).toEqual({ ok: false, code: 400, message: words('string') });
    expect(mergePatch({}, null)).toEqual({ ok: false, code: 400, message: 'Invalid JSON Patch' });
  });
});
