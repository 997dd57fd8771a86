import { expect, test } from 'vitest';
import { faultsNamed } from './faults/plan.ts';
import type { Fault } from './faults/fault.ts';
import { addedUp, isWell, reportText, rowsOf } from './report.ts';
import type { ChaosReport, Struck } from './run-chaos.ts';

const struck = (kind: string, beganAtMs: number, ms: number): Struck => ({
  ...{ kind, row: 'F1', beganAtMs, endedAtMs: beganAtMs + 10 },
  measures: [{ what: 'written again', ms, goalMs: 1_000 }],
});

const reportOf = (seed: number, all: readonly Struck[], violations: ChaosReport['violations'] = []) => ({
  ...{ seeds: [seed], struck: all, leftOut: [], violations },
  ...{ commits: 3, messages: 5, assignments: 7, words: 1, promotions: 2, approvals: 1 },
});

test('a row tells the median, the 99th of a hundred and the longest, whatever the order', () => {
  const all = Array.from({ length: 200 }, (_, at) => struck('killed', at * 100, ((at * 37) % 200) + 1));
  expect(rowsOf(reportOf(1, all))).toEqual([
    {
      ...{ fault: 'killed', row: 'F1', what: 'written again', times: 200, violations: 0 },
      ...{ p50Ms: 100, p99Ms: 198, maxMs: 200, goalMs: 1_000, met: true },
    },
  ]);
});

test('runs add up: their times, what was broken after which fault, and all counts', () => {
  const broken = { invariant: 'I3', atMs: 5_050, message: 'went back' };
  const late = reportOf(2, [struck('killed', 5_000, 30), struck('stopped', 6_000, 1_500)], [broken]);
  const sum = addedUp([late, reportOf(1, [struck('killed', 1_000, 10)])]);
  expect(sum).toMatchObject({
    seeds: [1, 2],
    commits: 6,
    messages: 10,
    assignments: 14,
    words: 2,
    promotions: 4,
    approvals: 2,
  });
  expect(
    rowsOf(sum).map(({ fault, times, maxMs, met, violations }) => [fault, times, maxMs, met, violations]),
  ).toEqual([
    ['killed', 2, 30, true, 1],
    ['stopped', 1, 1_500, false, 0],
  ]);
  expect(isWell(sum)).toBe(false);
  expect(isWell(reportOf(1, [struck('killed', 1_000, 10)]))).toBe(true);
  expect(isWell(reportOf(1, []))).toBe(false);
  expect(reportText(sum, 'again')).toContain('MISSED');
});

test('faults are chosen by row and by name, and a name of none is refused', () => {
  const kinds: Fault[] = ['F1 leader killed', 'F11 clock wrong', 'F7 nats lost'].map((text) => {
    const [row = '', ...kind] = text.split(' ');
    return { row, kind: kind.join(' '), convergeGoalMs: 1, strike: () => Promise.resolve([]) };
  });
  const named = (names: string) => faultsNamed(names, kinds)?.map(({ row }) => row);
  expect(named('')).toEqual(['F1', 'F11', 'F7']);
  expect(named('F1')).toEqual(['F1']);
  expect(named('nats, clock')).toEqual(['F11', 'F7']);
  expect(named('F1,nobody')).toBeUndefined();
});
