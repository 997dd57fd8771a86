import { describe, expect, test } from 'vitest';
import { buildKustomization, treeOf } from './index.ts';
import { above, built, transformer, type Files } from './testing/built.ts';

// Small trees that once gave something else here than with kustomize: found by `npm run fuzz`, the texts are kustomize's.

describe('collections in brackets and braces', () => {
  test('hold no question mark without quotes', () => {
    const thing = (urls: string): Files => above(`kind: Thing\nmetadata:\n  name: a\nurls: ${urls}\n`, '');
    expect(built(thing('[https://a.example/?q=1]'))).toBe(
      "refused: the YAML cannot be read: did not find expected ',' or ']'",
    );
    expect(built(thing('{ a: b?c }'), '5.8')).toContain('refused: ');
    expect(built(thing('["a?b"]'))).toContain('- a?b\n');
    expect(built(thing('\n- a?b'))).toContain('- a?b\n');
    expect(built(above('kind: Thing\nmetadata:\n  name: a\n', 'commonAnnotations: { a: b?c }\n'))).toContain(
      'refused: ',
    );
  });

  test('keep the text of a time, while a date and a time in a block become RFC 3339', () => {
    const text = built(
      above(
        'kind: Thing\nmetadata:\n  name: a\ninside: { time: 2001-12-14t21:59:43.10-05:00, day: 2001-1-1 }\noutside: 2001-12-14t21:59:43.10-05:00\n',
        '',
      ),
    );
    expect(text).toContain('  day: "2001-01-01T00:00:00Z"\n  time: "2001-12-14t21:59:43.10-05:00"\n');
    expect(text).toContain('outside: "2001-12-14T21:59:43.1-05:00"\n');
  });
});

describe('the configuration of a plugin', () => {
  test('with a key that is there twice is refused', () => {
    expect(built(transformer('kind: PrefixTransformer\nprefix: a-\nprefix: b-\n'))).toBe(
      'refused: the key "prefix" is there twice, first on line 5',
    );
  });

  test('may have a number for a text, but not where Go embeds a struct', () => {
    const prefixed = (spec: string): string =>
      built(transformer(`kind: PrefixTransformer\nprefix: 1\nfieldSpecs:\n- ${spec}\n`));
    expect(prefixed('path: metadata/name')).toContain('name: 1a\n');
    expect(prefixed('{ path: metadata/name, kind: 31 }')).toBe('refused: fieldSpecs[0].kind must be text');
  });
});

describe('a generator that merges', () => {
  const merge = 'behavior: merge, literals: [new=1]';

  test('makes an empty text of a null', () => {
    const config = above(
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  old: null\n',
      `configMapGenerator: [{ name: a, ${merge} }]\n`,
    );
    expect(built(config)).toContain('data:\n  new: "1"\n  old: ""\n');
  });

  test('takes the stringData of a Secret over since 5.8, and loses it before', () => {
    const secret = above(
      'apiVersion: v1\nkind: Secret\nmetadata:\n  name: a\ndata:\n  k: YQ==\nstringData:\n  k: x\n  none: null\n',
      `secretGenerator: [{ name: a, ${merge} }]\n`,
    );
    expect(built(secret)).toContain('data:\n  k: YQ==\n  new: MQ==\nkind');
    expect(built(secret, '5.8')).toContain('data:\n  k: eA==\n  new: MQ==\n  none: ""\nkind');
    const odd = above(
      'apiVersion: v1\nkind: Secret\nmetadata:\n  name: a\nstringData:\n  k: [x]\n',
      `secretGenerator: [{ name: a, ${merge} }]\n`,
    );
    expect(built(odd, '5.8')).toBe('refused: stringData holds a value that is no text');
  });
});

