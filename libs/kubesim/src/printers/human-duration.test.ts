import { expect, it } from 'vitest';
import { humanDuration } from './human-duration.ts';

const [second, minute, hour, day] = [1_000, 60_000, 3_600_000, 86_400_000];

it.each([
  [-3 * second, '<invalid>'],
  [-1 * second, '0s'],
  [70 * second, '70s'],
  [119 * second, '119s'],
  [2 * minute, '2m'],
  [3 * minute + 5 * second, '3m5s'],
  [90 * minute, '90m'],
  [3 * hour, '3h'],
  [7 * hour + 20 * minute, '7h20m'],
  [47 * hour, '47h'],
  [2 * day, '2d'],
  [5 * day + 3 * hour, '5d3h'],
  [100 * day, '100d'],
  [3 * 365 * day + 2 * day, '3y2d'],
  [9 * 365 * day, '9y'],
])('tells %i ms as %s', (ms, told) => {
  expect(humanDuration(ms)).toBe(told);
});
