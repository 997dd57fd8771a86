import { expect, test } from 'vitest';
import type { Application } from '@meridian/fleet';
import {
  BuildCache,
  buildKustomization,
  resolveApplication,
  treeOf,
  type FileTree,
  type Profile,
} from '../index.ts';
import { roots, treesOf } from '../testing/histories.ts';

/** A tree that tells the identity of what is at a path, as a commit does by its blob ids. */
function identified(files: { readonly [path: string]: string }): FileTree {
  const tree = treeOf(files);
  return { ...tree, identity: (path) => files[path] ?? `names ${(tree.list(path) ?? []).join('/')}` };
}

const histories = 5;
const edits = 8;

interface History {
  readonly seed: number;
  readonly profile: Profile;
}

/** Builds everything after each edit with one cache and without any; gives how many builds are refused. */
function refusedIn({ seed, profile }: History): number {
  const options = { profile, reorder: 'legacy' } as const;
  const cache = new BuildCache();
  const trees = [...treesOf(seed, edits)];
  const builds = trees.flatMap((files, number) => roots.map((root) => ({ files, number, root })));
  return builds.filter(({ files, number, root }) => {
    const fresh = buildKustomization(treeOf(files), root, options);
    const kept = buildKustomization(identified(files), root, { ...options, cache });
    // As texts, since the order of fields counts.
    expect(JSON.stringify(kept), `seed ${seed}, tree ${number}, ${root}`).toBe(JSON.stringify(fresh));
    return 'errors' in fresh;
  }).length;
}

test.each(['5.5', '5.8'] as const)(
  'after any history of edits, a cache gives in %s what a fresh build gives',
  (profile) => {
    const seeds = Array.from({ length: histories }, (_, seed) => seed);
    const refused = seeds.reduce((count, seed) => count + refusedIn({ seed, profile }), 0);
    expect(refused).toBeLessThan((histories * (edits + 1) * roots.length) / 2);
  },
  60_000,
);

const application: Application = {
  name: 'app',
  path: 'app',
  labels: {},
  overlays: ['{cluster.name}'],
  placement: {},
  namespace: 'apps',
  rolloutStrategy: 'all',
  syncPolicy: { prune: true, selfHeal: true, createNamespace: true, deletionBudget: 0 },
};

/** What an application gives in a cluster that is named after an overlay, without what only the caller sees. */
function resolved(tree: FileTree, name: string, cache?: BuildCache): string {
  const request = { tree, application, cluster: { name, labels: {} }, ...(cache ? { cache } : {}) };
  const resolution = resolveApplication(request);
  if ('errors' in resolution) return JSON.stringify(resolution);
  const { bundle, digest, warnings, originOf, labelReads } = resolution;
  return JSON.stringify({ bundle, digest, warnings, labelReads, origins: bundle.objects.map(originOf) });
}

test('after any history of edits, a cache gives the bundles that fresh builds give', () => {
  const cache = new BuildCache();
  for (const [number, files] of [...treesOf(77, 3 * edits)].entries()) {
    const below = Object.fromEntries(Object.entries(files).map(([path, text]) => [`app/${path}`, text]));
    for (const root of roots)
      expect(resolved(identified(below), root, cache), `tree ${number}, ${root}`).toBe(
        resolved(treeOf(below), root),
      );
  }
}, 60_000);

const deployment = 'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\nspec: { replicas: 1 }\n';
const account = (number: number): string =>
  `apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: account }\nnumber: ${number}\n`;
const local = (text: string): string =>
  text.replace('name: web', 'name: web, annotations: { config.kubernetes.io/local-config: "true" }');

