import { expect, test } from 'vitest';
import { BuildCache, buildKustomization, treeOf, type Profile } from '../index.ts';
import { slightTreesOf, top } from '../testing/slight-histories.ts';

const histories = 250;
const edits = 4;

test.each(['5.5', '5.8'] as const)(
  'a scalar of a base that changes comes out of %s as it does of a fresh build, whatever steps do near it',
  (profile) => {
    for (let seed = 0; seed < histories; seed += 1)
      expectSame(slightTreesOf(seed, edits), profile, `seed ${seed}`);
  },
);

/** Builds each tree with one cache and without any. */
function expectSame(trees: Iterable<Files>, profile: Profile, subject: string): void {
  const cache = new BuildCache();
  for (const [number, files] of [...trees].entries()) {
    const tree = treeOf(files);
    const identified = { ...tree, identity: (path: string) => files[path] ?? tree.list(path)?.join() ?? '' };
    const kept = buildKustomization(identified, top, { profile, cache });
    // As texts, since the order of fields counts.
    const fresh = textOf(buildKustomization(tree, top, { profile }));
    expect(textOf(kept), `${subject}, tree ${number}`).toBe(fresh);
  }
}

function textOf(result: unknown): string {
  return JSON.stringify(result, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
}

interface Files {
  readonly [path: string]: string;
}

const map =
  'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\n  labels:\n    app: web\ndata:\n  a: one\n  b: one\n';
const model =
  'apiVersion: example.org/v1\nkind: Model\nmetadata:\n  name: web\nspec:\n  size: one\n  engine:\n    containers:\n    - image: one\n      kind: one\n    - image: one\n      inner:\n        size: one\n      outer: one\n';
const web =
  'apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: main\n    ports:\n    - containerPort: 80\n      protocol: TCP\n';

const binding =
  'apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata:\n  name: web\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata:\n  name: web\nroleRef:\n  apiGroup: one\n  kind: Role\n  name: web\n';
const custom = 'apiVersion: example.org/v1\nkind: Model\nmetadata:\n  name: web\n';

/** What reaches a field, the steps, an object, and two values in it that become others: the first without any effect. */
const reached: readonly (readonly [
  string,
  string,
  Files,
  string,
  readonly (readonly [string | RegExp, string])[],
])[] = [
  [
    'a reference',
    'namePrefix: p-\nconfigurations: [c.yaml]\n',
    { 'top/c.yaml': 'nameReference: [{ kind: ConfigMap, version: v1, fieldSpecs: [{ path: data/a }] }]\n' },
    map,
    [
      ['a: one', 'a: two'],
      ['a: two', 'a: web'],
    ],
  ],
  [
    'the image of any container',
    'images: [{ name: app, newTag: new }]\n',
    {},
    model,
    [
      ['image: one', 'image: two'],
      ['image: two', 'image: app'],
    ],
  ],
  [
    'a key of an item',
    "patches: [{ patch: '{ apiVersion: v1, kind: Pod, metadata: { name: web }, spec: { containers: [{ name: main, ports: [{ containerPort: 80, protocol: UDP, name: dns }] }] } }' }]\n",
    {},
    web,
    [
      ['protocol: TCP', 'protocol: SCTP'],
      ['protocol: SCTP', 'protocol: UDP'],
    ],
  ],
  [
    'a label that a patch selects',
    `patches: [{ target: { labelSelector: app=api }, patch: '[{ "op": "add", "path": "/data/c", "value": "c" }]' }]\n`,
    {},
    `${map}---\n${map.replaceAll('web', 'api')}`,
    [
      ['app: web', 'app: other'],
      ['app: other', 'app: api'],
    ],
  ],
  [
    'a mapping and one in it',
    'namePrefix: p-\n',
    {},
    model,
    [
      ['        size: one\n      outer: one', '        size: two\n      outer: one'],
      ['        size: two\n      outer: one', '        size: three\n      outer: three'],
    ],
  ],
  [
    'the kind of an object that is embedded',
    'namePrefix: p-\n',
    {},
    model,
    [
      ['kind: one', 'kind: two'],
      ['kind: two', 'kind: three'],
    ],
  ],
  [
    'the group of a role',
    'namePrefix: p-\n',
    {},
    binding,
    [
      ['apiGroup: one', 'apiGroup: two'],
      ['apiGroup: two', 'apiGroup: rbac.authorization.k8s.io'],
    ],
  ],
  [
    'an item of a list that a patch names with a sign',
    `patches: [{ target: { kind: Model }, patch: '[{ "op": "copy", "from": "/items/+0/size", "path": "/copied" }]' }]\n`,
    {},
    `${custom}items:\n- size: one\n`,
    [
      ['size: one', 'size: two'],
      ['size: two', 'size: three'],
    ],
  ],
  [
    'a mapping that is in a list twice',
    'namePrefix: p-\n',
    {},
    `${custom}items:\n- &item\n  inner:\n    size: one\n- *item\n- <<: *item\n  more: true\n`,
    [
      ['size: one', 'size: two'],
      ['size: two', 'size: three'],
    ],
  ],
  [
    'one of two aliases in a list',
    'namePrefix: p-\n',
    {},
    `${custom}items:\n- inner: &inner\n    size: one\n- inner: *inner\n- inner: *inner\n`,
    [
      ['- inner: *inner', '- inner:\n    size: two'],
      ['size: two', 'size: three'],
    ],
  ],
  [
    'a key that another one becomes when its breaks are joined',
    'namePrefix: p-\n',
    {},
    `${custom}spec:\n  "a b": one\n  "a\\Nb": last\n`,
    [
      ['one', 'two'],
      ['two', 'three'],
    ],
  ],
  [
    'an integer that is too large',
    'namePrefix: p-\n',
    {},
    `${custom}spec:\n  size: 7\n`,
    [
      ['7', '9007199254740993'],
      ['9007199254740993', '8'],
    ],
  ],
  [
    'each of very many fields',
    'namePrefix: p-\n',
    {},
    `${map}${Array.from({ length: 6_000 }, (_, index) => `  key${index}: one\n`).join('')}`,
    [
      [/: one/g, ': two'],
      [/: two/g, ': three'],
    ],
  ],
  [
    'several fields at once',
    'namePrefix: p-\nimages: [{ name: app, newTag: new }]\n',
    {},
    `${map}---\n${model}`,
    [
      [/: one/g, ': two'],
      [/: two/g, ': app'],
    ],
  ],
];

test.each(reached)('%s is seen when it changes', (subject, ...[steps, more, object, changes]) => {
  const texts = [object];
  for (const [from, to] of changes) texts.push((texts.at(-1) ?? '').replace(from, to));
  const trees = [...texts, object].map((text) => ({
    ...more,
    'base/kustomization.yaml': 'resources: [objects.yaml]\n',
    'base/objects.yaml': text,
    'top/kustomization.yaml': `resources: [../base]\n${steps}`,
  }));
  for (const files of trees.slice(1, 3))
    expect(buildKustomization(treeOf(files), top, { profile: '5.8' })).toHaveProperty('objects');
  expect(new Set(texts).size).toBe(3);
  expectSame(trees, '5.8', subject);
});

test('a change that a build has missed is seen with the next one', () => {
  const cache = new BuildCache();
  const built = (value: string, root: string): string => {
    const files: Files = {
      'base/kustomization.yaml': 'resources: [objects.yaml]\n',
      'base/objects.yaml': map
        .replace('a: one', `a: ${value}`)
        .replace('b: one', `b: ${value === 'one' ? 'one' : 'two'}`),
      'top/kustomization.yaml': 'resources: [../base]\nnamePrefix: p-\n',
    };
    const tree = treeOf(files);
    const identified = { ...tree, identity: (path: string) => files[path] ?? tree.list(path)?.join() ?? '' };
    return JSON.stringify(buildKustomization(identified, root, { cache }));
  };
  expect(built('one', top)).toContain('"a":"one","b":"one"');
  expect(built('two', 'base')).toContain('"a":"two","b":"two"');
  expect(built('three', top)).toContain('"a":"three","b":"two"');
});
