import { expect, test } from 'vitest';
import { ledgerClock } from './ledger-clock.ts';

test('a term decides by the time of the ledger, however wrong the clock of its hub is and whenever it jumps', () => {
  let wallMs = 5_000_000;
  let monotonicMs = 70;
  const own = { nowMs: () => wallMs, monotonicMs: () => monotonicMs, wait: async () => undefined };
  const clock = ledgerClock(own, { atMs: 1_000_000, heardAtMs: 50.4 });
  expect(clock.nowMs()).toBe(1_000_020);
  wallMs = 0;
  monotonicMs = 3_050.4;
  expect(clock.nowMs()).toBe(1_003_000);
  expect(clock.monotonicMs()).toBe(monotonicMs);
});