test('a name that a patch takes away cannot be given back by a prefix', () => {
  const patch = 'patches:\n- target: { kind: Thing }\n  patch: "- { op: replace, path: /metadata/name }"\n';
  const files = above('kind: Thing\nmetadata:\n  name: a\n', patch, {
    'top/kustomization.yaml': 'resources: [../over]\nnamePrefix: p-\n',
  });
  const result = buildKustomization(treeOf(files), 'top');
  expect('errors' in result && result.errors[0]?.message).toBe(
    'Thing has names that cannot be told apart: "a", ""',
  );
});

describe('a replacement', () => {
  const copied = (from: string, more: string): string =>
    built(
      above(
        'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  labels: { x: "1" }\ndata:\n  text: a-b\n  number: 5\n  map: { m: n }\n',
        `replacements:\n- source: { kind: ConfigMap, fieldPath: ${from} }\n  targets:\n  - select: { kind: ConfigMap }\n    ${more}\n`,
      ),
    );

  test('of a scalar by a collection leaves nothing, for a collection has no text', () => {
    expect(copied('metadata.labels', 'fieldPaths: [data.text]')).toContain('  text: ""\n');
    expect(copied('metadata.labels', 'fieldPaths: [data.number]')).toContain('refused: ');
    expect(copied('metadata.labels', 'fieldPaths: [data.map]')).toContain('  map:\n    x: "1"\n');
  });

  test('with a delimiter needs a scalar to write to', () => {
    const options = (path: string): string =>
      `fieldPaths: [${path}]\n    options: { delimiter: "-", index: 1, create: true }`;
    expect(copied('metadata.labels', options('data.text'))).toContain('  text: a-\n');
    for (const path of ['data.map', 'data.new'])
      expect(copied('metadata.labels', options(path))).toBe('refused: a delimiter needs a scalar target');
  });
});

describe('behind a component', () => {
  const component = (fields: string): Files => ({
    'part/kustomization.yaml': `apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n${fields}`,
  });

  test('a prefix for one kind keeps out that for all kinds', () => {
    const files = above('kind: Thing\nmetadata:\n  name: a\n', 'components: [../part]\nnamePrefix: p-\n', {
      ...component('configurations: [config.yaml]\n'),
      'part/config.yaml': 'namePrefix: [{ path: metadata/name, kind: Other }]\n',
    });
    expect(built(files)).toBe('kind: Thing\nmetadata:\n  name: a\n');
  });

  test('two objects of one id are refused, though a generator would make names of them later', () => {
    const files = above(
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n',
      'configMapGenerator: [{ name: b }]\ncomponents: [../part]\n',
      component(
        'patches: [{ target: { kind: ConfigMap }, patch: "- { op: replace, path: /metadata/name, value: x }" }]\n',
      ),
    );
    expect(built(files)).toContain('refused: ConfigMap x is there twice');
  });
});

test('the note of an origin quotes a name that looks like a boolean', () => {
  const files = above(
    'kind: Thing\nmetadata:\n  name: a\n',
    'generators: [g.yaml]\nbuildMetadata: [originAnnotations]\n',
    {
      'over/g.yaml': 'apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata:\n  name: "true"\n',
    },
  );
  expect(built(files)).toContain('        name: "true"\n');
});

test('a merge patch for an object without an apiVersion merges its lists by no key', () => {
  const patch =
    'patches:\n- target: { name: a }\n  patch: |\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata: { name: a }\n    spec: { template: { spec: { containers: [{ name: new }] } } }\n';
  const files = above(
    'kind: Deployment\nmetadata:\n  name: a\nspec:\n  template:\n    spec:\n      containers: [{ name: old }]\n',
    patch,
  );
  expect(built(files)).toContain('      containers:\n      - name: new\n');
  expect(built(files)).not.toContain('old');
});

