import type { LocatedError } from '@meridian/fleet';
import { describe, expect, test, vi } from 'vitest';
import { BuildCache, buildKustomization, resolveApplication, treeOf } from './index.ts';
import { readDocuments } from './values/read.ts';

// Millions of steps take their time on a machine that is busy.
vi.setConfig({ testTimeout: 120_000 });

type Files = { readonly [path: string]: string };

const map = (name: string, data = '{}'): string =>
  `{ apiVersion: v1, kind: ConfigMap, metadata: { name: ${name} }, data: ${data} }\n`;
const maps = (count: number, data?: string): string =>
  Array.from({ length: count }, (_, index) => map(`map-${index}`, data)).join('---\n');
const times = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join('');

/** What is refused of a kustomization, and by which file. */
function errorOf(kustomization: string, files: Files = {}): LocatedError {
  const built = buildKustomization(treeOf({ 'kustomization.yaml': kustomization, ...files }), '');
  if ('objects' in built) throw new Error('the build was accepted');
  return built.errors[0]!;
}

const resources = 'resources: [a.yaml]\n';

const app = {
  ...{ name: 'app', labels: {}, path: 'app', overlays: ['.'], placement: { matchLabels: {} } },
  ...{ namespace: 'ml', rolloutStrategy: 'plain' },
  syncPolicy: { prune: true, selfHeal: true, createNamespace: true, deletionBudget: 0 },
};

