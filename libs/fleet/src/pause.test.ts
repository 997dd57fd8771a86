import { expect, test } from 'vitest';
import { isPausedAt, longestPauseMs } from './release.ts';

const hourMs = 3_600_000;
const pause = { sinceMs: 1_000, untilMs: 1_000 + hourMs, author: 'lena', reason: 'patch' };

test('a pause holds until its end and no longer', () => {
  expect(isPausedAt(undefined, 1_000)).toBe(false);
  expect(isPausedAt(pause, 1_000)).toBe(true);
  expect(isPausedAt(pause, pause.untilMs - 1)).toBe(true);
  expect(isPausedAt(pause, pause.untilMs)).toBe(false);
});

test('a pause never holds for longer than a pause can, whatever it says and whatever the clock shows', () => {
  const endless = { ...pause, untilMs: Number.MAX_SAFE_INTEGER };
  expect(isPausedAt(endless, 1_000 + longestPauseMs - 1)).toBe(true);
  expect(isPausedAt(endless, 1_000 + longestPauseMs)).toBe(false);
  expect(isPausedAt(pause, pause.untilMs - longestPauseMs - 1)).toBe(false);
});
