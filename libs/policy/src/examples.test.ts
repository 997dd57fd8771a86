import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseFleetConfig } from '@meridian/fleet';
import type { Policy } from '@meridian/fleet';
import type { KubeObject } from '@meridian/manifests';
import { describe, expect, test } from 'vitest';
import { Judge, policyIssues } from './index.ts';
import { judged } from './testing/judged.ts';

const folder = join(import.meta.dirname, '../../../docs/examples/policies');
const files = readdirSync(folder).map((name) => ({
  path: `fleet/${name}`,
  text: readFileSync(join(folder, name), 'utf8'),
}));
const { config, problems } = parseFleetConfig(files, policyIssues);
const judge = new Judge();

function policy(name: string): Policy {
  const found = config.policies.find((each) => each.name === name);
  if (!found) throw new Error(`there is no example ${name}`);
  return found;
}

/** What an example says of objects. */
function said(name: string, ...objects: KubeObject[]): string[] {
  const { errors, warnings } = judge.judge([policy(name)], judged(objects));
  return [...errors, ...warnings].map(({ message }) => message);
}

const workload = (spec: object, more: { kind?: string; replicas?: number; labels?: object } = {}) =>
  ({
    apiVersion: 'apps/v1',
    kind: more.kind ?? 'Deployment',
    metadata: { name: 'web', namespace: 'ml', ...(more.labels ? { labels: more.labels } : {}) },
    spec: { ...(more.replicas === undefined ? {} : { replicas: more.replicas }), template: { spec } },
  }) as unknown as KubeObject;

const container = (more: object) => ({ containers: [{ name: 'server', ...more }] });
const gpus = (count: number | string) => container({ resources: { limits: { 'nvidia.com/gpu': count } } });

test('every example can be read', () => {
  expect(problems).toEqual([]);
  expect(config.policies.map(({ name }) => name).sort()).toEqual([
    'allowed-registries',
    'gpus-per-application',
    'gpus-per-pod',
    'no-latest-tag',
    'no-plain-secrets',
    'no-privileged-pods',
    'replicas-in-production',
    'required-labels',
  ]);
});

describe('required-labels', () => {
  test('names the labels that are missing', () => {
    expect(said('required-labels', workload({}))).toEqual([
      'policy required-labels: Deployment ml/web: it lacks the labels app.kubernetes.io/name, team',
    ]);
    expect(said('required-labels', workload({}, { labels: { team: 'ml' } }))).toEqual([
      'policy required-labels: Deployment ml/web: it lacks the labels app.kubernetes.io/name',
    ]);
  });

  test('is content with all of them, and looks at workloads only', () => {
    const labels = { team: 'ml', 'app.kubernetes.io/name': 'web' };
    expect(said('required-labels', workload({}, { labels }))).toEqual([]);
    expect(said('required-labels', workload({}, { kind: 'ReplicaSet' }))).toEqual([]);
  });
});

describe('gpu-limits', () => {
  test('counts the GPUs of one pod, as a number or as text', () => {
    expect(said('gpus-per-pod', workload(gpus(8)))).toEqual([]);
    expect(said('gpus-per-pod', workload(gpus('16')))).toEqual([
      'policy gpus-per-pod: Deployment ml/web: a pod asks for 16 GPUs, more than 8',
    ]);
    expect(said('gpus-per-pod', workload(container({})))).toEqual([]);
  });

  test('finds the pods of kinds that Kubernetes does not know', () => {
    const cluster = {
      apiVersion: 'ray.io/v1',
      kind: 'RayCluster',
      metadata: { name: 'train', namespace: 'ml' },
      spec: {
        headGroupSpec: { template: { spec: container({}) } },
        workerGroupSpecs: [{ template: { spec: gpus(9) } }],
      },
    } as unknown as KubeObject;
    expect(said('gpus-per-pod', cluster)).toHaveLength(1);
  });

  test('counts the GPUs of an application over all its replicas', () => {
    const two = [workload(gpus(4), { replicas: 4 }), workload(gpus(8), { replicas: 2, kind: 'StatefulSet' })];
    expect(said('gpus-per-application', ...two)).toEqual([]);
    const three = [...two, workload(gpus(1), { kind: 'StatefulSet' })];
    expect(said('gpus-per-application', ...three)).toEqual([
      'policy gpus-per-application: serving asks for 33 GPUs in eu-west-1, more than 32',
    ]);
  });
});