describe('a build that makes much of little', () => {
  const variable =
    'vars: [{ name: A, objref: { apiVersion: v1, kind: ConfigMap, name: a }, fieldref: { fieldpath: data.long } }]\n' +
    'configurations: [c.yaml]\n';
  const fields = { 'c.yaml': 'varReference: [{ path: data, kind: ConfigMap }]\n' };

  test('a var whose long value stands in a text again and again is refused with the field', () => {
    const long = map('a', `{ long: ${'x'.repeat(100_000)}, many: "${'$(A)'.repeat(200_000)}" }`);
    const error = errorOf(resources + variable, { ...fields, 'a.yaml': long });
    expect(error.message).toContain('make a text of more than 16777216 characters');
    expect(error.file).toBe('kustomization.yaml');
  });

  test('a var that stands in its own value many times is refused, not expanded', () => {
    const own = map('a', `{ long: "${'$(A)'.repeat(20_000)}" }`);
    expect(errorOf(resources + variable, { ...fields, 'a.yaml': own }).message).toContain('more than');
  });

  test('replacements that double a text are refused by the first one that goes too far', () => {
    const double = `- { source: { kind: ConfigMap, name: a, fieldPath: data.a }, targets: [{ select: { kind: ConfigMap },
      fieldPaths: [data.a], options: { delimiter: "-", index: -1 } }] }\n`;
    const error = errorOf(`${resources}replacements:\n${double.repeat(60)}`, {
      'a.yaml': map('a', '{ a: xxxxxxxx }'),
    });
    expect(error).toMatchObject({
      file: 'kustomization.yaml',
      field: 'replacements[20]',
      message: 'the replacement makes a text of more than 16777216 characters',
    });
  });

  const tooOften = 'the steps of the build go through its objects more than 2000000 times in all';
  const looks = 'the steps of the build look for fields of its objects more than 10000000 times in all';
  const configured = `${resources}configurations: [fields.yaml]\n`;
  const fieldsOf = (part: string, count: number, line: (index: number) => string) => ({
    'fields.yaml': `${part}:\n${times(count, line)}`,
  });

  test('thousands of fields of configurations in thousands of objects are refused by the step that looks for them', () => {
    const error = errorOf(`${configured}commonLabels: { a: b }\n`, {
      'a.yaml': maps(9_000),
      ...fieldsOf('commonLabels', 2_000, (index) => `- { path: data/none-${index} }\n`),
    });
    expect(error).toEqual({
      file: 'kustomization.yaml',
      line: 3,
      field: 'commonLabels',
      message: looks,
      fix: 'split the application, or name fewer fields in configurations',
    });
  });

  test.each([
    ['are made in one object', 'commonLabels', (index: number) => `- { path: a${index}/b, create: true }\n`],
    [
      'refer to names',
      'nameReference',
      (index: number) => `- { kind: Pod, fieldSpecs: [{ path: n${index} }] }\n`,
    ],
    ['hold vars', 'varReference', (index: number) => `- { path: n${index} }\n`],
  ])('tens of thousands of fields that %s are refused', (_what, part, line) => {
    const error = errorOf(`${configured}commonLabels: { a: b }\n`, {
      'a.yaml': maps(1_000),
      ...fieldsOf(part, 20_000, line),
    });
    expect(error).toMatchObject({ file: 'kustomization.yaml', message: looks });
  });

  test('one field after the other of an object that has a hundred thousand is refused', () => {
    const wide = map('a', `{ ${times(100_000, (index) => `k${index}: v,`)} }`);
    const error = errorOf(`${configured}namePrefix: x-\n`, {
      'a.yaml': wide,
      ...fieldsOf('namePrefix', 4_000, (index) => `- { path: data/k${index} }\n`),
    });
    expect(error).toMatchObject({ line: 3, field: 'namePrefix', message: looks });
  });

  const patch = (index: number) =>
    `- { patch: '[{ "op": "add", "path": "/data", "value": {} }]', target: { name: none-${index} } }\n`;

  test('hundreds of patches of thousands of objects are refused by the first one too many', () => {
    const error = errorOf(`${resources}patches:\n${times(300, patch)}`, { 'a.yaml': maps(9_000) });
    expect(error).toMatchObject({ line: 225, field: 'patches[222]', message: tooOften });
  });

  test.each([
    [
      'patches in one entry',
      `patches: [{ path: p.yaml }]\n`,
      { 'p.yaml': times(300, (index) => `${map(`map-${index}`, '{ a: b }')}---\n`) },
    ],
    [
      'replacements',
      `replacements:\n${times(150, () => '- { source: { kind: ConfigMap, name: map-0 }, targets: [{ select: { kind: Pod } }] }\n')}`,
      {},
    ],
  ])('hundreds of %s on thousands of objects are refused', (_what, kustomization, files) => {
    expect(errorOf(resources + kustomization, { 'a.yaml': maps(9_000), ...files })).toMatchObject({
      line: expect.any(Number) as number,
      message: tooOften,
    });
  });

  test('what a base went through counts, also when the base is known from an earlier build', () => {
    const tree = treeOf({
      'base/kustomization.yaml': `${resources}patches:\n${times(120, patch)}`,
      'base/a.yaml': maps(9_000),
      'kustomization.yaml': `resources: [base]\npatches:\n${times(120, patch)}`,
    });
    const cache = new BuildCache();
    expect(buildKustomization(tree, 'base', { cache })).toHaveProperty('objects');
    for (let round = 0; round < 2; round += 1)
      expect(buildKustomization(tree, '', { cache })).toMatchObject({
        errors: [{ file: 'kustomization.yaml', field: 'patches[102]', message: tooOften }],
      });
  });

  test('a generator for each of thousands of objects completes it without going through all of them', () => {
    const made = times(9_000, (i) => `- { name: map-${i}, behavior: merge, literals: [a=${i}] }\n`);
    const tree = treeOf({
      'kustomization.yaml': `${resources}configMapGenerator:\n${made}generatorOptions: { disableNameSuffixHash: true }\n`,
      'a.yaml': maps(9_000),
    });
    const built = buildKustomization(tree, '');
    if (!('objects' in built)) throw new Error(built.errors[0]?.message);
    expect(built.objects.map(({ fields }) => fields['data'])).toEqual(
      Array.from({ length: 9_000 }, (_, index) => ({ a: `${index}` })),
    );
  });

  test.each(['commonLabels', 'commonAnnotations'])('%s of megabytes on many objects are refused', (field) => {
    const entries = `${field}: { a: ${'x'.repeat(1_000_000)} }\n`;
    expect(errorOf(resources + entries, { 'a.yaml': maps(40) })).toMatchObject({
      line: 2,
      message: 'labels or annotations of 1000001 characters on 40 objects make more than 33554432',
    });
  });

  test('a replacement that would make twenty thousand levels is refused', () => {
    const deep = `replacements: [{ source: { kind: ConfigMap, name: a }, targets: [{ select: { kind: ConfigMap },
      fieldPaths: [${'a.'.repeat(20_000)}b], options: { create: true } }] }]\n`;
    expect(errorOf(resources + deep, { 'a.yaml': map('a') })).toMatchObject({
      field: 'replacements[0]',
      message: 'the path has more than 100 steps',
    });
  });

  test('replacements that nest a value into itself are refused when the nesting cannot be held any more', () => {
    const nest = `- { source: { kind: ConfigMap, name: a, fieldPath: data.t }, targets: [{ select: { kind: ConfigMap },
      fieldPaths: [${'data.t.'}${'n.'.repeat(90)}t], options: { create: true } }] }\n`;
    const error = errorOf(`${resources}replacements:\n${nest.repeat(400)}`, {
      'a.yaml': map('a', '{ t: { u: x } }'),
    });
    expect(error.message).toMatch(/beyond what can be held|steps|mapping|deeper/);
  });

  test('a generator that names a large file many times is refused', () => {
    const files = times(100, (index) => `  - k${index}=large\n`);
    const error = errorOf(`configMapGenerator:\n- name: a\n  files:\n${files}`, {
      large: 'x'.repeat(1_000_000),
    });
    expect(error).toMatchObject({
      field: 'configMapGenerator[0]',
      message: 'the generator collects more than 16777216 characters',
    });
  });

  test('a prefix of thousands of characters is refused, whether written at once or layer by layer', () => {
    expect(
      errorOf(`${resources}namePrefix: ${'p'.repeat(5_000)}\n`, { 'a.yaml': map('a') }).message,
    ).toContain('longer than 4096 characters');
    const layers: Record<string, string> = { 'l0/kustomization.yaml': resources, 'l0/a.yaml': maps(100) };
    for (let layer = 1; layer <= 60; layer += 1)
      layers[`l${layer}/kustomization.yaml`] =
        `resources: [../l${layer - 1}]\nnamePrefix: ${'p'.repeat(250)}\n`;
    expect(errorOf('resources: [l60]\n', layers).message).toContain('longer than 4096 characters');
  });

  test('a bundle of few lines and many megabytes is refused before it is written', () => {
    const annotation = (key: string) => `commonAnnotations: { ${key}: ${'x'.repeat(100_000)} }\n`;
    const files = {
      'app/kustomization.yaml': `resources: [base]\n${annotation('a')}`,
      'app/base/kustomization.yaml': `${resources}${annotation('b')}`,
      'app/base/a.yaml': maps(300),
    };
    const cluster = { name: 'east', labels: {} };
    expect(resolveApplication({ tree: treeOf(files), application: app, cluster })).toMatchObject({
      errors: [{ file: 'app', cluster: 'east', message: 'the bundle is larger than 33554432 bytes' }],
    });
  });

  test('an object that doubles with every operation of a base is refused for every cluster', () => {
    const copies = Array.from({ length: 40 }, (_, index) => ({
      op: 'copy',
      from: '/data',
      path: `/data/c${index}`,
    }));
    const files = {
      'app/kustomization.yaml': 'resources: [base]\n',
      'app/base/kustomization.yaml': `${resources}patches: [{ target: { kind: ConfigMap }, patch: '${JSON.stringify(copies)}' }]\n`,
      'app/base/a.yaml': map('a'),
    };
    const cache = new BuildCache();
    for (const name of ['east', 'west', 'north']) {
      const cluster = { name, labels: {} };
      const resolved = resolveApplication({ tree: treeOf(files), application: app, cluster, cache });
      expect(resolved).toMatchObject({ errors: [{ cluster: name }] });
    }
  });

  test('definitions that refer to each other twice on every level are refused', () => {
    const reference = (index: number) => ({ $ref: `D${index + 1}` });
    const definitions = Array.from({ length: 40 }, (_, index) => {
      const properties = { kind: {}, apiVersion: {}, metadata: {}, x: reference(index), y: reference(index) };
      return [`D${index}`, { Schema: { properties } }];
    });
    const error = errorOf(`${resources}crds: [c.json]\n`, {
      'a.yaml': map('a'),
      'c.json': JSON.stringify(Object.fromEntries(definitions)),
    });
    expect(error).toMatchObject({
      file: 'c.json',
      message: expect.stringContaining('more than 20000 fields'),
    });
  });

  test('a pattern of more than a thousand characters is refused with its field', () => {
    const error = errorOf(
      `${resources}patches: [{ patch: '[{ "op": "remove", "path": "/data" }]', target: { name: "${'(a|b)'.repeat(300)}" } }]\n`,
      { 'a.yaml': map('a') },
    );
    expect(error).toMatchObject({
      field: 'patches[0].target.name',
      message: expect.stringContaining('longer than 1000'),
    });
  });

  test('thousands of generators find their objects without going through all of them', () => {
    const generators = times(9_000, (index) => `- { name: made-${index}, literals: [a=b] }\n`);
    const built = buildKustomization(
      treeOf({ 'kustomization.yaml': `configMapGenerator:\n${generators}` }),
      '',
    );
    expect('objects' in built && built.objects.length).toBe(9_000);
  });

  test('an error never repeats a name of megabytes', () => {
    const error = errorOf(resources, { 'a.yaml': `{ apiVersion: v1, kind: ${'K'.repeat(1_000_000)} }\n` });
    expect(error.message.length).toBeLessThan(1_100);
    expect(error.message).toContain('metadata.name of this KKKK');
  });
});

