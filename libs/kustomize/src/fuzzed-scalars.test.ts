import { describe, expect, test } from 'vitest';
import { above, built, transformer, type Files } from './testing/built.ts';

// As fuzzed-texts.test.ts, about scalars that one step writes with neither quotes nor tag and a later one meets.

const thing = 'kind: Thing\nmetadata:\n  name: web\nsize: 80\n';
const patch = (text: string, more = ''): string =>
  `patches:\n- patch: |\n    ${text.trimEnd().replaceAll('\n', '\n    ')}\n${more}`;
const replacement = (from: string, target: string): string =>
  `replacements:\n- source: { kind: Thing, fieldPath: ${from} }\n  targets:\n  - ${target}\n`;
const onto = (paths: string, options = ''): string =>
  `{ select: { kind: Thing }, fieldPaths: [${paths}]${options} }`;

/** A base with fields of its own, and fields above it. */
const twice = (object: string, below: string, fields: string): Files => ({
  ...above(object, fields),
  'base/kustomization.yaml': `resources: [object.yaml]\n${below}`,
});

describe('a replacement', () => {
  test('of a name that got a suffix or was put back after a patch is what it looks like', () => {
    const number = replacement('size', onto('metadata.name'));
    expect(built(above(thing, number))).toContain('  name: "80"\n');
    expect(built(above(thing, `nameSuffix: -a\n${number}`))).toContain('  name: 80\n');
    const patched = patch('kind: Thing\nmetadata: { name: x }', '  target: { kind: Thing }\n');
    expect(built(above(thing, patched + number))).toContain('  name: 80\n');
    const quoted = thing.replace('web', '"web"');
    expect(built(above(quoted, `nameSuffix: -a\n${number}`))).toContain('  name: "80"\n');
  });

  test('leaves the quotes of what it is put over, and none where it made the field', () => {
    const text = `${thing}text: "5"\nlist: "- x"\n`;
    const number = patch('kind: Thing\nmetadata: { name: web }\ntext: 1.0\nmade: 1.0');
    const pieces = replacement('kind', onto('text', ', options: { delimiter: "-", index: 1 }'));
    expect(built(twice(text, pieces, number))).toContain('text: "1.0"\n');
    const made = replacement('list', onto('made', ', options: { create: true }'));
    expect(built(twice(text, made, number))).toContain('made: 1\n');
  });

  test('of what a replacement made is what it looks like', () => {
    const made = replacement('metadata.name', onto('spec.text', ', options: { create: true }'));
    expect(built(twice(thing, made, replacement('size', onto('spec.text'))))).toContain('  text: 80\n');
  });

  test('that changes its own source copies the changed one from then on', () => {
    const joined = onto('kind, size', ', options: { delimiter: "-", index: 1 }');
    const text = built(above(thing.replace('80', '"80"'), replacement('kind', joined)));
    expect(text).toContain('kind: Thing-Thing\n');
    expect(text).toContain('size: 80-Thing-Thing\n');
  });

  test('copies a piece of its source as it was', () => {
    const files = above(
      thing,
      'replacements:\n- source: { kind: Thing, fieldPath: kind, options: { delimiter: g } }\n  targets:\n  - { select: { kind: Thing }, fieldPaths: [kind, metadata.name] }\n',
    );
    expect(built(files)).toBe('kind: Thin\nmetadata:\n  name: Thin\nsize: 80\n');
  });
});

