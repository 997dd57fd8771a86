import { expect, test } from 'vitest';
import { healthyWithinMs } from './healthy.ts';

test('many clusters may take longer to be healthy than a few', () => {
  expect([1, 3, 25, 50].map(healthyWithinMs)).toEqual([300_000, 300_000, 300_000, 600_000]);
});