/** Histories of one edit, each of which only one thing that is kept depends on. */
const single: readonly (readonly [
  string,
  Readonly<Record<string, string>>,
  Readonly<Record<string, string>>,
])[] = [
  [
    'a file that a step reads',
    {
      'top/kustomization.yaml': 'resources: [../base]\npatches: [{ path: p.yaml }]\n',
      'top/p.yaml': deployment,
    },
    { 'top/p.yaml': deployment.replace('1 }', '2 }') },
  ],
  [
    'the configuration of a base',
    {
      'top/kustomization.yaml': 'resources: [../base]\ncommonLabels: { a: b }\n',
      'base/kustomization.yaml': 'resources: [web.yaml]\nconfigurations: [config.yaml]\n',
      'base/config.yaml': 'commonLabels: [{ path: one, create: true, kind: Deployment }]\n',
    },
    { 'base/config.yaml': 'commonLabels: [{ path: two, create: true, kind: Deployment }]\n' },
  ],
  [
    'the source of a var',
    {
      'top/kustomization.yaml': 'resources: [../base]\n',
      'base/kustomization.yaml':
        'resources: [web.yaml, account.yaml]\nvars: [{ name: V, objref: { apiVersion: v1, kind: ServiceAccount, name: account }, fieldref: { fieldpath: number } }]\nconfigurations: [config.yaml]\n',
      'base/config.yaml': 'varReference: [{ path: metadata/annotations/v, kind: Deployment }]\n',
      'base/web.yaml': deployment.replace('name: web', 'name: web, annotations: { v: $(V) }'),
      'base/account.yaml': account(1),
    },
    { 'base/account.yaml': account(2) },
  ],
  [
    'the content that a hash is of',
    {
      'top/kustomization.yaml': 'resources: [../base]\nconfigMapGenerator: [{ name: made, files: [text] }]\n',
      'top/text': 'one',
    },
    { 'top/text': 'two' },
  ],
  [
    'the order at the end of a build',
    {
      'top/kustomization.yaml': 'resources: [../base]\n',
      'base/web.yaml': `${deployment}---\n${account(1)}`,
    },
    { 'top/kustomization.yaml': 'resources: [../base]\nsortOptions: { order: legacy }\n' },
  ],
  [
    'the fields that refer to names',
    {
      'top/kustomization.yaml': 'resources: [../base]\nnamePrefix: a-\n',
      'base/kustomization.yaml': 'resources: [web.yaml, account.yaml]\nconfigurations: [config.yaml]\n',
      'base/config.yaml':
        'nameReference: [{ kind: ServiceAccount, version: v1, fieldSpecs: [{ path: metadata/annotations/one }] }]\n',
      'base/web.yaml': deployment.replace(
        'name: web',
        'name: web, annotations: { one: account, two: account }',
      ),
      'base/account.yaml': account(1),
    },
    {
      'base/config.yaml':
        'nameReference: [{ kind: ServiceAccount, version: v1, fieldSpecs: [{ path: metadata/annotations/two }] }]\n',
    },
  ],
  [
    'whether an object is for a cluster',
    { 'top/kustomization.yaml': 'resources: [../base]\n' },
    { 'base/web.yaml': local(deployment) },
  ],
  [
    'an object that is for a cluster again',
    { 'top/kustomization.yaml': 'resources: [../base]\n', 'base/web.yaml': local(deployment) },
    { 'base/web.yaml': deployment },
  ],
  [
    'a name',
    { 'top/kustomization.yaml': 'resources: [../base]\nnamePrefix: a-\n' },
    { 'base/web.yaml': deployment.replace('web', 'api') },
  ],
  [
    'a name that a step takes from a field',
    {
      'top/kustomization.yaml':
        'resources: [../base]\npatches: [{ target: { kind: ServiceAccount }, patch: \'[{ "op": "copy", "from": "/number", "path": "/metadata/name" }]\' }]\n',
      'base/web.yaml': account(1).replace('1', 'one'),
    },
    { 'base/web.yaml': account(1).replace('1', 'two') },
  ],
];

test.each(single)('an edit of %s is seen by a cache', (_, before, edit) => {
  const base = { 'base/kustomization.yaml': 'resources: [web.yaml]\n', 'base/web.yaml': deployment };
  const cache = new BuildCache();
  const trees = [before, { ...before, ...edit }].map((files) => ({ ...base, ...files }));
  const [first, second] = trees.map((files) => buildKustomization(treeOf(files), 'top', { profile: '5.8' }));
  expect(second).not.toEqual(first);
  for (const [number, files] of [...trees, ...trees].entries())
    expect(
      buildKustomization(identified(files), 'top', { profile: '5.8', cache }),
      `build ${number}`,
    ).toEqual(number % 2 === 0 ? first : second);
});
