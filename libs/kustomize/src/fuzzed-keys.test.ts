import { describe, expect, test } from 'vitest';
import { above, built, transformer } from './testing/built.ts';

// Small trees that once gave something else here than with kustomize: found by `npm run fuzz`, the texts are kustomize's.

describe('a key that is there twice', () => {
  const thing = (spec: string): string => `kind: Thing\nmetadata:\n  name: a\n${spec}`;
  const patched = (object: string, patch: string): string =>
    built(above(thing(object), `patches:\n- patch: |\n    ${thing(patch).replaceAll('\n', '\n    ')}\n`));

  test('is refused in the configuration of a plugin that has nothing to configure', () => {
    expect(built(transformer('kind: HashTransformer\n'))).toContain('name: a\n');
    expect(built(transformer('kind: HashTransformer\nkind: HashTransformer\n'))).toBe(
      'refused: the key "kind" is there twice, first on line 4',
    );
  });

  test('is there once in what a patch adds when the first was null, which takes only that one away', () => {
    expect(patched('', 'spec: { b: null, b: null }')).toContain('spec:\n  b: null\n');
    expect(patched('', 'spec: { b: null, b: [c] }')).toContain('spec:\n  b:\n  - c\n');
    const refused = 'refused: Thing a: the key "b" is there twice, first on line 4';
    expect(patched('', 'spec: { b: [c], b: null }')).toBe(refused);
    expect(patched('', 'spec: { b: null, b: null, b: null }')).toBe(refused);
  });

  test('is there once in an object when a patch takes it away', () => {
    expect(patched('spec: { b: 1, b: 2 }', 'spec: { b: null }')).toContain('spec:\n  b: 2\n');
  });
});

test('a patch with a target keeps the quotes of an empty apiVersion, and writes null where there are none', () => {
  const versioned = (apiVersion: string): string =>
    built(
      above(
        `apiVersion: ${apiVersion}\nkind: Thing\nmetadata:\n  name: a\n`,
        'patches: [{ target: {}, patch: "{ kind: Thing, metadata: { name: a } }" }]\n',
      ),
    );
  expect(versioned('""')).toContain('apiVersion: ""\n');
  expect(versioned('')).toContain('apiVersion: null\n');
});

test('a kind that a patch makes is looked up in the built-in schema before a later base chooses another', () => {
  const service = 'apiVersion: v1\nkind: Service\nmetadata: { name: b }\nspec: { ports: [{ port: 1 }] }\n';
  const text = (kind: string): string =>
    built({
      'one/kustomization.yaml': `resources: [a.yaml]\npatches: [{ target: {}, patch: '[{ "op": "replace", "path": "/kind", "value": "${kind}" }]' }]\n`,
      'one/a.yaml': 'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: a }\n',
      'two/kustomization.yaml': 'resources: [b.yaml]\nopenapi: { path: schema.yaml }\n',
      'two/schema.yaml': 'definitions: {}\n',
      'two/b.yaml': service,
      'over/kustomization.yaml': `resources: [../one, ../two]\npatches: [{ patch: "{ apiVersion: v1, kind: Service, metadata: { name: b }, spec: { ports: [{ port: 2 }] } }" }]\n`,
    });
  expect(text('Other')).toContain('  - port: 2\n  - port: 1\n');
  expect(text('StatefulSet')).not.toContain('port: 1');
});

test('an apiVersion whose group has no name is refused where references are followed', () => {
  const of = (kind: string): string =>
    built({
      'over/kustomization.yaml': 'resources: [a.yaml]\n',
      'over/a.yaml': `apiVersion: /v1\nkind: ${kind}\nmetadata: { name: a }\n`,
    });
  expect(of('CronJob')).toBe('refused: the apiVersion of CronJob a is "/v1"');
  expect(of('ConfigMap')).toContain('apiVersion: /v1\n');
});

test('a patch with a target gives the object the version that it was taken for', () => {
  const patched = (patch: string, version: string): string =>
    built(
      above(
        `${version}kind: ConfigMap\nmetadata: { name: a }\n`,
        `patches: [{ target: { kind: ConfigMap }, patch: '{ kind: ConfigMap, metadata: { name: a }${patch} }' }]\n`,
      ),
    );
  expect(patched('', 'apiVersion: /v1\n')).toBe('apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n');
  expect(patched('', '')).toBe('apiVersion: null\nkind: ConfigMap\nmetadata:\n  name: a\n');
  expect(patched(', $patch: replace', '')).toBe('kind: ConfigMap\nmetadata:\n  name: a\n');
});
