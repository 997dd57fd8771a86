import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkSamePlan, clusterNameOf, planClusters, planFromJson, portPurposes } from './plan.ts';
import type { SandboxPlan } from './plan.ts';

const label = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const plan: SandboxPlan = { kube: 'real', clusters: planClusters(3), ports: { 'hub-1 api': 20_001 } };

test('the first three clusters are those of the example fleet', () => {
  expect(planClusters(3).map(({ name }) => name)).toEqual(['us-east-1', 'us-west-2', 'eu-west-1']);
});

test('any number of clusters have different names that are DNS labels', () => {
  const names = planClusters(50).map(({ name }) => name);
  expect(new Set(names).size).toBe(50);
  for (const name of names) expect(name).toMatch(label);
});

test('any context gives a new DNS label', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 120 }), { maxLength: 6 }), (contexts) => {
      const taken = new Set<string>();
      for (const context of contexts) {
        const name = clusterNameOf(context, taken);
        expect(name).toMatch(label);
        expect(taken.has(name)).toBe(false);
        taken.add(name);
      }
    }),
  );
  expect(clusterNameOf('arn:aws:eks:us-east-1:123:cluster/ML_Prod', new Set())).toBe(
    'arn-aws-eks-us-east-1-123-cluster-ml-prod',
  );
});

test('every process that listens has a port of its own', () => {
  const purposes = portPurposes(plan);
  expect(new Set(purposes).size).toBe(purposes.length);
  expect(purposes).toContain('etcd-eu-west-1 peer');
  expect(portPurposes({ ...plan, kube: 'contexts' })).not.toContain('etcd-eu-west-1');
});

test('a plan comes back from JSON as it was, and anything else is no plan', () => {
  expect(planFromJson(JSON.parse(JSON.stringify(plan)) as { [key: string]: unknown })).toEqual(plan);
  for (const broken of [
    undefined,
    {},
    { kube: 'moon', clusters: [], ports: {} },
    { kube: 'real', clusters: [1], ports: {} },
  ])
    expect(planFromJson(broken)).toBeUndefined();
});

test('other clusters than the data directory holds are refused', () => {
  expect(() => checkSamePlan(plan, { clusters: 3, kube: { kind: 'real' } })).not.toThrow();
  expect(() => checkSamePlan(plan, { clusters: 5, kube: undefined })).toThrow(
    'holds a fleet of 3 clusters, not 5',
  );
  expect(() =>
    checkSamePlan(plan, { clusters: undefined, kube: { kind: 'contexts', contexts: ['a'] } }),
  ).toThrow('--kube real');
});