test('allowed-registries names the images from elsewhere, those of init containers too', () => {
  const allowed = container({ image: 'registry.example.com/web:1' });
  expect(said('allowed-registries', workload(allowed))).toEqual([]);
  const init = { ...allowed, initContainers: [{ name: 'wait', image: 'busybox:1' }] };
  expect(said('allowed-registries', workload(init))).toEqual([
    'policy allowed-registries: Deployment ml/web: images from registries that are not allowed: busybox:1',
  ]);
});

test.each([
  ['web', false],
  ['web:latest', false],
  ['registry.example.com:5000/web', false],
  ['web:1.2', true],
  ['registry.example.com:5000/web:1', true],
  [`web@sha256:${'0'.repeat(64)}`, true],
])('no-latest-tag judges %s', (image, isFine) => {
  expect(said('no-latest-tag', workload(container({ image })))).toHaveLength(isFine ? 0 : 1);
});

test.each([
  ['a container is privileged', container({ securityContext: { privileged: true } })],
  [
    'a pod mounts a directory of its node (hostPath)',
    { ...container({}), volumes: [{ name: 'disk', hostPath: { path: '/' } }] },
  ],
  [
    'a pod shares the network, the processes or the memory of its node',
    { ...container({}), hostNetwork: true },
  ],
])('no-privileged-pods says that %s', (message, spec) => {
  expect(said('no-privileged-pods', workload(spec))).toEqual([
    `policy no-privileged-pods: Deployment ml/web: ${message}`,
  ]);
  expect(
    said('no-privileged-pods', workload({ ...container({}), volumes: [{ name: 'tmp', emptyDir: {} }] })),
  ).toEqual([]);
});

describe('no-plain-secrets', () => {
  const secret = (more: object) =>
    ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'token', namespace: 'ml' },
      ...more,
    }) as KubeObject;

  test.each([
    ['data', { data: { token: 'aHVudGVyMg==' } }],
    ['stringData', { stringData: { token: 'hunter2' } }],
  ])('denies one with %s, and never says what is in it', (_field, more) => {
    expect(said('no-plain-secrets', secret(more))).toEqual([
      'policy no-plain-secrets: Secret ml/token: a Secret with values is in git; use a SealedSecret, an ExternalSecret or SOPS, or let the cluster make it',
    ]);
  });

  test('is content with what holds no values, is sealed, is kept outside or is encrypted', () => {
    const sealed = {
      apiVersion: 'bitnami.com/v1alpha1',
      kind: 'SealedSecret',
      spec: { encryptedData: { token: 'AgB' } },
    };
    const external = { apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', spec: { data: [] } };
    const map = { kind: 'ConfigMap', data: { level: 'info' } };
    const encrypted = {
      data: { token: 'ENC[AES256_GCM,data:x]' },
      sops: { version: '3.9.0', mac: 'ENC[AES256_GCM,data:y]' },
    };
    for (const more of [{}, { data: {} }, sealed, external, map, encrypted])
      expect(said('no-plain-secrets', secret(more))).toEqual([]);
  });
});

test('replicas-in-production warns of a single replica, written or not', () => {
  const { errors, warnings } = judge.judge([policy('replicas-in-production')], judged([workload({})]));
  expect(errors).toEqual([]);
  expect(warnings).toMatchObject([
    {
      field: '.spec.replicas',
      message: 'policy replicas-in-production: Deployment ml/web: it has 1 replicas in eu-west-1 and needs 2',
    },
  ]);
  expect(said('replicas-in-production', workload({}, { replicas: 2 }))).toEqual([]);
  expect(policy('replicas-in-production').clusters).toEqual({ matchLabels: { tier: 'prod' } });
});
