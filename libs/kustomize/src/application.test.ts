import type { Application, Cluster } from '@meridian/fleet';
import { canonicalJson, sha256Digest } from '@meridian/manifests';
import { describe, expect, test } from 'vitest';
import { resolveApplication, treeOf, type ResolvedApplication } from './index.ts';
import { resolveOverlay } from './overlay.ts';

const application: Application = {
  name: 'web',
  labels: {},
  path: 'applications/web',
  overlays: ['overlays/{cluster.name}', 'overlays/{region}', 'base'],
  placement: {},
  namespace: 'serving',
  rolloutStrategy: 'by-region',
  syncPolicy: { prune: true, selfHeal: true, createNamespace: true, deletionBudget: '50%' },
};
const cluster: Cluster = { name: 'c1', labels: { region: 'eu-west-1' } };
const map = (name: string, more = ''): string =>
  `{ apiVersion: v1, kind: ConfigMap, metadata: { name: ${name}${more} } }\n`;

const secret = (content: string): string =>
  `{ apiVersion: v1, kind: Secret, metadata: { name: s }, ${content} }\n`;

function resolve(
  files: { readonly [path: string]: string },
  change: Partial<Application> = {},
): ResolvedApplication {
  return resolveApplication({ tree: treeOf(files), application: { ...application, ...change }, cluster });
}

function bundleOf(files: {
  readonly [path: string]: string;
}): Extract<ResolvedApplication, { bundle: unknown }> {
  const resolved = resolve(files);
  if ('errors' in resolved) throw new Error(JSON.stringify(resolved.errors));
  return resolved;
}

const errorOf = (resolved: ResolvedApplication): unknown =>
  'errors' in resolved ? resolved.errors[0] : undefined;

describe('the overlay of a cluster', () => {
  const overlay = (
    files: readonly string[],
    change: Partial<Application> = {},
    to: Cluster = cluster,
  ): unknown =>
    resolveOverlay(
      treeOf(Object.fromEntries(files.map((path) => [`applications/web/${path}`, '']))),
      { ...application, ...change },
      to,
    );

  test('is the first of the search order that exists', () => {
    expect(overlay(['overlays/c1/a', 'overlays/eu-west-1/a', 'base/a'])).toEqual({
      root: 'applications/web/overlays/c1',
      isOwn: true,
    });
    expect(overlay(['overlays/eu-west-1/a', 'base/a'])).toEqual({
      root: 'applications/web/overlays/eu-west-1',
      isOwn: false,
    });
    expect(overlay(['base/a'])).toEqual({ root: 'applications/web/base', isOwn: false });
    expect(overlay(['a'], { overlays: ['.'] })).toEqual({ root: 'applications/web', isOwn: false });
  });

  test('is an error when none exists, with what was tried', () => {
    expect(overlay(['elsewhere/a'])).toEqual({
      errors: [
        expect.objectContaining({
          cluster: 'c1',
          field: 'spec.source.overlays',
          message: expect.stringContaining('overlays/c1, '),
        }),
      ],
    });
  });

  test('needs every variable, also behind the first that exists', () => {
    expect(overlay(['overlays/c1/a'], {}, { name: 'c1', labels: { tier: 'prod' } })).toEqual({
      errors: [
        expect.objectContaining({
          field: 'spec.source.overlays[1]',
          message: expect.stringContaining('no label "region"'),
          fix: expect.stringContaining('tier'),
        }),
      ],
    });
    expect(overlay(['base/a'], { overlays: ['{constructor}'] })).toHaveProperty('errors');
    expect(overlay(['base/a'], { overlays: ['{region'] })).toHaveProperty('errors');
  });

  test.each(['..', '.', '', 'a/b', '../x', 'a\\b', '/etc', 'a\u0000', '-x', 'a..'])(
    'takes no value that is not one plain path step: %j',
    (region) => {
      expect(overlay(['base/a'], {}, { name: 'c1', labels: { region } })).toHaveProperty('errors');
    },
  );

  test.each(['../other', '/etc', 'a/../../other'])('never leaves the application: %s', (path) => {
    expect(overlay(['base/a'], { overlays: [path] })).toHaveProperty('errors');
  });
});

