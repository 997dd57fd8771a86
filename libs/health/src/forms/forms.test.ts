import type { KubeObject } from '@meridian/manifests';
import { describe, expect, it } from 'vitest';
import { onceObserved, suspendedBy, unlessStale } from './before.ts';
import { conditionTest } from './condition-test.ts';
import { byConditions, conditions } from './conditions.ts';
import { phases } from './phases.ts';

const object = (status: object, rest: object = {}): KubeObject =>
  ({
    apiVersion: 'x/v1',
    kind: 'X',
    metadata: { name: 'x', generation: 2 },
    status,
    ...rest,
  }) as KubeObject;
const one = (type: string, status: string, reason = '', observedGeneration?: number) => ({
  type,
  status,
  reason,
  ...(observedGeneration === undefined ? {} : { observedGeneration }),
});

describe('conditionTest', () => {
  it.each([
    ['Ready', 'Ready', 'False', 'Why', true],
    ['Ready=True', 'Ready', 'False', 'Why', false],
    ['Ready!=True', 'Ready', 'Unknown', 'Why', true],
    ['Ready=False:Why|Other', 'Ready', 'False', 'Why', true],
    ['Ready=False:!Why', 'Ready', 'False', 'Why', false],
    ['*=False', 'cnpg.io/x', 'False', '', true],
  ] as const)('%s', (...[text, type, status, reason, expected]) => {
    const condition = { message: '', severity: '', observedGeneration: undefined, sinceMs: undefined };
    expect(conditionTest(text)({ type, status, reason, ...condition })).toBe(expected);
  });

  it('refuses what is no test', () => {
    expect(() => conditionTest('=True')).toThrow('no test of a condition');
  });
});

describe('rules by conditions', () => {
  it('take the first condition of the list that meets a clause', () => {
    const rule = conditions(['Ready=True', 'Healthy'], ['Failed=True', 'Degraded']);
    const both = [one('Failed', 'True', 'Broken'), one('Ready', 'True')];
    expect(rule(object({ conditions: both }), 0)).toEqual({
      health: 'Degraded',
      reason: 'Failed is True: Broken',
    });
    expect(rule(object({ conditions: both.toReversed() }), 0).health).toBe('Healthy');
    expect(rule(object({}), 0)).toEqual({
      health: 'Progressing',
      reason: 'its controller has told no condition yet',
    });
  });

  it('go through the list once for each pass', () => {
    const rule = byConditions({
      passes: [[['Failed=True', 'Degraded']], [['Ready=True', 'Healthy']]],
      otherwise: 'Unknown',
    });
    expect(rule(object({ conditions: [one('Ready', 'True'), one('Failed', 'True')] }), 0).health).toBe(
      'Degraded',
    );
    expect(rule(object({ conditions: [] }), 0).health).toBe('Unknown');
  });

  it('pass over conditions of another generation when they are told to', () => {
    const by = (generation: 'notOld' | 'same') =>
      byConditions({ passes: [[['Ready=True', 'Healthy']]], generation });
    const health = (observed?: number) => ({
      notOld: by('notOld')(object({ conditions: [one('Ready', 'True', '', observed)] }), 0).health,
      same: by('same')(object({ conditions: [one('Ready', 'True', '', observed)] }), 0).health,
    });
    expect(health(1)).toEqual({ notOld: 'Progressing', same: 'Progressing' });
    expect(health(2)).toEqual({ notOld: 'Healthy', same: 'Healthy' });
    expect(health()).toEqual({ notOld: 'Healthy', same: 'Progressing' });
  });
});

describe('rules by a word', () => {
  it('know words and numbers, an absent field and any other word', () => {
    const rule = phases('status.state', {
      Healthy: ['Up', '3'],
      otherwise: 'Degraded',
      absent: 'Unknown',
      says: 'status.why',
    });
    expect(rule(object({ state: 'Up' }), 0)).toEqual({ health: 'Healthy', reason: 'state is Up' });
    expect(rule(object({ state: 3 }), 0).health).toBe('Healthy');
    expect(rule(object({ state: 'Down', why: 'no\n disk' }), 0)).toEqual({
      health: 'Degraded',
      reason: 'state is Down: no disk',
    });
    expect(rule(object({}), 0).health).toBe('Unknown');
  });
});

describe('what comes before a rule', () => {
  const healthy = conditions(['Ready', 'Healthy']);
  const ready = { conditions: [one('Ready', 'True')] };

  it('suspends by a field of the spec', () => {
    expect(suspendedBy('spec.paused', healthy)(object(ready, { spec: { paused: true } }), 0).health).toBe(
      'Suspended',
    );
    expect(suspendedBy('spec.paused', healthy)(object(ready, { spec: {} }), 0).health).toBe('Healthy');
  });

  it('waits for the present generation, strictly or only when another one is told', () => {
    const seen = (observedGeneration?: number) =>
      object({ ...ready, ...(observedGeneration ? { observedGeneration } : {}) });
    expect(onceObserved(healthy)(seen(), 0).health).toBe('Progressing');
    expect(onceObserved(healthy)(seen(2), 0).health).toBe('Healthy');
    expect(unlessStale(healthy)(seen(), 0).health).toBe('Healthy');
    expect(unlessStale(healthy)(seen(1), 0).health).toBe('Progressing');
  });
});
