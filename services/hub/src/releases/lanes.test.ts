import { expect, test } from 'vitest';
import { lanesOf } from './lanes.ts';

test('few applications have many renderings under way, and many together no more than may wait', () => {
  expect([0, 1, 20, 125, 400, 16_000, 18_000].map(lanesOf)).toEqual([128, 128, 128, 128, 40, 1, 1]);
});