describe('the bundle of a cluster', () => {
  test('is named by the digest of its canonical JSON and does not depend on how the files are laid out', () => {
    const one = bundleOf({
      'applications/web/base/a.yaml': map('a'),
      'applications/web/base/b.yaml': map('b'),
    });
    const other = bundleOf({
      'applications/web/base/all.yaml': `${map('b')}---\n${map('a')}`,
      'applications/web/base/kustomization.yaml': 'resources: [all.yaml]\n',
    });
    expect(one.digest).toBe(other.digest);
    expect(one.digest).toBe(sha256Digest(canonicalJson(one.bundle)));
    expect(sha256Digest(one.bytes)).toBe(one.digest);
    expect(one.bundle).toMatchObject({ application: 'web', cluster: 'c1' });
  });

  test('puts namespaced objects without a namespace into that of the application, and no others', () => {
    const { bundle } = bundleOf({
      'applications/web/base/all.yaml': `${map('a')}---
${map('b', ', namespace: other')}---
{ apiVersion: v1, kind: Namespace, metadata: { name: n, namespace: wrong } }
---
{ apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: { name: foos.x.io }, spec: { group: x.io, scope: Cluster, names: { kind: Foo } } }
---
{ apiVersion: x.io/v1, kind: Foo, metadata: { name: f } }
---
{ apiVersion: y.io/v1, kind: Foo, metadata: { name: f } }
`,
    });
    expect(
      bundle.objects.map(
        ({ apiVersion, kind, metadata }) => `${apiVersion} ${kind} ${metadata.namespace ?? '-'}`,
      ),
    ).toEqual(
      [
        'apiextensions.k8s.io/v1 CustomResourceDefinition -',
        'v1 Namespace -',
        'v1 ConfigMap other',
        'v1 ConfigMap serving',
        'x.io/v1 Foo -',
        'y.io/v1 Foo serving',
      ].sort((left, right) => order(left) - order(right)),
    );
  });

  const kinds = [
    'CustomResourceDefinition',
    'Namespace',
    'ConfigMap other',
    'ConfigMap serving',
    'x.io',
    'y.io',
  ];
  const order = (text: string): number => kinds.findIndex((kind) => text.includes(kind));

  test('may be empty', () => {
    expect(
      bundleOf({ 'applications/web/base/kustomization.yaml': 'resources: []\n' }).bundle.objects,
    ).toEqual([]);
  });

  test.each([
    [map('a', ', namespace: kube-system'), 'namespace kube-system'],
    [map('a', ', namespace: meridian-system'), 'namespace meridian-system'],
    ['{ apiVersion: v1, kind: Namespace, metadata: { name: kube-system } }\n', 'namespace kube-system'],
    [map('a', ', annotations: { meridian.dev/wave: first }'), 'must be an integer'],
    [
      secret('stringData: { port: 8080 }'),
      'Secret s: stringData.port is a number, and values of a Secret are texts',
    ],
    [secret('stringData: { on: true }'), 'stringData.on is a boolean'],
    [secret('data: { a: [eA==] }'), 'data.a is a list'],
    [secret('stringData: [a]'), 'stringData is a list'],
    [map('a', ', labels: { x: 1 }'), 'must be text'],
    [map('"a\\u202eb"'), 'characters that no name may have'],
    ['{ kind: ConfigMap, metadata: { name: a } }\n', 'apiVersion is missing'],
    [`${map('a')}---\n${map('a', ', namespace: serving')}`, 'is rendered twice'],
    [`${map('a')}---\n${map('a')}`, 'is there twice'],
  ])('%j is refused for the cluster it was rendered for', (text, says) => {
    expect(errorOf(resolve({ 'applications/web/base/a.yaml': text }))).toMatchObject({
      cluster: 'c1',
      file: expect.stringContaining('applications/web/base'),
      message: expect.stringContaining(says),
      fix: expect.any(String),
    });
  });

  test('of one kind in two API versions counts as the same object', () => {
    const hpa = (version: string): string =>
      `{ apiVersion: autoscaling/${version}, kind: HorizontalPodAutoscaler, metadata: { name: a } }\n`;
    expect(
      errorOf(resolve({ 'applications/web/base/a.yaml': `${hpa('v1')}---\n${hpa('v2')}` })),
    ).toMatchObject({
      message: expect.stringContaining('rendered twice'),
    });
  });
});
