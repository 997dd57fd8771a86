import type { KubeObject } from '@meridian/manifests';
import { describe, expect, it } from 'vitest';
import { repositoryFile } from '../testing/upstream-cases.ts';
import { healthOrder } from '../verdict.ts';
import { judgedKinds, ruleOf } from './table.ts';

const nowMs = Date.parse('2026-01-01T00:00:00Z');

const objectOf = (key: string, rest: object): KubeObject => {
  const [group = '', kind = ''] = key.replace('*.', 'some.').split('/');
  return {
    apiVersion: group === '' ? 'v1' : `${group}/v1`,
    kind: kind === '*' ? 'SomePolicy' : kind,
    metadata: { name: 'x', generation: 2 },
    ...rest,
  };
};

const odd = [
  {},
  { status: null },
  { status: 'ready' },
  { status: [] },
  { status: {} },
  { spec: 1, status: { conditions: 'none', observedGeneration: 2 } },
  { status: { conditions: [null, 1, { type: 1, status: true }, { type: 'Ready' }], observedGeneration: 2 } },
  {
    status: {
      phase: {},
      state: [],
      health: 1,
      parents: [null],
      ancestors: [1],
      listeners: [{ conditions: 1 }],
    },
  },
  { status: { conditions: [], racks: { a: null }, brokersState: { a: 1 }, environments: [null], status: 7 } },
  JSON.parse(
    '{"status": {"__proto__": {"phase": "Running"}, "conditions": [{"__proto__": {"type": "Ready"}}]}}',
  ) as object,
];

describe('the rules of all kinds', () => {
  it.each(judgedKinds)('%s: objects that no controller would write get a verdict with a reason', (key) => {
    for (const rest of odd) {
      const object = objectOf(key, rest);
      const verdict = ruleOf(object)?.(object, nowMs);
      expect(healthOrder, JSON.stringify(rest)).toContain(verdict?.health);
      expect(verdict?.reason, JSON.stringify(rest)).toMatch(/\w/);
    }
  });

  it('finds the rule of a kind before that of its group, and that before a domain of groups', () => {
    const rule = (apiVersion: string, kind: string) => ruleOf({ apiVersion, kind, metadata: { name: 'x' } });
    expect(rule('kro.run/v1alpha1', 'ResourceGraphDefinition')).not.toBe(rule('kro.run/v1alpha1', 'Other'));
    expect(rule('s3.aws.crossplane.io/v1', 'Bucket')).not.toBe(rule('s3.aws.crossplane.io/v1', 'Other'));
    expect(rule('s3.aws.crossplane.io/v1', 'Other')).toBe(rule('x.crossplane.io/v1', 'Other'));
    expect(rule('crossplane.io/v1', 'Other')).toBeUndefined();
    expect(rule('apps/v1', 'Unheard')).toBeUndefined();
  });
});

describe('docs/health.md', () => {
  it('lists every kind that has a rule', () => {
    const text = repositoryFile('docs/health.md');
    const missing = judgedKinds.filter((key) => {
      const [group = '', kind = ''] = key.split('/');
      const row = text.split('\n').find((line) => line.startsWith(`| \`${group || 'core'}\` `)) ?? '';
      return !row.split(/[|,]/).some((cell) => cell.trim() === (kind === '*' ? 'all' : kind));
    });
    expect(missing).toEqual([]);
  });
});
