import { describe, expect, it } from 'vitest';
import { percentile, rowOf, rowTable } from './row.ts';

const row = { fault: '500', figure: 'late', unit: 's', goal: 30 };

describe('rowOf', () => {
  it('is met by a value up to the goal', () => {
    expect(rowOf({ ...row, value: 30 }).met).toBe(true);
  });

  it('judges before it rounds', () => {
    expect(rowOf({ ...row, value: 30.001 })).toMatchObject({ value: 30, met: false });
  });

  it('is not met by what never happened', () => {
    expect(rowOf({ ...row, value: undefined }).met).toBe(false);
  });
});

describe('percentile', () => {
  it('is one of the samples', () => {
    const samples = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect([percentile(samples, 0.5), percentile(samples, 0.99), percentile([], 0.5)]).toEqual([
      50,
      99,
      undefined,
    ]);
  });
});

describe('rowTable', () => {
  it('says of each row whether it was met', () => {
    const rows = [rowOf({ ...row, value: 1.234 }), rowOf({ ...row, value: undefined })];
    expect(rowTable(rows)).toBe(
      [
        'fault  figure  value   goal',
        '500    late    1.23 s  <= 30 s  met',
        '500    late    never   <= 30 s  NOT MET',
        '',
      ].join('\n'),
    );
  });
});
