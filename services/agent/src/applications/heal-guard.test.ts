import { describe, expect, it } from 'vitest';
import { afterHeal, calmAtMs, isFought, neverHealed, nextHeal } from './heal-guard.ts';

/** Drift comes back at once after every heal; gives the waits before each. */
function fight(heals: number): readonly number[] {
  const waits: number[] = [];
  let nowMs = 1_000;
  let history = neverHealed;
  for (let heal = 0; heal < heals; heal += 1) {
    const { atMs } = nextHeal(history, nowMs);
    waits.push(atMs - nowMs);
    nowMs = atMs;
    history = afterHeal(history, nowMs);
  }
  return waits;
}

describe('nextHeal', () => {
  it('heals five times at once, then waits twice as long each time, up to a minute', () => {
    expect(fight(13)).toEqual([0, 0, 0, 0, 0, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  });

  it('does not slow down drift that comes now and then', () => {
    let history = neverHealed;
    for (let nowMs = 0; nowMs < 600_000; nowMs += 15_000) {
      expect(nextHeal(history, nowMs)).toEqual({ atMs: nowMs, fighting: false });
      history = afterHeal(history, nowMs);
    }
  });

  it('forgets a fight that has rested', () => {
    let history = neverHealed;
    for (let heal = 0; heal < 8; heal += 1) history = afterHeal(history, heal);
    expect(nextHeal(history, 10).fighting).toBe(true);
    expect(nextHeal(history, 200_000)).toEqual({ atMs: 200_000, fighting: false });
  });
});

describe('a fight', () => {
  it('begins with the first heal that had to wait, and is over at the time that was told', () => {
    let history = neverHealed;
    for (let heal = 0; heal < 5; heal += 1) history = afterHeal(history, heal);
    expect(isFought(history, 5)).toBe(false);
    history = afterHeal(history, 1_004);
    expect(isFought(history, 1_004)).toBe(true);
    expect(isFought(history, calmAtMs(history) - 1)).toBe(true);
    expect(isFought(history, calmAtMs(history))).toBe(false);
  });
});
