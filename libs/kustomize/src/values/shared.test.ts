import { describe, expect, it } from 'vitest';
import { agreed, overwritten, SharedScalar, unshared } from './shared.ts';
import { textOf, type Fields, type Value } from './value.ts';

describe('scalars that share a node', () => {
  const node = SharedScalar.of('old', false);

  it('all have what was written last', () => {
    const fields: Fields = { a: node, b: { c: [node] }, d: 'old' };
    const after = agreed({ ...fields, a: overwritten(node, 'new') });
    expect(textOf((after['b'] as { c: SharedScalar[] }).c[0] ?? null)).toBe('new');
    expect(after['d']).toBe('old');
  });

  it('follow the last field in the order of keys when one step writes to two of them', () => {
    const after = agreed({ z: overwritten(node, 'last'), a: overwritten(node, 'first') });
    expect(Object.values(after).map((value) => (value as SharedScalar).text)).toEqual(['last', 'last']);
  });

  it('may become a number', () => {
    const after = agreed({ a: overwritten(node, 5), b: node });
    expect(after['b']).toMatchObject({ tag: '!!int', text: '5' });
  });

  it('are let alone when nothing new is written', () => {
    const fields: Fields = { a: node, b: node };
    expect(overwritten(node, 'old')).toBe(node);
    expect(agreed(fields)).toBe(fields);
  });

  it('are plain values after a copy', () => {
    expect(unshared({ a: node, b: [node] })).toEqual({ a: 'old', b: ['old'] });
    const plain: Fields = { a: 'x', b: [1] };
    expect(unshared(plain)).toBe(plain);
  });

  it('do not pass their node on to other fields', () => {
    const value: Value = overwritten('x', node);
    expect(value).toBe('old');
  });
});
