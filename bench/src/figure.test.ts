import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { figuresOf, percentile, rounded } from './figure.ts';

describe('percentile', () => {
  test('takes the nearest rank', () => {
    const samples = [15, 20, 35, 40, 50];
    expect([0.05, 0.3, 0.4, 0.5, 1].map((share) => percentile(samples, share))).toEqual([15, 20, 20, 35, 50]);
  });

  test('does not depend on the order of the samples and leaves them as they are', () => {
    const samples = [3, 1, 2];
    expect(percentile(samples, 0.5)).toBe(2);
    expect(samples).toEqual([3, 1, 2]);
  });

  test('sorts by value, not by text', () => {
    expect(percentile([9, 10, 100], 1)).toBe(100);
  });

  test('refuses no samples and a share outside 0 to 1', () => {
    expect(() => percentile([], 0.5)).toThrow(RangeError);
    expect(() => percentile([1], 1.5)).toThrow(RangeError);
  });

  test('is always a sample that at least that share of the samples does not exceed', () => {
    const samples = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 });
    fc.assert(
      fc.property(samples, fc.double({ min: 0, max: 1, noNaN: true }), (all, share) => {
        const value = percentile(all, share);
        const notAbove = all.filter((sample) => sample <= value).length;
        return all.includes(value) && notAbove >= share * all.length - 1e-9;
      }),
    );
  });
});

describe('figures', () => {
  test('are p50, p99 and max with their number of samples', () => {
    const figures = figuresOf('b', { figure: 'heal', unit: 'ms', samples: [1, 2, 4] });
    expect(figures).toEqual([
      { bench: 'b', figure: 'heal p50', value: 2, unit: 'ms', n: 3 },
      { bench: 'b', figure: 'heal p99', value: 4, unit: 'ms', n: 3 },
      { bench: 'b', figure: 'heal max', value: 4, unit: 'ms', n: 3 },
    ]);
  });

  test('hold each statistic against the same statistic of the other', () => {
    const [first] = figuresOf('b', {
      figure: 'append',
      unit: 'ms',
      samples: [3, 3],
      against: { name: 'bare', samples: [2, 2] },
    });
    expect(first).toEqual({
      bench: 'b',
      figure: 'append p50',
      value: 3,
      unit: 'ms',
      n: 2,
      against: 'bare',
      ratio: 1.5,
    });
  });

  test('are of the statistics that were asked for, and the published one stands beside its like alone', () => {
    const published = { by: 'a peer', statistic: 'p90', value: 8 } as const;
    const samples = Array.from({ length: 10 }, (_, index) => index + 1);
    const measured = { figure: 'move', unit: 's', samples, statistics: ['p50', 'p90'] as const, published };
    expect(figuresOf('b', measured)).toEqual([
      { bench: 'b', figure: 'move p50', value: 5, unit: 's', n: 10 },
      {
        ...{ bench: 'b', figure: 'move p90', value: 9, unit: 's', n: 10 },
        published: { by: 'a peer', value: 8, ratio: 1.125 },
      },
    ]);
  });

  test('have four significant digits', () => {
    expect([rounded(0.00123456), rounded(123456), rounded(0)]).toEqual([0.001235, 123500, 0]);
  });
});