describe('texts and numbers', () => {
  test('a number takes the place of a text that took the place of a number, without quotes', () => {
    const files = above(
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  k: 0x1F\n',
      'patches:\n- patch: |\n    apiVersion: v1\n    kind: ConfigMap\n    metadata: { name: a }\n    data: { k: "a: b" }\n- patch: |\n    apiVersion: v1\n    kind: ConfigMap\n    metadata: { name: a }\n    data: { k: 0o17 }\n',
    );
    expect(built(files)).toContain('  k: 15\n');
  });

  test('a note of a transformer makes texts of all annotations, one of the origin does not', () => {
    const object = 'kind: Thing\nmetadata:\n  name: a\n  annotations:\n    note: 0o17\n';
    const patch = 'patches:\n- target: {}\n  patch: |\n    - { op: add, path: /more, value: 1 }\n';
    const noted = above(object, `buildMetadata: [transformerAnnotations]\n${patch}`);
    const prefixed = { 'base/kustomization.yaml': 'resources: [object.yaml]\nnamePrefix: b\n' };
    expect(built({ ...noted, ...prefixed })).toContain('note: "0o17"\n');
    expect(built(noted)).toContain('note: "15"\n');
    expect(built(above(object, patch))).toContain('note: "15"\n');
  });

  test('a configuration may have a number for a path, written as Go writes it', () => {
    const files = above(
      'kind: Thing\nmetadata:\n  name: a\n',
      'configurations: [c.yaml]\nnamespace: team\n',
      {
        'over/c.yaml': 'namespace: [{ path: 1e-7, create: true }]\n',
      },
    );
    expect(built(files)).toContain('"1e-07": team\n');
  });
});

test('a label of several lines is the same in every field that it is put into', () => {
  const label = 'labels:\n- pairs:\n    app: |\n      kept\n       deeper\n  includeTemplates: true\n';
  const text = built(above('kind: Deployment\nmetadata:\n  name: a\n', label));
  expect(text.match(/app: \|\n +kept\n +deeper\n/g)).toHaveLength(2);
});

test('a generated object whose name a patch makes a mapping is refused', () => {
  const patch =
    'patches:\n- target: { kind: ConfigMap }\n  patch: "- { op: add, path: /metadata/name, value: {} }"\n';
  const files = above('kind: Thing\nmetadata:\n  name: a\n', `configMapGenerator: [{ name: b }]\n${patch}`);
  expect(built(files)).toBe('refused: ConfigMap has names that cannot be told apart: "b", ""');
});

describe('annotations that kustomize remembers in', () => {
  const labels = 'labels:\n- pairs: { app: x }\n  fields: [{ path: metadata/annotations }]\n';

  test('are there for a field that is not created', () => {
    const object = 'kind: Thing\nmetadata:\n  name: a\n';
    expect(built(above(object, labels))).not.toContain('annotations');
    const renamed = above(object, labels, {
      'base/kustomization.yaml': 'resources: [object.yaml]\nnamePrefix: p-\n',
    });
    expect(built(renamed)).toContain('  annotations:\n    app: x\n  labels:\n    app: x\n');
  });

  test('are written anew for a note, and share their texts with labels no longer', () => {
    const more = `${labels}- pairs: { app: web }\nbuildMetadata: [transformerAnnotations]\n`;
    const text = built(above('kind: Thing\nmetadata:\n  name: a\n', more));
    expect(text).toContain('    app: x\n  labels:\n    app: web\n');
  });
});

test('of a key that is there twice with nothing behind it, a merge takes away the first', () => {
  const object = 'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: a\nspec:\nspec:\n';
  const patch =
    'patches:\n- patch: |\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata: { name: a }\n';
  expect(built(above(object, ''))).toContain('the key "spec" is there twice');
  expect(built(above(object, patch))).toContain('spec: null\n');
});

