import { describe, expect, test } from 'vitest';
import { above, built, type Files } from './testing/built.ts';

// As fuzzed-texts.test.ts, about brackets and braces: kustomize keeps them, and puts in quotes what has to have some there.

const time = '2001-12-14t21:59:43.10-05:00';
const asText = `"${time}"`;
const asTime = '"2001-12-14T21:59:43.1-05:00"';
const patched = (object: string, fields: string): Files =>
  above(
    `kind: Thing\nmetadata: { name: a }\n${object}`,
    `patches:\n- patch: |\n    kind: Thing\n    metadata: { name: a }\n    ${fields.trimEnd().replaceAll('\n', '\n    ')}\n`,
  );

describe('a time of day', () => {
  test('is a text in braces and a time outside', () => {
    expect(built(patched('', `more: { at: ${time} }`))).toContain(`  at: ${asText}\n`);
    expect(built(patched('', `more:\n  at: ${time}`))).toContain(`  at: ${asTime}\n`);
  });

  test('is what it is where a patch in braces puts it', () => {
    const files = above(
      'kind: Thing\nmetadata:\n  name: a\n',
      `patches:\n- patch: "{ kind: Thing, metadata: { name: a }, more: ${time} }"\n`,
    );
    expect(built(files)).toContain(`more: ${asTime}\n`);
    expect(built(patched('more: { old: 1 }\n', `more:\n  at: ${time}`))).toContain(`  at: ${asText}\n`);
  });

  test('stands in the brackets of the list whose place is taken', () => {
    expect(built(patched('list: [1]\n', `list:\n- ${time}`))).toContain(`list:\n- ${asText}\n`);
    expect(built(patched('list:\n- 1\n', `list: [${time}]`))).toContain(`list:\n- ${asTime}\n`);
    expect(built(patched('list: []\n', `list:\n- ${time}`))).toContain(`list:\n- ${asTime}\n`);
  });

  test('stands in the braces of the patch where the object has none and nothing in them', () => {
    expect(built(patched('more: {}\n', `more: { at: ${time} }`))).toContain(`  at: ${asText}\n`);
    expect(built(patched('more: {}\n', `more:\n  at: ${time}`))).toContain(`  at: ${asTime}\n`);
    expect(built(patched('more:\n', `more: { at: ${time} }`))).toContain(`  at: ${asTime}\n`);
  });

  test('is a time after a JSON patch, which leaves no brackets', () => {
    const operations =
      'patches:\n- target: { kind: Thing }\n  patch: |\n    - { op: add, path: /x, value: 1 }\n';
    const above1 = above(`kind: Thing\nmetadata: { name: a }\nmore: { at: 1 }\n`, operations, {
      'top/kustomization.yaml': `resources: [../over]\npatches:\n- patch: |\n    kind: Thing\n    metadata: { name: a }\n    more:\n      at: ${time}\n`,
    });
    expect(built(above1, '5.5', 'top')).toContain(`  at: ${asTime}\n`);
  });
});

describe('an empty prefix', () => {
  const prefixed = (object: string): Files =>
    above(object, 'transformers: [plugin.yaml]\n', {
      'over/plugin.yaml':
        'apiVersion: builtin\nkind: PrefixTransformer\nmetadata: { name: x }\nfieldSpecs: [{ path: spec/text, create: true }]\n',
    });

  test('makes an empty text in braces and null outside', () => {
    expect(built(prefixed('{ kind: Thing, metadata: { name: a } }\n'))).toContain('  text: ""\n');
    expect(built(prefixed('kind: Thing\nmetadata: { name: a }\nspec: {}\n'))).toContain('  text: ""\n');
    expect(built(prefixed('kind: Thing\nmetadata: { name: a }\n'))).toContain('  text: null\n');
  });
});

test('a patch that may change the kind is refused where the kind is gone', () => {
  const fields =
    'patches:\n- target: { name: a }\n  patch: "- { op: remove, path: /kind }"\n- target: { name: a }\n  patch: |\n    kind: Thing\n    metadata: { name: a }\n  options: { allowKindChange: true }\n';
  expect(built(above('kind: Thing\nmetadata: { name: a }\n', fields))).toContain(
    'refused:  has names that cannot be told apart',
  );
});
