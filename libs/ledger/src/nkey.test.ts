import { expect, test } from 'vitest';
import { createNkey, lastGoodSeed } from './nkey.ts';

test('the seed that is there now is used, and the last good one while there is none', () => {
  const [first, second] = [createNkey().seed, createNkey().seed];
  let text: string | undefined = first;
  const seed = lastGoodSeed(() => {
    if (text === undefined) throw new Error('no such file');
    return text;
  });
  const given = (next: string | undefined) => {
    text = next;
    return seed();
  };
  expect(given(first)).toBe(first);
  expect(given(undefined)).toBe(first);
  expect(given('SUHALF')).toBe(first);
  expect(given(second)).toBe(second);
  expect(given('')).toBe(second);
});

test('a first seed that is none is an error', () => {
  expect(() => lastGoodSeed(() => 'SUHALF')).toThrow();
});
