import { describe, expect, test } from 'vitest';
import { above, built, type Files } from './testing/built.ts';

// As fuzzed.test.ts, about replacements.

const thing = (fields: string): string => `kind: Thing\nmetadata: { name: a }\n${fields}`;
const onto = (paths: string, from: string): string =>
  `replacements:\n- ${from}\n  targets: [{ select: { kind: Thing }, fieldPaths: [${paths}], options: { create: true } }]\n`;
const source = (path: string): string => `source: { kind: Thing, fieldPath: ${path} }`;

test('a copy into what is copied has the way to itself, made before, with nothing at its end', () => {
  const copied = built(above(thing('spec: { a: 1 }\n'), onto('spec.b.c', source('spec'))));
  expect(copied).toContain('spec:\n  a: 1\n  b:\n    c:\n      a: 1\n      b:\n        c: {}\n');
  expect(built(above(thing('list: [1]\n'), onto('list.1', source('list'))))).toContain(
    'list:\n- 1\n- - 1\n  - []\n',
  );
});

describe('a sourceValue', () => {
  const written = (value: string, ...more: readonly string[]): string => {
    const all = [value, ...more].map((each) => onto('a, b, c, d', `sourceValue: ${each}`).slice(14));
    return built(above(thing('a: [1]\nb: { e: f }\nc: x\n'), `replacements:\n${all.join('')}`), '5.8');
  };

  test('is null where it is empty and takes the place of a collection, or of nothing', () => {
    expect(written('""')).toContain('a: null\nb: null\nc: ""\nd: null\n');
  });

  test('has no tag there, so that a later one is what it looks like', () => {
    expect(written('x', '"5"')).toContain('a: 5\nb: 5\nc: "5"\nd: 5\n');
  });
});

describe('a replacement of all annotations or all metadata by a mapping', () => {
  const objects = `apiVersion: v1
kind: ConfigMap
metadata: { name: a }
data: { m: { name: z, q: r } }
---
apiVersion: v1
kind: Pod
metadata: { name: p }
spec: { volumes: [{ name: v, configMap: { name: a } }] }
`;
  const layers = (kind: string, from: string, path: string): Files => ({
    ...above(
      objects,
      `namePrefix: over-\nreplacements:\n- source: { kind: ConfigMap, fieldPath: ${from} }\n  targets: [{ select: { kind: ${kind} }, fieldPaths: [${path}], options: { create: true } }]\n`,
    ),
    'base/kustomization.yaml': 'resources: [object.yaml]\nnamePrefix: pre-\n',
  });

  test('makes kustomize forget former names, so that nothing follows the new one', () => {
    for (const [path, name] of [
      ['metadata.annotations', 'over-pre-a'],
      ['metadata', 'z'],
    ] as const) {
      const text = built(layers('ConfigMap', 'data.m', path));
      expect(text).toContain(`  name: ${name}\n`);
      expect(text).toContain('      name: a\n');
    }
  });

  test('gives an object the former names of another, when their metadata are copied', () => {
    const text = built(layers('Pod', 'metadata', 'metadata'));
    expect(text).not.toContain('internal.config');
    expect(text).toContain('kind: Pod\nmetadata:\n  name: over-pre-a\n');
  });
});

test('an item that a replacement makes has no tag, so that nothing but null comes in its place', () => {
  const source = (fieldPath: string): string => `source: { kind: Thing, fieldPath: ${fieldPath} }`;
  const target = (more: string): string =>
    `targets: [{ select: { kind: Thing }, fieldPaths: [data.list.0]${more} }]`;
  const fields = `replacements:\n- { ${source('metadata.name')}, ${target(', options: { create: true }')} }\n- { ${source('metadata')}, ${target('')} }\n`;
  expect(built(above('kind: Thing\nmetadata:\n  name: a\n', fields), '5.8')).toContain('  list:\n  - null\n');
});
