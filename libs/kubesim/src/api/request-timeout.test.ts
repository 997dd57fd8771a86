import { expect, it } from 'vitest';
import { checkTimeout } from './request-timeout.ts';

const check = (timeout: string) => () => checkTimeout(new URLSearchParams({ timeout }));

it.each(['', '0', '32s', '1h30m', '-5s', '1.5ms', '.5s', '10µs'])('takes %s for a duration', (timeout) => {
  expect(check(timeout)).not.toThrow();
});

it.each([
  ['abc', 'invalid duration "abc"'],
  ['1', 'missing unit in duration "1"'],
  ['1s5', 'missing unit in duration "1s5"'],
  ['5d', 'unknown unit "d" in duration "5d"'],
  ['-', 'invalid duration "-"'],
])('refuses %s as Go does', (timeout, words) => {
  expect(check(timeout)).toThrow(`invalid timeout specified in the request URL - time: ${words}`);
});
