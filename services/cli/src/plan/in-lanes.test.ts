import { expect, test } from 'vitest';
import { inLanes } from './in-lanes.ts';

const soon = () => new Promise((resolve) => setImmediate(resolve));

test('a few works are under way at once, and results come in the order of the items', async () => {
  let [now, most] = [0, 0];
  const results = await inLanes([3, 1, 2, 0], 2, async (item) => {
    now += 1;
    most = Math.max(most, now);
    for (let turn = 0; turn < item; turn += 1) await soon();
    now -= 1;
    return item * 10;
  });
  expect(results).toEqual([30, 10, 20, 0]);
  expect(most).toBe(2);
});

test('a work that fails ends it, and nothing to do is done', async () => {
  const failing = inLanes([1, 2], 1, async (item) => {
    if (item === 2) throw new Error('the second');
  });
  await expect(failing).rejects.toThrow('the second');
  expect(await inLanes([], 4, soon)).toEqual([]);
});
