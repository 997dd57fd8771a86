import type { Application, Cluster, Override } from '@meridian/fleet';
import { describe, expect, test } from 'vitest';
import {
  BuildCache,
  buildKustomization,
  resolveApplication,
  treeOf,
  yamlOf,
  type ResolvedApplication,
} from '../index.ts';

type Files = { readonly [path: string]: string };

const application: Application = {
  name: 'web',
  labels: {},
  path: 'apps/web',
  overlays: ['overlays/{region}', 'base'],
  placement: {},
  namespace: 'shop',
  rolloutStrategy: 'all',
  syncPolicy: { prune: true, selfHeal: true, createNamespace: false, deletionBudget: '50%' },
};
const east: Cluster = { name: 'c1', labels: { region: 'east', gpu: 'a100' } };

const files: Files = {
  'apps/web/base/kustomization.yaml': `namePrefix: my-
resources: [web.yaml]
configMapGenerator: [{ name: settings, literals: [level=info] }]
`,
  'apps/web/base/web.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 1
  template:
    spec:
      containers:
        - { name: server, image: web:1.0, envFrom: [{ configMapRef: { name: settings } }] }
`,
  'apps/web/overlays/east/kustomization.yaml': 'resources: [../../base]\nnameSuffix: -east\n',
  'apps/web/patches/debug.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings }\ndata: { level: debug }\n',
};

const nothing: Omit<Override, 'index'> = { clusters: {}, patches: [], images: [], replicas: [] };
const overrides = (...list: readonly Partial<Override>[]): { readonly overrides: readonly Override[] } => ({
  overrides: list.map((each, index) => ({ ...nothing, index, ...each })),
});
const count = (value: number) => ({ replicas: [{ name: 'web', count: value }] });

function resolve(
  change: Partial<Application>,
  { tree = files, cluster = east, cache = new BuildCache() } = {},
): ResolvedApplication {
  return resolveApplication({
    tree: treeOf(tree),
    application: { ...application, ...change },
    cluster,
    cache,
  });
}

function objectsOf(resolved: ResolvedApplication) {
  if ('errors' in resolved) throw new Error(JSON.stringify(resolved.errors));
  return resolved.bundle.objects;
}
const errorOf = (resolved: ResolvedApplication): unknown =>
  'errors' in resolved ? resolved.errors[0] : undefined;
const replicasOf = (resolved: ResolvedApplication): unknown =>
  (objectsOf(resolved).find(({ kind }) => kind === 'Deployment')?.['spec'] as { replicas?: unknown })
    .replicas;

describe('overrides', () => {
  const both = overrides(
    {
      patches: [
        { path: 'patches/debug.yaml' },
        {
          patch: '- { op: replace, path: /spec/replicas, value: 3 }',
          target: { kind: 'Deployment', name: 'web' },
        },
      ],
      images: [{ name: 'web', newTag: '2.0' }],
    },
    count(5),
  );

  test('give what kustomizations on top of the overlay would give', () => {
    const top: Files = {
      'first/kustomization.yaml': `resources: [../apps/web/overlays/east]
patches:
  - path: debug.yaml
  - { target: { kind: Deployment, name: web }, patch: '- { op: replace, path: /spec/replicas, value: 3 }' }
images: [{ name: web, newTag: "2.0" }]
`,
      'first/debug.yaml': files['apps/web/patches/debug.yaml'] ?? '',
      'second/kustomization.yaml':
        'resources: [../first]\nreplicas: [{ name: web, count: 5 }]\nnamespace: shop\n',
    };
    const built = buildKustomization(treeOf({ ...files, ...top }), 'second');
    if ('errors' in built) throw new Error(JSON.stringify(built.errors));
    const fields = objectsOf(resolve(both)).map((object) => ({ fields: object as never }));
    // A bundle is ordered for a cluster: the ConfigMap first.
    const sorted = built.objects.toReversed();
    expect(yamlOf(fields)).toBe(yamlOf(sorted));
    expect(yamlOf(fields)).toMatch(/name: my-settings-east-\w{10}\n/);
  });

  test('apply in their order, and only in the clusters that they select', () => {
    const change = overrides(
      { clusters: { matchLabels: { gpu: 'a100' } }, ...count(2) },
      { clusters: { matchExpressions: [{ key: 'gpu', operator: 'NotIn', values: ['a100'] }] }, ...count(9) },
      { clusters: { matchLabels: { region: 'east' } }, ...count(4) },
    );
    expect(replicasOf(resolve(change))).toBe(4);
    const other = { name: 'c2', labels: { region: 'west', gpu: 'a100' } };
    expect(replicasOf(resolve(change, { cluster: other }))).toBe(2);
    expect(replicasOf(resolve(change, { cluster: { name: 'c3', labels: { region: 'west' } } }))).toBe(9);
  });

  test('give the same whatever was rendered before with the same cache', () => {
    const cache = new BuildCache();
    const changes = [both, overrides(count(7)), {}, both, { ...overrides(count(7)), variables: true }, {}];
    expect(resolve(both)).toHaveProperty('digest');
    for (const change of changes) {
      const digest = (resolved: ResolvedApplication) => ('digest' in resolved ? resolved.digest : 'refused');
      expect(digest(resolve(change, { cache }))).toBe(digest(resolve(change)));
    }
  });

  test('see a file of a patch that changes', () => {
    const cache = new BuildCache();
    const level = (tree: Files): unknown =>
      objectsOf(resolve(both, { tree, cache })).find(({ kind }) => kind === 'ConfigMap')?.['data'];
    expect(level(files)).toEqual({ level: 'debug' });
    const changed = (files['apps/web/patches/debug.yaml'] ?? '').replace('debug }', 'trace }');
    expect(level({ ...files, 'apps/web/patches/debug.yaml': changed })).toEqual({ level: 'trace' });
    const { 'apps/web/patches/debug.yaml': _, ...without } = files;
    expect(errorOf(resolve(both, { tree: without, cache }))).toMatchObject({
      file: 'apps/web',
      field: 'spec.source.overrides[0].patches[0]',
      message: 'apps/web/patches/debug.yaml does not exist',
    });
  });

  test('work on plain directories', () => {
    const tree = { 'apps/web/base/web.yaml': files['apps/web/base/web.yaml'] ?? '' };
    expect(replicasOf(resolve(overrides(count(6)), { tree }))).toBe(6);
    expect(replicasOf(resolve({}, { tree }))).toBe(1);
  });

  test.each<[string, Partial<Override>, string, string]>([
    [
      'a patch of an object that is not there',
      { patches: [{ patch: 'apiVersion: v1\nkind: Service\nmetadata: { name: web }\n' }] },
      'patches[0]',
      'Service',
    ],
    [
      'a patch whose target fits nothing',
      { patches: [{ target: { kind: 'Service' }, patch: '- { op: remove, path: /spec }' }] },
      'patches[0]',
      'fits no object',
    ],
    [
      'operations without a target',
      { patches: [{ patch: '- { op: remove, path: /spec }' }] },
      'patches[0]',
      'no target',
    ],
    ['a text that is no patch', { patches: [{ patch: 'kind: [' }] }, 'patches[0]', 'cannot be used'],
    [
      'a pattern that Go cannot read',
      { patches: [{ target: { name: '(' }, patch: '[]' }] },
      'patches[0].target.name',
      'cannot be read',
    ],
    [
      'replicas of a name that is not there',
      { replicas: [{ name: 'nobody', count: 1 }] },
      'replicas[0]',
      'nobody',
    ],
    [
      'a file outside the application',
      { patches: [{ path: '../../other.yaml' }] },
      'patches[0]',
      'outside apps/web',
    ],
    ['a remote file', { patches: [{ path: 'https://example.com/p.yaml' }] }, 'patches[0]', 'remote base'],
    ['a file that is not there', { patches: [{ path: 'none.yaml' }] }, 'patches[0]', 'does not exist'],
  ])('%s is refused with its place', (_, change, field, message) => {
    const tree = { ...files, 'other.yaml': 'kind: x' };
    expect(errorOf(resolve(overrides(count(2), change), { tree }))).toMatchObject({
      file: 'apps/web',
      field: `spec.source.overrides[1].${field}`,
      cluster: 'c1',
      message: expect.stringContaining(message),
    });
  });

  test('keep order and notes as the overlay asks for them', () => {
    const tree = {
      ...files,
      'apps/web/overlays/east/kustomization.yaml':
        'resources: [../../base]\nbuildMetadata: [originAnnotations]\n',
    };
    const [map] = objectsOf(resolve(overrides(count(2)), { tree }));
    expect(map?.metadata.annotations?.['config.kubernetes.io/origin']).toContain(
      'configuredIn: ../../base/kustomization.yaml',
    );
  });

  test('cannot reach the prototypes of JavaScript', () => {
    const patch = '- { op: add, path: /__proto__/polluted, value: true }';
    resolve(overrides({ patches: [{ target: { kind: 'Deployment' }, patch }] }));
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});
