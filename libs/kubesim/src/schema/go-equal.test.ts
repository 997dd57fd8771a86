import { describe, expect, it } from 'vitest';
import { goEqual, mayHoldEmpty } from './go-equal.ts';

describe('equality as Go has it', () => {
  it('takes lists and maps that are empty to equal none', () => {
    expect(goEqual({ env: [], nodeSelector: {} }, {})).toBe(true);
    expect(goEqual({}, { env: [], nodeSelector: {} })).toBe(true);
    expect(goEqual({ rules: null }, { rules: [] })).toBe(true);
  });

  it('tells structs that are there from those that are not', () => {
    expect(goEqual({ emptyDir: {} }, {})).toBe(false);
    expect(goEqual({ securityContext: {} }, { emptyDir: {} })).toBe(false);
  });

  it('looks at what lists and maps hold', () => {
    expect(goEqual({ env: [{ name: 'a', args: [] }] }, { env: [{ name: 'a' }] })).toBe(true);
    expect(goEqual({ env: [{ name: 'a' }] }, { env: [{ name: 'b' }] })).toBe(false);
    expect(goEqual({ labels: { a: '1' } }, { labels: {} })).toBe(false);
    expect(goEqual([1, 2], [1])).toBe(false);
    expect(goEqual('', undefined)).toBe(false);
  });
});

describe('an object that may hold something empty', () => {
  it('has an empty list, or an empty map by its name', () => {
    expect(mayHoldEmpty({ spec: { env: [] } })).toBe(true);
    expect(mayHoldEmpty({ items: [{ labels: {} }] })).toBe(true);
  });

  it('is none whose structs alone are empty', () => {
    expect(mayHoldEmpty({ spec: { emptyDir: {}, env: [{ name: 'a' }] } })).toBe(false);
  });

  it('is none when what is empty was there before', () => {
    const spec = { env: [] };
    expect(mayHoldEmpty({ spec }, { spec })).toBe(false);
  });
});
