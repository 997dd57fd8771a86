import { expect, test } from 'vitest';
import { createWake } from './wake.ts';

const { signal } = new AbortController();

test('rings before the loop looks are one ring', async () => {
  const wake = createWake();
  wake.ring();
  wake.ring();
  expect(await wake.next(1_000, signal)).toBe('rang');
  expect(await wake.next(0, signal)).toBe('quiet');
});

test('a ring or an abort ends the wait at once', async () => {
  const wake = createWake();
  const ringing = wake.next(60_000, signal);
  wake.ring();
  expect(await ringing).toBe('rang');
  const stop = new AbortController();
  const waiting = wake.next(60_000, stop.signal);
  stop.abort();
  expect(await waiting).toBe('quiet');
});
