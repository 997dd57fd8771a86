import type { Clock } from '@meridian/runtime';
import { expect, test } from 'vitest';
import { heldUp } from './lag.ts';

/** A clock whose waits take as long as they are told to. */
function clockThatTakes(delaysMs: readonly number[]): Clock {
  let nowMs = 0;
  const delays = [...delaysMs];
  return {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    wait: async () => void (nowMs += delays.shift() ?? 100),
  };
}

test('small delays are borne and the first large one is reported', async () => {
  const { signal } = new AbortController();
  expect(await heldUp(clockThatTakes([100, 900, 400, 2_600]), 1_000, signal)).toBe(2_500);
});

test('it ends without a finding when it is told to stop', async () => {
  expect(await heldUp(clockThatTakes([]), 1_000, AbortSignal.abort())).toBe(0);
});
