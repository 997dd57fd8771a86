import { parseHealthRules } from '@meridian/fleet';
import type { KubeObject } from '@meridian/manifests';
import { describe, expect, it } from 'vitest';
import { healthRuleIssues, HealthRules } from './index.ts';

const document = (checks: string, more = '') => `apiVersion: meridian.dev/v1alpha1
kind: HealthRule
metadata: { name: model-server }
spec:
  resourceRules: [{ apiGroups: [ml.example.com], kinds: [ModelServer] }]
  checks:
${checks}${more}`;
const checks = `    - expression: object.status.phase == 'Failed'
      health: Degraded
      messageExpression: "'failed: ' + object.status.why"
      message: it failed
    - expression: object.status.ready == object.spec.replicas
      health: Healthy
      message: all replicas are ready
`;
const read = (text: string) => parseHealthRules(text, 'rules.yaml', healthRuleIssues);
const rulesOf = (text: string): HealthRules => {
  const parsed = read(text);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return new HealthRules(parsed.rules);
};
const server = (status: object, metadata: object = {}): KubeObject =>
  ({
    apiVersion: 'ml.example.com/v1',
    kind: 'ModelServer',
    metadata: { name: 'llm', generation: 1, ...metadata },
    spec: { replicas: 2 },
    status,
  }) as KubeObject;

describe('health rules', () => {
  it('give the health of the first check that holds', () => {
    const rules = rulesOf(document(checks));
    expect(rules.judge(server({ phase: 'Failed', why: 'no GPU', ready: 2 }), 0)).toEqual({
      health: 'Degraded',
      reason: 'failed: no GPU',
    });
    expect(rules.judge(server({ phase: 'Failed', ready: 2 }), 0).reason).toBe('it failed');
    expect(rules.judge(server({ phase: 'Up', ready: 2 }), 0)).toEqual({
      health: 'Healthy',
      reason: 'all replicas are ready',
    });
    expect(rules.judge(server({ phase: 'Up', ready: 1 }), 0)).toEqual({
      health: 'Progressing',
      reason: 'no check of health rule model-server holds',
    });
  });

  it('say what holds when no check does', () => {
    const rules = rulesOf(document(checks, '  otherwise: { health: Suspended, message: it rests }\n'));
    expect(rules.judge(server({ phase: 'Up', ready: 1 }), 0)).toEqual({
      health: 'Suspended',
      reason: 'it rests',
    });
  });

  it('leave deletion, old generations and other kinds as they are', () => {
    const rules = rulesOf(document(checks));
    const fine = { phase: 'Up', ready: 2 };
    expect(rules.judge(server({ ...fine, observedGeneration: 0 }), 0).health).toBe('Progressing');
    expect(rules.judge(server(fine, { deletionTimestamp: '2026-01-01T00:00:00Z' }), 0).health).toBe(
      'Progressing',
    );
    expect(rules.judge({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }, 0).health).toBe(
      'Healthy',
    );
  });

  it('know nothing of an object whose check cannot be evaluated or takes too long', () => {
    const rules = rulesOf(document(checks));
    expect(rules.judge(server({}), 0)).toEqual({
      health: 'Unknown',
      reason: 'health rule model-server cannot be evaluated: no such key: phase',
    });
    const slow =
      "    - { expression: 'object.spec.all.all(a, object.spec.all.all(b, a == b))', health: Healthy }\n";
    const long = { ...server({}), spec: { all: Array.from({ length: 2_000 }, () => 1) } };
    expect(rulesOf(document(slow)).judge(long, 0)).toEqual({
      health: 'Unknown',
      reason: 'health rule model-server cannot be evaluated: it takes more than 50000 steps',
    });
  });

  it('take a bounded number of steps in all, however many checks there are', () => {
    const some = "    - { expression: 'object.spec.all.exists(a, a == 2)', health: Healthy }\n".repeat(60);
    const long = { ...server({}), spec: { all: Array.from({ length: 4_000 }, () => 1) } };
    expect(rulesOf(document(some)).judge(long, 0)).toEqual({
      health: 'Unknown',
      reason: 'health rule model-server cannot be evaluated: its checks take more than 200000 steps together',
    });
  });

  it('that cannot be read make their kinds Unknown, and leave the others alone', () => {
    const broken = {
      name: 'broken',
      resourceRules: [{ apiGroups: ['ml.example.com'], kinds: ['ModelServer'] }],
      checks: [{ expression: 'object.soon()', health: 'Healthy' as const }],
      otherwise: { health: 'Healthy' as const },
    };
    const fine = {
      ...broken,
      name: 'fine',
      resourceRules: [{ apiGroups: [''], kinds: ['ConfigMap'] }],
      checks: [{ expression: 'true', health: 'Suspended' as const, message: 'it rests' }],
    };
    const rules = new HealthRules([broken, fine]);
    const verdict = rules.judge(server({}), 0);
    expect(verdict.health).toBe('Unknown');
    expect(verdict.reason).toMatch(/^health rule broken cannot be read: .*soon/);
    const config = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } };
    expect(rules.judge(config, 0)).toEqual({ health: 'Suspended', reason: 'it rests' });
    expect(rules.textFor({ group: '', kind: 'ConfigMap' })).toContain('it rests');
    expect(rules.textFor({ group: '', kind: 'Secret' })).toBe('');
  });

  it.each([
    ["    - { expression: 'object.status.phase ==', health: Healthy }\n", 7, 'spec.checks[0].expression'],
    ['    - { expression: objekt.status, health: Healthy }\n', 7, 'spec.checks[0].expression'],
    ["    - { expression: '1 + 1', health: Healthy }\n", 7, 'spec.checks[0].expression'],
    ["    - { expression: 'true', health: Fine }\n", 7, 'spec.checks[0].health'],
    ["    - { expression: 'true', health: Healthy, when: now }\n", 7, 'spec.checks[0].when'],
  ])('are refused with their place: %s', (text, line, field) => {
    const parsed = read(document(text));
    expect(parsed).toMatchObject({ ok: false, problems: [{ file: 'rules.yaml', line, field }] });
  });

  it('are refused when a name is there twice or another kind is among them', () => {
    expect(read(`${document(checks)}---\n${document(checks)}`)).toMatchObject({
      ok: false,
      problems: [{ line: 17 }],
    });
    expect(read('apiVersion: v1\nkind: Secret\n')).toMatchObject({
      ok: false,
      problems: [{ line: 2, field: 'kind' }],
    });
  });
});
