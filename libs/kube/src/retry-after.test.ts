import { expect, test } from 'vitest';
import { faultOfAnswer } from './fault-of.ts';
import { retryAfterMs } from './retry-after.ts';

test.each([
  [7, 7_000],
  [0.5, 500],
  [300, 300_000],
  [86_400, 300_000],
  [1e300, 300_000],
])('a server that asks for %d s is left alone for %d ms', (seconds, ms) => {
  expect(retryAfterMs(seconds)).toBe(ms);
});

test.each([0, -1, NaN, Infinity, '7', undefined])('%s is no time to wait', (seconds) => {
  expect(retryAfterMs(seconds)).toBeUndefined();
});

test('a status that asks for a month is not obeyed either', () => {
  const body = JSON.stringify({ kind: 'Status', details: { retryAfterSeconds: 2_592_000 } });
  const answer = { status: 429, contentType: 'application/json', retryAfterMs: undefined, body };
  expect(faultOfAnswer(answer, { text: 'list it', secret: false }).retryAfterMs).toBe(300_000);
});
