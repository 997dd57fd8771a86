import { expect, test } from 'vitest';
import { createSlices } from './slices.ts';

/** Slices over a clock and an event loop in the hands of the test. */
function byHand(sliceMs: number) {
  const rounds: (() => void)[] = [];
  const time = { nowMs: 0 };
  const slices = createSlices({ sliceMs, nowMs: () => time.nowMs, later: (go) => void rounds.push(go) });
  const round = async () => {
    rounds.shift()?.();
    await Promise.resolve();
  };
  return { slices, time, rounds, round };
}

test('work goes on at once within its slice and waits for a round after it', async () => {
  const { slices, time, round } = byHand(10);
  const first = slices.between();
  await round();
  await first;
  time.nowMs = 9;
  expect(slices.between()).toBeUndefined();
  time.nowMs = 10;
  expect(slices.between()).toBeInstanceOf(Promise);
});

test('those who wait together go on one in each round, in the order they came', async () => {
  const { slices, rounds, round } = byHand(10);
  const gone: string[] = [];
  for (const name of ['a', 'b', 'c']) void slices.between()?.then(() => gone.push(name));
  expect(rounds.length).toBe(1);
  await round();
  expect(gone).toEqual(['a']);
  await round();
  await round();
  expect(gone).toEqual(['a', 'b', 'c']);
  expect(rounds.length, 'rounds that nobody waits for').toBe(0);
});

test('timers come in between, however many work side by side', async () => {
  const slices = createSlices({ sliceMs: 0 });
  const steps: string[] = [];
  const work = async (name: string) => {
    for (let step = 0; step < 50; step += 1) {
      await slices.between();
      steps.push(name);
    }
  };
  setImmediate(() => steps.push('timer'));
  await Promise.all(['a', 'b', 'c'].map(work));
  expect(steps.indexOf('timer')).toBeLessThan(10);
});
