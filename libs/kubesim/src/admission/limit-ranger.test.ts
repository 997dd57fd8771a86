import { expect, it } from 'vitest';
import type { KubeObject } from '../kube-object.ts';
import { openCatalog } from '../schema/catalog.ts';
import { checkLimits, defaultLimits } from './limit-ranger.ts';

const pods = openCatalog().resources.find(({ group, name }) => group === '' && name === 'pods');

function admissionOf(limit: object, resources: object) {
  const range = { apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'r' }, spec: { limits: [limit] } };
  const draft = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p' },
    spec: { containers: [{ name: 'server', resources }] },
  } as unknown as KubeObject;
  if (pods === undefined) throw new Error('the catalog has no pods');
  const context = {
    nowMs: () => 0,
    random: () => 0,
    newUid: () => '',
    lookup: () => undefined,
    lookupAll: () => [range as unknown as KubeObject],
    dryRun: false,
    apiVersion: 'v1',
    user: undefined,
  };
  const target = { resource: pods, namespace: 'ml', name: 'p', subresource: '' };
  return { draft, old: undefined, target, context };
}

it('gives containers what they do not ask for themselves, and says so', () => {
  const admission = admissionOf(
    { type: 'Container', default: { cpu: '1', memory: '1Gi' }, defaultRequest: { cpu: '100m' } },
    { limits: { memory: '2Gi' } },
  );
  defaultLimits(admission);
  expect(admission.draft['spec']).toMatchObject({
    containers: [{ resources: { limits: { cpu: '1', memory: '2Gi' }, requests: { cpu: '100m' } } }],
  });
  expect(admission.draft.metadata.annotations).toEqual({
    'kubernetes.io/limit-ranger':
      'LimitRanger plugin set: cpu request for container server; cpu limit for container server',
  });
});

it('refuses a container that asks for more than there may be', () => {
  const admission = admissionOf({ type: 'Container', max: { cpu: '1' } }, { limits: { cpu: '1500m' } });
  expect(() => checkLimits(admission)).toThrow('maximum cpu usage per Container is 1, but limit is 1500m');
});

it('takes a pod that is within its limits', () => {
  const admission = admissionOf({ type: 'Pod', max: { cpu: '2' } }, { limits: { cpu: '1500m' } });
  expect(() => checkLimits(admission)).not.toThrow();
});
