import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPace } from './pace.ts';

const minute = 60_000;

describe('the pace of writes', () => {
  it('lets no minute see more writes than it should, whoever asks and whenever', () => {
    const steps = fc.array(fc.tuple(fc.nat(3_000), fc.constantFrom('a', 'b', 'c')), { maxLength: 400 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), steps, (writesPerMinute, asked) => {
        const pace = createPace();
        pace.set({ writesPerMinute, deletionsPerMinute: 1 }, 0);
        const granted: number[] = [];
        let nowMs = 0;
        for (const [waitMs, application] of asked) {
          nowMs += waitMs;
          while (pace.take('writes', application, nowMs) && granted.length < 2_000) granted.push(nowMs);
        }
        for (const start of granted) {
          const within = granted.filter((at) => at >= start && at < start + minute - 1);
          expect(within.length).toBeLessThanOrEqual(writesPerMinute);
        }
      }),
    );
  });

  it('lets an application that comes at the time it was told write at once, for ever', () => {
    const pace = createPace();
    pace.set({ writesPerMinute: 7, deletionsPerMinute: 1 }, 0);
    let nowMs = 0;
    let writes = 0;
    while (nowMs < 10 * minute) {
      expect(pace.take('writes', 'web', nowMs)).toBe(true);
      writes += 1;
      while (pace.take('writes', 'web', nowMs)) writes += 1;
      nowMs = Math.ceil(pace.nextAtMs('writes', 'web', nowMs));
    }
    expect(writes).toBeGreaterThanOrEqual(69);
    expect(writes).toBeLessThanOrEqual(71);
  });

  it('serves applications in the order in which they came, so that a small one is not held up by a large one', () => {
    const pace = createPace();
    pace.set({ writesPerMinute: 3, deletionsPerMinute: 1 }, 0);
    expect(pace.take('writes', 'large', 0)).toBe(true);
    expect(pace.take('writes', 'large', 0)).toBe(false);
    expect(pace.take('writes', 'small', 0)).toBe(false);
    expect(pace.nextAtMs('writes', 'large', 0)).toBe(20_000);
    expect(pace.nextAtMs('writes', 'small', 0)).toBe(40_000);
    expect(pace.take('writes', 'small', 20_000)).toBe(false);
    expect(pace.take('writes', 'large', 20_000)).toBe(true);
    expect(pace.take('writes', 'large', 20_000)).toBe(false);
    expect(pace.take('writes', 'large', 40_000)).toBe(false);
    expect(pace.take('writes', 'small', 40_000)).toBe(true);
  });

  it('does not wait for an application that does not come any more', () => {
    const pace = createPace();
    pace.set({ writesPerMinute: 1, deletionsPerMinute: 1 }, 0);
    expect(pace.take('writes', 'web', 0)).toBe(true);
    expect(pace.take('writes', 'paused', 0)).toBe(false);
    expect(pace.take('writes', 'web', 1)).toBe(false);
    expect(pace.take('writes', 'web', minute + 1)).toBe(false);
    expect(pace.take('writes', 'web', minute + 2_001)).toBe(true);
  });

  it('has a share for deletions that writes do not use up, and no limit when none is set', () => {
    const pace = createPace();
    expect(Array.from({ length: 9 }, () => pace.take('writes', 'web', 0))).not.toContain(false);
    pace.set({ writesPerMinute: 1, deletionsPerMinute: 1 }, 0);
    expect(pace.take('writes', 'web', 0)).toBe(true);
    expect(pace.take('writes', 'web', 0)).toBe(false);
    expect(pace.take('deletions', 'web', 0)).toBe(true);
    expect(pace.take('deletions', 'web', 0)).toBe(false);
  });

  it('forgets nothing when the same limits are read again, and gives no burst when others are', () => {
    const pace = createPace();
    pace.set({ writesPerMinute: 4, deletionsPerMinute: 1 }, 0);
    expect(pace.take('writes', 'web', 0)).toBe(true);
    pace.set({ writesPerMinute: 4, deletionsPerMinute: 1 }, 1);
    expect(pace.take('writes', 'web', 1)).toBe(false);
    pace.set({ writesPerMinute: 400, deletionsPerMinute: 1 }, 2);
    expect(pace.take('writes', 'web', 2)).toBe(false);
    expect(pace.take('writes', 'web', 300)).toBe(true);
  });
});
