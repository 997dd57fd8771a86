import { expect, test } from 'vitest';
import { defectOf } from './defect.ts';

test('an error is told by its kind and its place, without its words', () => {
  const told = defectOf(new TypeError('password hunter2 at libs/x/src/y.ts:1 is no number'));
  expect(told).toMatch(/^TypeError at rendering\/src\/defect\.test\.ts:\d+$/);
});

test('what has no place is told by its kind', () => {
  const error = new RangeError('long');
  error.stack = undefined as unknown as string;
  expect(defectOf(error)).toBe('RangeError');
  expect(defectOf('text')).toBe('something that is no Error');
});
