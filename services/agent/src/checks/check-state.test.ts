import type { Check, CheckReport, JobCheck, MetricCheck } from '@meridian/fleet';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lookedAt, runOf, takeChecks } from './check-state.ts';
import type { CheckResult, CheckState } from './check-state.ts';

const metric: MetricCheck = {
  id: 'error-rate',
  when: 'healthy',
  kind: 'metric',
  source: 'prometheus',
  query: 'sum(rate(errors[5m]))',
  intervalMs: 30_000,
};
const job: JobCheck = { id: 'smoke', when: 'healthy', kind: 'job', spec: {}, timeoutMs: 60_000 };
const at = (monotonicMs: number, random = 0) => ({ nowMs: 1_000_000 + monotonicMs, monotonicMs, random });

function begun(check: Check, monotonicMs = 0): CheckState {
  const [state] = takeChecks([], { generation: 1, checks: [check] }, at(monotonicMs)).states;
  if (!state) throw new Error('no state');
  return state;
}

describe('taking the checks of an assignment', () => {
  it('begins with nothing known, spread over ten seconds for metrics and at once for Jobs', () => {
    const given = { generation: 1, checks: [metric, job] };
    const { states } = takeChecks([], given, at(5_000, 0.5));
    expect(states.map(({ dueAtMs }) => dueAtMs)).toEqual([10_000, 5_000]);
    expect(states.map(({ report }) => report)).toMatchObject([
      { id: 'error-rate', phase: 'pending', observedAtMs: 0 },
      { id: 'smoke', phase: 'pending', observedAtMs: 0 },
    ]);
  });

  it('goes on with what is asked for in the same way, whoever signs it again', () => {
    const measured = lookedAt(begun(metric), { kind: 'value', value: 1 }, at(1));
    const { states, left } = takeChecks([measured], { generation: 1, checks: [{ ...metric }] }, at(2));
    expect(states).toEqual([measured]);
    expect(left).toEqual([]);
  });

  it.each<[string, { generation: number; checks: Check[] }]>([
    ['at another generation', { generation: 2, checks: [metric] }],
    ['with another query', { generation: 1, checks: [{ ...metric, query: 'up' }] }],
    ['from another source', { generation: 1, checks: [{ ...metric, source: 'other' }] }],
  ])('never reports under one id what was seen %s', (_what, given) => {
    const measured = lookedAt(begun(metric), { kind: 'value', value: 1 }, at(1));
    const { states, left } = takeChecks([measured], given, at(2));
    expect(states[0]?.report).toMatchObject({ phase: 'pending', observedAtMs: 0 });
    expect(states[0]?.report).not.toHaveProperty('value');
    expect(left).toEqual([measured]);
  });

  it('leaves all of them when the assignment has none', () => {
    expect(takeChecks([begun(job)], { generation: 1 }, at(1)).left).toHaveLength(1);
  });

  it('names a run by check and generation and nothing else', () => {
    expect(runOf(metric, 1)).toMatch(/^[0-9a-f]{16}$/);
    expect(runOf({ ...metric }, 1)).toBe(runOf(metric, 1));
    expect(new Set([runOf(metric, 1), runOf(metric, 2), runOf(job, 1)]).size).toBe(3);
  });
});

describe('a metric', () => {
  it('is told with every measure, and asked for again after its interval or a little later', () => {
    const first = lookedAt(begun(metric), { kind: 'value', value: 2 }, at(1_000));
    expect(first.report).toEqual({
      id: 'error-rate',
      phase: 'measured',
      value: 2,
      observedAtMs: 1_001_000,
      message: '',
    });
    expect(first.dueAtMs).toBe(31_000);
    const second = lookedAt(first, { kind: 'value', value: 2 }, at(31_000, 1));
    expect(second.report.observedAtMs).toBe(1_031_000);
    expect(second.dueAtMs).toBe(31_000 + 33_000);
  });

  it('loses its value when it cannot be measured, and says so once for one reason', () => {
    const measured = lookedAt(begun(metric), { kind: 'value', value: 2 }, at(1_000));
    const blind = lookedAt(measured, { kind: 'nothing', message: 'away' }, at(31_000));
    expect(blind.report).toEqual({
      id: 'error-rate',
      phase: 'pending',
      observedAtMs: 1_031_000,
      message: 'away',
    });
    const again = lookedAt(blind, { kind: 'nothing', message: 'away' }, at(61_000));
    expect(again.report).toBe(blind.report);
    expect(again.dueAtMs).toBe(91_000);
  });
});

describe('a Job', () => {
  it('is looked at soon and then less and less often, and told once while it runs', () => {
    const running: CheckResult = { kind: 'running', message: 'runs' };
    const first = lookedAt(begun(job), running, at(0));
    expect(first).toMatchObject({ dueAtMs: 2_000, runningSinceMs: 0 });
    const later = lookedAt(first, running, at(50_000));
    expect(later.dueAtMs).toBe(55_000);
    expect(later.report).toBe(first.report);
    expect(lookedAt(later, running, at(500_000)).dueAtMs).toBe(510_000);
  });

  it('stays as it ended, whatever is seen of it later', () => {
    for (const phase of ['succeeded', 'failed'] as const) {
      const over = lookedAt(begun(job), { kind: 'ended', phase, message: 'over' }, at(1));
      expect(over.dueAtMs).toBe(Infinity);
      expect(lookedAt(over, { kind: 'running', message: 'again' }, at(2))).toBe(over);
      expect(takeChecks([over], { generation: 1, checks: [job] }, at(3)).states).toEqual([over]);
    }
  });

  it('comes again when it is told to, and after five seconds without', () => {
    expect(lookedAt(begun(job), { kind: 'nothing', message: '', againMs: 7 }, at(1)).dueAtMs).toBe(8);
    expect(lookedAt(begun(job), { kind: 'nothing', message: '' }, at(1)).dueAtMs).toBe(5_001);
  });
});

it('has a number exactly when it is measured, and a message of at most 500 characters', () => {
  const message = fc.string({ maxLength: 1_200, unit: 'binary' });
  const result: fc.Arbitrary<CheckResult> = fc.oneof(
    fc.record({ kind: fc.constant('value' as const), value: fc.double({ noNaN: true }) }),
    fc.record({ kind: fc.constant('running' as const), message }),
    fc.record({ kind: fc.constant('nothing' as const), message }),
    fc.record({
      kind: fc.constant('ended' as const),
      phase: fc.constantFrom('succeeded', 'failed'),
      message,
    }),
  );
  fc.assert(
    fc.property(fc.array(result, { maxLength: 8 }), (results) => {
      let state = begun(metric);
      const seen: CheckReport[] = [];
      for (const [index, one] of results.entries()) {
        state = lookedAt(state, one, at(index * 1_000));
        seen.push(state.report);
      }
      for (const { phase, value, message: text } of seen) {
        expect(value !== undefined).toBe(phase === 'measured');
        expect(text.length).toBeLessThanOrEqual(500);
        expect(text.isWellFormed() || results.length > 0).toBe(true);
      }
    }),
  );
});
