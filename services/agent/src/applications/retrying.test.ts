import type { RetryRules } from '@meridian/fleet';
import { expect, test } from 'vitest';
import { sampleAssignment } from '../testing/assignment.ts';
import { Retrying } from './retrying.ts';

/** The longest waits of so many failures in a row. */
function waits(failures: number, rules?: RetryRules): readonly number[] {
  let nowMs = 0;
  const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs, wait: () => Promise.resolve() };
  const retrying = new Retrying({ clock, random: () => 1 });
  return Array.from({ length: failures }, () => {
    retrying.plan(rules && { assignment: { ...sampleAssignment, rules: { retry: rules } } });
    const waitMs = (retrying.atMs ?? 0) - nowMs;
    expect(retrying.isDue).toBe(false);
    nowMs = retrying.atMs ?? 0;
    expect(retrying.isDue).toBe(true);
    return waitMs;
  });
}

test('what fails is tried later and later, and at least every twenty seconds for ever', () => {
  expect(waits(9)).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000, 20_000]);
  expect(waits(10_000).at(-1)).toBe(20_000);
});

test('an application can have its own waits', () => {
  expect(waits(4, { firstMs: 100, factor: 3, capMs: 1_000 })).toEqual([100, 300, 900, 1_000]);
});

test('behind the limit of tries the longest wait comes at once, and it is tried again all the same', () => {
  expect(waits(5, { firstMs: 100, factor: 2, capMs: 5_000, limit: 3 })).toEqual([
    100, 200, 400, 5_000, 5_000,
  ]);
});

test('what has failed before is forgotten once nothing fails', () => {
  const clock = { nowMs: () => 0, monotonicMs: () => 0, wait: () => Promise.resolve() };
  const retrying = new Retrying({ clock, random: () => 1 });
  expect(retrying.plan()).toBe(true);
  expect(retrying.plan()).toBe(false);
  retrying.reset();
  expect(retrying.atMs).toBeUndefined();
  expect(retrying.plan()).toBe(true);
});
