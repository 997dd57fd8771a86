import { expect, test } from 'vitest';
import { fewAtOnce } from './few-at-once.ts';

test('no more than the limit are at work, in their order, until all are done', async () => {
  const begun: number[] = [];
  let working = 0;
  let most = 0;
  await fewAtOnce([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
    begun.push(item);
    working += 1;
    most = Math.max(most, working);
    for (let turn = 0; turn <= item % 3; turn += 1) await Promise.resolve();
    working -= 1;
  });
  expect(begun).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect([most, working]).toEqual([3, 0]);
});

test('a failure is told, and a limit above the number of items does no harm', async () => {
  const failing = fewAtOnce(['a', 'b'], 9, async (item) => {
    if (item === 'b') throw new Error('b failed');
  });
  await expect(failing).rejects.toThrow('b failed');
});
