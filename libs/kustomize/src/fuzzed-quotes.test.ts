import { describe, expect, test } from 'vitest';
import { above, built, transformer, type Files } from './testing/built.ts';

// As fuzzed-texts.test.ts, about the quotes that a step puts around texts: a value that a later patch puts there gets them.

const named = (metadata: string, data = ''): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a, ${metadata} }\n${data}`;
const patch = (text: string, more = ''): string =>
  `patches:\n- patch: |\n    ${text.trimEnd().replaceAll('\n', '\n    ')}\n${more}`;
const config = named('labels: { old: x }');
const chosen = '  target: { kind: ConfigMap }\n';

/** A kustomization, and one above it. */
const twice = (below: string, fields: string, object = config): Files => ({
  ...above(object, fields),
  'base/kustomization.yaml': `resources: [object.yaml]\n${below}`,
});

describe('a number that a patch puts in the place', () => {
  const odd = `{ day: '2001-01-01', empty: '', quoted: "'q'", mapping: 'a: b', number: '5', word: x }`;
  const keys = ['day', 'empty', 'quoted', 'mapping', 'number', 'word'];
  const ones = `{ ${keys.map((key) => `${key}: 1.0`).join(', ')} }`;
  const asText = ['mapping: "1.0"', 'number: "1.0"'];
  const asNumber = ['day: 1\n', 'empty: 1\n', 'quoted: 1\n', 'word: 1\n'];

  test('of a label of labels is one, unless YAML 1.1 takes the label for no text', () => {
    const text = built(twice(`commonLabels: ${odd}\n`, patch(named(`labels: ${ones}`))));
    for (const part of [...asText, ...asNumber]) expect(text).toContain(`    ${part}`);
  });

  test('of a label in several fields is a text where the first one had quotes', () => {
    const deployment = (labels: string): string =>
      `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: a, labels: { ${labels} } }\n`;
    const five = "commonLabels: { team: '5' }\n";
    const day = patch(deployment('team: 2001-01-01'));
    const layers = (fields: string): Files => ({
      ...twice(five, fields, deployment('old: x')),
      'top/kustomization.yaml': `resources: [../over]\n${day}`,
    });
    const text = built(layers("commonLabels: { team: '2001-01-01' }\n"), '5.5', 'top');
    expect(text).toContain('    matchLabels:\n      team: "2001-01-01"\n');
  });

  test('of the data of a generator is one, unless YAML 1.1 takes the data for no text', () => {
    const literals = `[day=2001-01-01, empty=, "quoted='q'", "mapping=a: b", number=5, word=x]`;
    const generator = `configMapGenerator: [{ name: a, behavior: merge, literals: ${literals} }]\n`;
    const text = built(twice(generator, patch(named('', `data: ${ones}`))));
    for (const part of [...asText, ...asNumber]) expect(text).toContain(`  ${part}`);
  });

  test('of a label that a generator sets is a text', () => {
    const generator =
      'configMapGenerator: [{ name: b, options: { disableNameSuffixHash: true, labels: { word: x } } }]\n';
    const one = patch('apiVersion: v1\nkind: ConfigMap\nmetadata: { name: b, labels: { word: 1.0 } }\n');
    expect(built(twice(generator, one))).toContain('word: "1.0"\n');
  });

  test('of a label in quotes that a patch with a target has set is one', () => {
    const set = patch(named('labels: { new: "x", day: "2001-01-01", five: 5 }'), chosen);
    const text = built(twice(set, patch(named('labels: { new: 1.0, day: 1.0, five: 1.0 }'))));
    for (const part of ['new: 1\n', 'day: 1\n', 'five: "1.0"\n']) expect(text).toContain(`    ${part}`);
  });
});

describe('of labels and annotations that are there twice the last ones count', () => {
  test('where kustomize reads and writes them', () => {
    const repeated =
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  annotations:\n    a: "1"\n    a: "2"\n';
    expect(built(above(repeated, ''))).toContain('    a: "2"\n');
    const labels = patch(
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  labels:\n    b: one\n    b: two\n',
      chosen,
    );
    expect(built(above(config, labels))).toContain('    b: two\n');
  });
});

describe('a patch with a target', () => {
  const toVersion =
    'replacements:\n- source: { kind: ConfigMap, fieldPath: data.n }\n  targets:\n  - { select: { kind: ConfigMap }, fieldPaths: [apiVersion] }\n';
  const object = named('', 'data: { n: 801 }\n');

  test('leaves an apiVersion that is what a replacement writes over it', () => {
    expect(built(above(object, toVersion))).toContain('apiVersion: "801"\n');
    expect(built(above(object, patch(named(''), chosen) + toVersion))).toContain('apiVersion: 801\n');
  });

  test('leaves an apiVersion that is the word null, which is a version of its own', () => {
    const thing = 'kind: Thing\nmetadata: { name: a }\n';
    const operations = patch('- { op: add, path: /x, value: 1 }', '  target: { kind: Thing }\n');
    const set = patch(thing, '  target: { kind: Thing }\n');
    const base = `${set}${operations.replace('patches:\n', '')}${set.replace('patches:\n', '')}`;
    const byId = (apiVersion: string): string => patch(`${apiVersion}${thing}z: 2\n`);
    expect(built(twice(base, byId('apiVersion: "null"\n'), thing))).toContain('z: 2\n');
    expect(built(twice(base, byId(''), thing))).toContain('fits no object');
  });

  test('makes an apiVersion where there is none, which later patches leave', () => {
    const thing = 'kind: Thing\nmetadata: { name: a }\n';
    const files = twice(patch(thing, '  target: { kind: Thing }\n'), patch(`${thing}x: 1\n`), thing);
    expect(built(files)).toBe('apiVersion: null\nkind: Thing\nmetadata:\n  name: a\nx: 1\n');
  });
});

test('a JSON patch copies the notes about origins, and annotations as they are written', () => {
  const copied = patch('- { op: copy, from: /metadata/annotations, path: /copy }', chosen);
  const object = named('annotations: { note: 5 }');
  const text = built(twice(copied, 'buildMetadata: [originAnnotations]\n', object), '5.8');
  expect(text).toContain('copy:\n  config.kubernetes.io/origin: |\n    path: ../base/object.yaml\n');
  expect(text).toContain('  note: 5\n');
});

test('annotations in a list are read as keys and values that take turns', () => {
  const listed = (list: string): string =>
    built(above(config, patch(`- { op: add, path: /metadata/annotations, value: ${list} }`, chosen)));
  expect(listed('[a, 1]')).toContain('  annotations:\n    a: "1"\n');
  expect(listed('[a, 1, b]')).toContain('on which kustomize crashes');
});

test('a replacement that copies metadata copies what kustomize remembers there', () => {
  const thing = 'kind: Thing\nmetadata: { name: a }\n---\nkind: Thing\nmetadata: { name: b }\n';
  const copied =
    'replacements:\n- source: { name: pre-a, fieldPath: metadata }\n  targets: [{ select: { name: b }, fieldPaths: [copy], options: { create: true } }]\n';
  expect(built(twice('namePrefix: pre-\n', copied, thing))).toContain(
    'copy:\n  annotations:\n    internal.config.kubernetes.io/prefixes: pre-\n    internal.config.kubernetes.io/previousKinds: Thing\n',
  );
});

test('a replacement copies what kustomize remembers on from its source after it wrote into it', () => {
  const thing = 'kind: Thing\nmetadata: { name: a }\n---\nkind: Thing\nmetadata: { name: b }\n';
  const copied =
    'replacements:\n- source: { name: pre-a, fieldPath: metadata }\n  targets: [{ select: { kind: Thing }, fieldPaths: [copy], options: { create: true } }]\n';
  const texts = built(twice('namePrefix: pre-\n', copied, thing)).split('---\n');
  expect(texts).toHaveLength(2);
  for (const text of texts) expect(text).toContain('    internal.config.kubernetes.io/prefixes: pre-\n');
});

test('a replacement that writes a text over annotations makes kustomize forget the old name', () => {
  const written = (path: string): string =>
    `replacements:\n- source: { kind: ConfigMap, fieldPath: kind }\n  targets: [{ select: { kind: ConfigMap }, fieldPaths: [${path}] }]\nvars: [{ name: NAME, objref: { kind: ConfigMap, name: a, apiVersion: v1 } }]\n`;
  const object = named('annotations: { note: x }');
  const above = (path: string): string => built(twice('namePrefix: pre-\n', written(path), object));
  expect(above('metadata.annotations.note')).toContain('    note: ConfigMap\n');
  expect(above('metadata.annotations')).toMatch(/^refused: .*NAME/);
});

test('a generated object has annotations whether it wants a hash or not', () => {
  const files: Files = {
    'over/kustomization.yaml':
      'configMapGenerator: [{ name: a, options: { disableNameSuffixHash: true } }]\nlabels:\n- { pairs: { team: x }, fields: [{ path: metadata/annotations }] }\n',
  };
  expect(built(files)).toContain('  annotations:\n    team: x\n');
});

test('a generator does not replace an object that was of its kind once', () => {
  const away = patch('- { op: add, path: /kind, value: Other }', chosen);
  const generator = 'configMapGenerator: [{ name: a, behavior: replace }]\n';
  expect(built(twice(away, generator))).toContain('there is nothing to replace');
});

test('a namespace of digits that a field spec wrote without quotes is a number once a reference is written there', () => {
  const webhook = (namespace: string) =>
    `apiVersion: v1\nkind: Service\nmetadata: { name: svc, namespace: sys }\n---\napiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\nmetadata: { name: v }\nwebhooks:\n- name: w.x\n  clientConfig:\n    service:\n      name: svc\n      namespace: ${namespace}\n`;
  const files = (namespace: string) =>
    above(webhook(namespace), 'namespace: "123"\nconfigurations: [c.yaml]\n', {
      'over/c.yaml':
        'namespace: [{ kind: ValidatingWebhookConfiguration, path: webhooks/clientConfig/service/namespace, create: true }]\n',
    });
  expect(built(files('sys'))).toContain('      namespace: 123\n');
  expect(built(files('"sys"'))).toContain('      namespace: "123"\n');
});

test('an annotation that is new to a field has the quotes of the field that it is written over last', () => {
  const object = (quoted: string): string =>
    `kind: Thing\nmetadata:\n  name: a\n  annotations: { note: ${quoted} }\n`;
  const files = (quoted: string, path: string): Files => ({
    ...transformer(
      `kind: AnnotationsTransformer\nannotations: { note: x }\nfieldSpecs: [{ path: spec, create: true }, ${path}{ path: metadata/annotations }]\n`,
    ),
    'base/object.yaml': object(quoted),
    'top/kustomization.yaml': `resources: [../over]\n${patch('kind: Thing\nmetadata: { name: a }\nspec: { note: true }')}`,
  });
  for (const path of ['', '{ path: copy, create: true }, ']) {
    expect(built(files('"y z"', path), '5.8', 'top')).toContain('spec:\n  note: "true"\n');
    expect(built(files('y', path), '5.8', 'top')).toContain('spec:\n  note: true\n');
  }
});

describe('a tag that is written before a value', () => {
  const spec = (fields: string): string => `kind: Thing\nmetadata: { name: a }\nspec: { ${fields} }\n`;
  const tagged = 'five: !!str 5, word: !!str yes, number: !!int 5, quoted: "5"';
  const sevens = 'five: 7, word: 7, number: 7, quoted: 7';
  const pass = 'z: 1';
  const patched = (object: string, ...patches: readonly string[]): string =>
    built(above(spec(object), `patches:\n${patches.map((each) => patch(spec(each)).slice(9)).join('')}`));
  const numbers = 'spec:\n  five: 7\n  number: 7\n  quoted: "7"\n  word: 7\n';

  test('keeps a merge that passes from putting quotes around it, which a later value would get', () => {
    expect(patched(tagged, pass, sevens)).toContain(numbers);
    expect(patched(tagged, 'number: "6"', pass, sevens)).toContain(numbers);
    expect(patched(pass, tagged, sevens)).toContain(numbers);
  });

  test('goes with its field', () => {
    const sixes = 'five: "6", number: "6", word: "6"';
    const text = patched(tagged, 'five: null, number: null, word: null', sixes, pass, sevens);
    expect(text).toContain('spec:\n  five: "7"\n  number: "7"\n  quoted: "7"\n  word: "7"\n');
  });
});

test('a patch with a target that may change kind and name leaves them without a tag', () => {
  const replaced = (kind: string, option: string, field: string): string =>
    built(
      above(
        `kind: ${kind}\nmetadata:\n  name: a\n`,
        `patches: [{ target: { kind: Thing }, options: { ${option}: true }, patch: '{ kind: Thing, metadata: { name: a } }' }]\nreplacements: [{ source: { kind: Five, fieldPath: five }, targets: [{ select: { kind: Thing }, fieldPaths: [${field}] }] }]\n`,
        {
          'base/kustomization.yaml': 'resources: [object.yaml, five.yaml]\n',
          'base/five.yaml': 'kind: Five\nmetadata:\n  name: five\nfive: "5"\n',
        },
      ),
    );
  expect(replaced('Thing', 'allowKindChange', 'kind')).toContain('kind: 5\n');
  expect(replaced('"Thing"', 'allowKindChange', 'kind')).toContain('kind: "5"\n');
  expect(replaced('Thing', 'allowNameChange', 'metadata.name')).toContain('  name: 5\n');
});