describe('a file that makes a reader look again and again', () => {
  const refusedOrRead = (text: string): string => {
    const read = readDocuments(text, 'a.yaml');
    return 'errors' in read ? 'refused' : 'read';
  };

  test('keys with escapes on one long line are read in one go', () => {
    const keys = times(50_000, (index) => `"\\u0061${index}":1,`);
    expect(refusedOrRead(`{${keys}"z":"${'x'.repeat(1_000_000)}"}`)).toBe('read');
  });

  test('blocks before a long last line are read in one go', () => {
    const blocks = times(30_000, (index) => `k${index}: |\n  x\n`);
    expect(refusedOrRead(`${blocks}z: ${'x'.repeat(2_000_000)}`)).toBe('read');
  });

  test('keys that are there twice behind many lines are read in one go', () => {
    expect(refusedOrRead(`${'\n'.repeat(900_000)}{${'a: 1,'.repeat(50_000)}}`)).toBe('read');
  });

  test('a line of a million spaces before a mistake is refused in one go', () => {
    expect(refusedOrRead(`a${' '.repeat(1_000_000)}b\n]: [\n`)).toBe('refused');
  });

  test.each([
    ['anchors', times(50_000, (index) => `k${index}: &a${index} x\n`)],
    ['tags', times(50_000, (index) => `k${index}: !t${index} x\n`)],
    ['keys with question marks', times(50_000, (index) => `? k${index}\n: x\n`)],
    ['pairs in brackets', `a: [${times(50_000, () => '[a]: b, ')}]`],
    ['empty lines in a block', `a: |\n  x\n${'\n'.repeat(500_000)}  y\n`],
    ['empty lines in a folded block', `a: >\n  x\n${'\n'.repeat(500_000)}  y\n`],
    ['empty lines in a text', `a: x${'   \n'.repeat(500_000)}  y\n`],
    ['lines in quotes', `a: "${' x\n'.repeat(500_000)}"`],
    ['comments behind tabs', `${'#\tc\n\t'.repeat(200_000)}#\na: b`],
    ['escapes', `a: "${'\\n'.repeat(500_000)}"`],
    ['line breaks of Unicode', times(50_000, (index) => `k${index}: x\u0085`)],
  ])('%s without end are read in one go', (_what, text) => {
    expect(refusedOrRead(text)).toBe('read');
  });

  test('lines that stand left of their braces are read in one go', () => {
    expect(refusedOrRead(`a: {\n${times(50_000, (index) => `k${index}: x,\n`)}}\n`)).toBe('read');
  });
});
