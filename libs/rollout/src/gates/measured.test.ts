import type { MetricGate } from '@meridian/fleet';
import { expect, test } from 'vitest';
import type { CheckResult, GateProgress } from '../state.ts';
import { measured } from './measured.ts';

const gate: MetricGate = {
  ...{ kind: 'metric', name: 'errors', source: 'prometheus', query: 'errors', intervalMs: 60_000, max: 1 },
  ...{ aggregate: 'sum', forMs: 0, failAfterMs: 0, firstInstall: 'hold' },
};
const number = (value: number): CheckResult => ({
  ...{ phase: 'measured', value, observedAtMs: 0, message: '', atMs: 0 },
});

/** What becomes of the gate by these numbers. */
function found(values: readonly number[], aggregate: MetricGate['aggregate']) {
  const results = Object.fromEntries(values.map((value, at) => [`c${at}`, number(value)]));
  const before: GateProgress = { name: 'errors', phase: 'open', attempt: 1, message: '', results };
  const context = { nowMs: 0, side: 'after', clusters: Object.keys(results) } as const;
  return measured({ ...gate, aggregate }, before, context).phase;
}

test('one number of all clusters passes or fails the gate, and holds when it is none', () => {
  expect(found([0.25, 0.5], 'sum')).toBe('passed');
  expect(found([0.75, 0.5], 'sum')).toBe('failed');
  expect(found([0.75, 0.5], 'mean')).toBe('passed');
  expect(found([Number.MAX_VALUE, Number.MAX_VALUE], 'sum')).toBe('open');
  expect(found([NaN, 0.5], 'mean')).toBe('open');
  expect(found([Infinity, 0.5], 'every')).toBe('open');
});