describe('a merge', () => {
  const more = (value: string): string => patch(`kind: Thing\nmetadata: { name: web }\nmore: ${value}`);

  test('puts a new text in quotes that YAML 1.1 takes for something else, and a later value gets them', () => {
    expect(built(twice(thing, more('No'), more('0x1F')))).toContain('more: "0x1F"\n');
    expect(built(twice(thing, more('{ deep: No }'), more('{ deep: 0x1F }')))).toContain('  deep: "0x1F"\n');
    for (const text of ['Nay', '1:20'])
      expect(built(twice(thing, more(text), more('0x1F')))).toContain('more: 31\n');
  });

  test('puts an old text in quotes that YAML 1.1 takes for something else when it passes it', () => {
    const object = `${thing}old: No\n`;
    const five = patch('kind: Thing\nmetadata: { name: web }\nold: 5');
    expect(built(above(object, five))).toContain('old: 5\n');
    expect(built(twice(object, more('x'), five))).toContain('old: "5"\n');
    const nested = `${thing}more: { old: No }\n`;
    expect(
      built(twice(nested, patch('kind: Thing\nmetadata: { name: web }\nx: 1'), more('{ old: 5 }'))),
    ).toContain('  old: "5"\n');
  });

  test('of a number into quotes leaves a tag that a text, written over it later, does not fit', () => {
    const quoted = `${thing}text: "x"\n`;
    const seven = patch('kind: Thing\nmetadata: { name: web }\ntext: 7');
    const kind = (path: string): string => replacement(path, onto('text'));
    expect(built(twice(quoted, seven, ''))).toContain('text: "7"\n');
    expect(built(twice(quoted, seven, kind('size')))).toContain('text: "80"\n');
    const half = patch('kind: Thing\nmetadata: { name: web }\ntext: .5');
    expect(built(twice(quoted, half, kind('size')))).toContain('text: 80\n');
    expect(built(twice(quoted, seven, kind('kind')))).toContain('the value does not fit its tag !!int');
    const replicas =
      'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec: { replicas: "2" }\n';
    const named =
      'replacements:\n- source: { kind: Deployment }\n  targets: [{ select: { kind: Deployment }, fieldPaths: [spec.replicas] }]\n';
    expect(built(twice(replicas, 'replicas: [{ name: web, count: 3 }]\n', ''))).toContain('replicas: "3"\n');
    expect(built(twice(replicas, 'replicas: [{ name: web, count: 3 }]\n', named))).toContain('!!int');
  });

  test('puts in quotes what it passes without quotes and tag', () => {
    const files = transformer(
      'kind: ValueAddTransformer\nvalue: "0777"\ntargets: [{ fieldPath: spec/text }]\n',
    );
    expect(built(files)).toContain('  text: 511\n');
    const passed = {
      ...files,
      'top/kustomization.yaml': `resources: [../over]\n${patch('kind: Thing\nmetadata: { name: a }', '  target: { kind: Thing }\n')}`,
    };
    expect(built(passed, '5.5', 'top')).toContain('  text: "0777"\n');
  });

  test('of a generator writes the old name without quotes unless its own has some', () => {
    const object = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`;
    const generator = (name: string): string => `configMapGenerator: [{ name: ${name}, behavior: merge }]\n`;
    const prefix = 'namePrefix: "1"\n';
    expect(built(twice(object('"7"'), prefix, generator('"7"')))).toContain('  name: "17"\n');
    expect(built(twice(object('a'), 'namespace: "true"\n', generator('a')))).toContain(
      '  namespace: "true"\n',
    );
  });
});

describe('configuration where Go embeds a struct', () => {
  test('has no numbers and booleans for texts', () => {
    const references = above(thing, 'configurations: [config.yaml]\n', {
      'over/config.yaml': 'nameReference: [{ kind: y }]\n',
    });
    expect(built(references)).toContain('kind must be text');
    const iam =
      'kind: IAMPolicyGenerator\ncloud: gke\nkubernetesService: { name: a }\nserviceAccount: { name: b, projectId: 1 }\n';
    expect(
      built({
        'over/kustomization.yaml': 'generators: [plugin.yaml]\n',
        'over/plugin.yaml': `apiVersion: builtin\nmetadata: { name: x }\n${iam}`,
      }),
    ).toBe('refused: serviceAccount.projectId must be text');
    const copying =
      'kind: ReplacementTransformer\nreplacements: [{ sourceValue: 1e3, targets: [{ select: { kind: X } }] }]\n';
    expect(built(transformer(copying), '5.8')).toContain('sourceValue must be text');
  });
});

test('a validator refuses two objects of one id, which a replacement may make', () => {
  const other = 'kind: Thing\nmetadata:\n  name: other\n';
  const validator =
    'validators: ["{ apiVersion: builtin, kind: PrefixTransformer, metadata: { name: x }, prefix: a, fieldSpecs: [{ path: none }] }"]\n';
  const same =
    'replacements:\n- source: { kind: Thing, name: web, fieldPath: kind }\n  targets: [{ select: { kind: Thing } }]\n';
  expect(built(above(`${thing}---\n${other}`, same + validator))).toContain(
    'refused: there are several objects Thing Thing',
  );
  expect(built(above(`${thing}---\n${other}`, validator))).toContain('name: other\n');
});

test('a list with a key that is there twice is refused, though it may be empty', () => {
  const list = 'apiVersion: v1\napiVersion: v1\nkind: PodList\nitems: []\n';
  const refusal = 'refused: the list cannot be taken apart: the key "apiVersion" is there twice';
  expect(built(above(list, ''))).toContain(refusal);
  const item = '{ apiVersion: v1, apiVersion: v1, kind: Pod, metadata: { name: a } }';
  expect(built(above(`apiVersion: v1\nkind: PodList\nitems: [${item}]\n`, ''))).toContain(refusal);
});
