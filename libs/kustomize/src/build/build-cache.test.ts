import { expect, test } from 'vitest';
import { BuildCache, buildKustomization, treeOf, yamlOf, type FileTree } from '../index.ts';

type Files = { readonly [path: string]: string };

/** A tree that tells the identity of what is at a path, and counts what is read. */
function identified(files: Files): { readonly tree: FileTree; readonly read: string[] } {
  const inner = treeOf(files);
  const read: string[] = [];
  const tree: FileTree = {
    readFile: (path) => {
      read.push(path);
      return inner.readFile(path);
    },
    list: (dir) => inner.list(dir),
    identity: (path) => files[path] ?? `names ${(inner.list(path) ?? []).join('/')}`,
  };
  return { tree, read };
}

const map = (name: string, value: string): string =>
  `{ apiVersion: v1, kind: ConfigMap, metadata: { name: ${name} }, data: { key: ${value} } }\n`;
const files: Files = {
  'base/kustomization.yaml': 'resources: [a.yaml, ../common]\nnamePrefix: base-\n',
  'base/a.yaml': map('a', 'one'),
  'common/kustomization.yaml': 'resources: [b.yaml]\nnameSuffix: -common\n',
  'common/b.yaml': map('b', 'two'),
  'east/kustomization.yaml': 'resources: [../base]\nnamespace: east\n',
  'west/kustomization.yaml': 'resources: [../base]\nnamespace: west\n',
};

function output(tree: FileTree, root: string, cache?: BuildCache): string {
  const built = buildKustomization(tree, root, cache ? { cache } : {});
  return 'errors' in built ? JSON.stringify(built.errors) : yamlOf(built.objects);
}

test('overlays of one base read it once and give what they give alone', () => {
  const cache = new BuildCache();
  const { tree, read } = identified(files);
  for (const root of ['east', 'west', 'base'])
    expect(output(tree, root, cache)).toBe(output(treeOf(files), root));
  expect(read.filter((path) => path.startsWith('base/') || path.startsWith('common/')).sort()).toEqual([
    'base/a.yaml',
    'base/kustomization.yaml',
    'common/b.yaml',
    'common/kustomization.yaml',
  ]);
});

test.each([
  ['a file of the base', { 'base/a.yaml': map('a', 'three') }],
  ['a file of the base below the base', { 'common/b.yaml': map('b', 'four') }],
  ['a second kustomization in the base', { 'base/Kustomization': 'resources: []\n' }],
  ['the role of the base', { 'common/kustomization.yaml': 'kind: Component\nresources: [b.yaml]\n' }],
])('a change of %s is seen in another revision', (_what, change) => {
  const cache = new BuildCache();
  const before = output(identified(files).tree, 'east', cache);
  const changed = { ...files, ...change };
  const after = output(identified(changed).tree, 'east', cache);
  expect(after).toBe(output(treeOf(changed), 'east'));
  expect(after).not.toBe(before);
  expect(output(identified(files).tree, 'east', cache)).toBe(before);
});

test('a base that is kept does not hide a cycle', () => {
  const cycle: Files = {
    'a/kustomization.yaml': 'resources: [../b]\n',
    'b/kustomization.yaml': 'resources: [../c]\n',
    'c/kustomization.yaml': 'resources: [m.yaml]\n',
    'c/m.yaml': map('m', 'x'),
  };
  const cache = new BuildCache();
  expect(output(identified(cycle).tree, 'a', cache)).toContain('name: m');
  const closed = { ...cycle, 'c/kustomization.yaml': 'resources: [m.yaml, ../a]\n' };
  expect(output(identified(closed).tree, 'b', cache)).toContain('form a cycle');
  expect(output(identified(cycle).tree, 'c', cache)).toContain('name: m');
});

test('warnings of a base are told in every build that uses it', () => {
  const old = { ...files, 'base/kustomization.yaml': 'bases: [../common]\n' };
  const cache = new BuildCache();
  const { tree } = identified(old);
  const [first, second] = ['east', 'west'].map((root) => buildKustomization(tree, root, { cache }));
  expect(first).toMatchObject({ warnings: [{ message: "'bases' is deprecated" }] });
  expect(second).toMatchObject({ warnings: [{ message: "'bases' is deprecated" }] });
});

test('overlays find out nothing else about the parts of a base that is kept than alone', () => {
  const overlay = (index: number): string => `resources: [../base]
namePrefix: o${index}-
labels: [{ pairs: { overlay: o${index} }, includeTemplates: true }]
images: [{ name: nginx, newTag: '${index}' }]
patches:
  - target: { kind: Deployment }
    patch: '[{ "op": "add", "path": "/spec/replicas", "value": ${index} }]'
  - target: { kind: Other }
    patch: '{ apiVersion: v1, kind: Other, metadata: { name: x }, list: null, flawed: { $patch: delete } }'
`;
  const odd: Files = {
    'base/kustomization.yaml': 'resources: [a.yaml]\n',
    'base/a.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: { name: a, annotations: { large: "1e+06" } }
spec:
  template:
    spec: { volumes: [{ name: v, emptyDir: { sizeLimit: 1000000, odd: "on" } }], containers: [{ name: a, image: nginx }] }
---
apiVersion: v1
kind: Other
metadata: { name: b }
large: { number: 12345678901234567890, time: 2001-01-01, deep: { containers: [{ image: "nginx:1" }] } }
list: [1]
flawed: { 1: a }
`,
    ...Object.fromEntries([1, 2, 3].map((index) => [`o${index}/kustomization.yaml`, overlay(index)])),
  };
  const cache = new BuildCache();
  const { tree } = identified(odd);
  const alone = [1, 2, 3].map((index) => output(treeOf(odd), `o${index}`));
  expect([1, 2, 3].map((index) => output(tree, `o${index}`, cache))).toEqual(alone);
  expect(alone[2]).toContain('image: nginx:3');
  expect(alone[2]).not.toContain('flawed');
  expect(output(tree, 'base', cache)).toContain('a key must be a text');
});