describe('files that kustomize refuses', () => {
  const object = 'kind: Thing\nmetadata:\n  name: a\n';

  test('are definitions that start with a brace and are no JSON', () => {
    const files = above(object, 'crds: [crd.yaml]\n', { 'over/crd.yaml': '{ a: { Schema: {} } }\n' });
    expect(built(files)).toContain('refused: the definitions cannot be read');
    expect(built({ ...files, 'over/crd.yaml': 'a: { Schema: {} }\n' })).toBe(object);
  });

  test('are schemas in JSON that say something twice', () => {
    const schema = '{"definitions": {"a": {"type": "object", "type": "object"}}}\n';
    const files = above(object, 'openapi: { path: schema.json }\n', { 'over/schema.json': schema });
    expect(built(files)).toContain('refused: the key "type" is there twice');
    const yaml = 'definitions:\n  a: { type: object }\n  a: { type: object }\n';
    expect(built({ ...files, 'over/schema.json': yaml })).toBe(object);
  });

  test('are documents that start with their end', () => {
    expect(built(above(`${object}---\n...\n${object}`, ''))).toBe(
      'refused: the YAML cannot be read: a document cannot start with its end (...)',
    );
  });

  test('are configurations that contradict themselves, whatever the defaults say', () => {
    const path = 'path: spec/template/metadata/labels';
    const config = `templateLabels: [{ ${path}, create: true }, { ${path}, kind: Service }]\n`;
    expect(built(above(object, 'configurations: [c.yaml]\n', { 'over/c.yaml': config }))).toContain(
      'disagree about create',
    );
  });

  test('are role bindings with a subject whose kind is no text', () => {
    const binding = (kind: string): string =>
      `apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata:\n  name: a\nsubjects:\n- { kind: ${kind}, name: b, namespace: c }\n`;
    expect(built(above(binding('User'), ''))).toContain('- kind: User\n');
    expect(built(above(binding('5'), ''))).toContain('has a kind that is no text');
  });
});

test('a plugin in the kustomization loads the built-in schema, on which a schema of a component is put', () => {
  const files = above(
    'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: a\n',
    'components: [../part]\ngenerators:\n- |\n  apiVersion: builtin\n  kind: IAMPolicyGenerator\n  metadata: { name: x }\n  cloud: gke\n  kubernetesService: { name: ksa }\n  serviceAccount: { name: gsa, projectId: p }\npatches:\n- patch: |\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata: { name: a }\n    spec: { template: { spec: { containers: [{ name: b, $patch: delete }] } } }\n',
    {
      'part/kustomization.yaml':
        'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nopenapi: { path: schema.yaml }\n',
      'part/schema.yaml': 'definitions:\n',
    },
  );
  expect(built(files)).toContain('containers: []\n');
});

test('a patch refuses a key that is a mapping, as a template of Helm is read, and does not clean it away', () => {
  const template = 'kind: Thing\nmetadata:\n  name: a\nspec: { a: {{ x }} }\n';
  const patch = 'patches: [{ patch: "{ kind: Thing, metadata: { name: a, labels: { b: c } } }" }]\n';
  expect(built(above(template, patch))).toBe(
    'refused: the patch does not fit Thing a at spec.a: a key must be text, this one is a collection',
  );
  expect(built(above(template, ''))).toContain('a key must be text');
});

test('a patch refuses an empty key, in the object and in itself, unless all of it goes', () => {
  const thing = (spec: string) => `kind: Thing\nmetadata:\n  name: a\nspec: ${spec}\n`;
  const patched = (object: string, patch: string) =>
    built(above(object, `patches:\n- patch: |\n    ${thing(patch).replaceAll('\n', '\n    ')}\n`));
  const refused = 'refused: the patch does not fit Thing a at spec: a key is empty';
  expect(patched(thing('{ "": b }'), '{ c: d }')).toBe(refused);
  expect(patched(thing('{ c: d }'), '{ "": null }')).toBe(refused);
  expect(patched(thing('{ c: d }'), '{ x: { "": e } }')).toContain('at spec.x: a key is empty');
  expect(patched(thing('{ "": b }'), '{ $patch: replace, c: d }')).toContain('spec:\n  c: d\n');
  expect(patched(thing('{ "": b }'), 'null')).not.toContain('spec');
});
