import { expect, test } from 'vitest';
import { above, built } from './testing/built.ts';

// As fuzzed.test.ts, about what stands where something else belongs, and about values that are read within texts.

test('a mapping in place of a list of containers is none of its items', () => {
  const object =
    'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: a\nspec:\n  template:\n    spec:\n      containers:\n        ports:\n        - containerPort: 1\n        - containerPort: 1\n';
  const patch = 'patches: [{ target: { name: a }, patch: "{ kind: Deployment, metadata: { name: a } }" }]\n';
  expect(built(above(object, patch))).toBe(object);
});

test('a scalar of a patch brings its tag, also where the text is the same', () => {
  const pod = (image: string): string =>
    `apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n  containers:\n  - image: ${image}\n    name: a\n`;
  const text = (image: string): string =>
    built(
      {
        'base/kustomization.yaml': 'resources: [object.yaml]\nimages: [{ name: x, newTag: t }]\n',
        'base/object.yaml': pod('x:1'),
        'over/kustomization.yaml':
          'resources: [../base]\npatches: [{ path: patch.yaml }]\nreplacements: [{ sourceValue: "5", targets: [{ select: { kind: Pod }, fieldPaths: [spec.containers.*.image] }] }]\n',
        'over/patch.yaml': pod(image),
      },
      '5.8',
    );
  expect(text('x:t')).toContain('- image: "5"\n');
  expect(text('y:2')).toContain('- image: "5"\n');
});

test('a number that a text holds keeps its looks when something beside it changes', () => {
  const object = (env: string, app: string): string =>
    `data:\n  text: |-\n    labels: {env: ${env}}\n    app: ${app}\nkind: ConfigMap\nmetadata:\n  name: a\n`;
  const fields =
    'replacements: [{ source: { kind: ConfigMap }, targets: [{ select: { name: a }, fieldPaths: [data.text.app] }] }]\n';
  for (const env of ['+1', '007', '1.50', '0x1f', '.5'])
    expect(built(above(object(env, 'b'), fields), '5.8')).toBe(object(env, 'a'));
});

test('a null that a text holds is filled and stays, but not one that is not written', () => {
  const text = (k: string): string =>
    built(
      above(
        `data:\n  k: ${k}\nkind: ConfigMap\nmetadata:\n  name: a\n`,
        'replacements: [{ source: { kind: ConfigMap }, targets: [{ select: { name: a }, fieldPaths: [data.k.b], options: { create: true } }] }]\n',
      ),
      '5.8',
    );
  expect(text('"&and"')).toContain("k: '&and'\n");
  expect(text('"null"')).toContain('k: "null"\n');
  expect(text('"---"')).toContain('k: ""\n');
  expect(text('"# c"')).toContain('refused');
  expect(text('""')).toContain('refused');
});

test('a text in place of a number that a text holds has the tag of the number, and none in JSON, where it is not written', () => {
  const text = (held: string, path: string): string =>
    built(
      above(
        `data:\n  c: '${held}'\nkind: ConfigMap\nmetadata:\n  name: a\n`,
        `replacements: [{ source: { kind: ConfigMap }, targets: [{ select: { name: a }, fieldPaths: [data.c.${path}] }] }]\n`,
      ),
      '5.8',
    );
  for (const [tag, value] of [
    ['int', '5'],
    ['float', '1.5'],
    ['bool', 'true'],
    ['timestamp', '2001-01-01'],
  ])
    expect(text(`b: ${value}`, 'b')).toContain(`c: 'b: !!${tag} a'\n`);
  expect(text('{"b": 5}', 'b')).toContain(`c: '{"b": 5}'\n`);
});

test('a label that fields share is what it looks like once a prefix is written over it', () => {
  const label = (prefix: string): string =>
    built({
      'over/kustomization.yaml': `resources: [a.yaml]\ncommonLabels: { app: "" }\ntransformers: ['{ apiVersion: builtin, kind: PrefixTransformer, metadata: { name: p }, prefix: "${prefix}", fieldSpecs: [{ path: metadata/labels/app }] }']\n`,
      'over/a.yaml': 'apiVersion: apps/v1\nkind: StatefulSet\nmetadata: { name: a }\n',
    });
  expect(label('5')).toContain('      app: 5\n');
  expect(label('')).toContain('      app: null\n');
  expect(label('x')).toContain('      app: x\n');
});
