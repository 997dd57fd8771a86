import { describe, expect, it } from 'vitest';
import { outcomeOf } from '../refusal.ts';
import { builtInSchema, schemaFor, type MergeSchema } from './schema.ts';

const file = 'kustomization.yaml';

function chosen(openapi: { readonly [field: string]: string }, text = ''): ReturnType<typeof schemaFor> {
  return schemaFor(openapi, { place: { file }, readText: () => text, isBuiltInLoaded: false });
}

function custom(text: string): MergeSchema {
  const schema = chosen({ path: 'schema.json' }, text);
  if (!schema) throw new Error('no schema');
  return schema;
}

const definitions = `
definitions:
  Fleet:
    x-kubernetes-group-version-kind:
      - {group: x.io, version: v1, kind: Fleet}
      - {group: "", version: v1, kind: Fleet}
    properties:
      spec: {$ref: '#/definitions/Spec'}
      labels: {additionalProperties: {$ref: '#/definitions/Spec'}}
  Spec:
    properties:
      ships:
        type: array
        items: {$ref: '#/definitions/Ship'}
        x-kubernetes-patch-strategy: merge
        x-kubernetes-patch-merge-key: name
      ports:
        type: [array]
        items: {type: object}
        x-kubernetes-patch-strategy: merge,retainKeys
        x-kubernetes-list-map-keys: [port, protocol]
      tags: {type: array, items: {type: string}, x-kubernetes-patch-strategy: merge}
      words: {type: array, items: {type: string}}
      self: {$ref: '#/definitions/Spec'}
  Ship:
    properties:
      fleet: {$ref: '#/definitions/Fleet'}
      lost: {$ref: '#/definitions/Nowhere'}
  Circle: {$ref: '#/definitions/Circle'}
`;

describe('a schema from OpenAPI definitions', () => {
  const schema = custom(definitions);
  const spec = schema.shapeOf('x.io/v1', 'Fleet')?.field('spec');

  it('knows objects by group, version and kind', () => {
    expect(spec).toBeDefined();
    expect(schema.shapeOf('v1', 'Fleet')).toBeDefined();
    expect(schema.shapeOf('x.io/v2', 'Fleet')).toBeUndefined();
  });

  it('says how lists merge', () => {
    expect(spec?.field('ships')?.mergeKeys).toEqual(['name']);
    expect(spec?.field('ports')?.mergeKeys).toEqual(['port', 'protocol']);
    expect(spec?.field('tags')?.mergeKeys).toEqual([]);
    expect(spec?.field('words')?.mergeKeys).toBeUndefined();
  });

  it('follows references, even in circles, to the same shapes', () => {
    expect(spec?.field('self')?.field('self')).toBe(spec);
    expect(spec?.field('ships')?.item()?.field('fleet')?.field('spec')).toBe(spec);
    expect(spec?.field('ships')?.item()?.field('lost')).toBeUndefined();
    expect(custom('{"definitions": {"A": {"$ref": "#/definitions/A"}}}').shapeOf('v1', 'A')).toBeUndefined();
  });

  it('takes additionalProperties for the fields that it does not name', () => {
    expect(schema.shapeOf('x.io/v1', 'Fleet')?.field('labels')?.field('any')).toBe(spec);
  });

  it('takes the place of the built-in schema', () => {
    expect(schema.shapeOf('apps/v1', 'Deployment')).toBeUndefined();
  });

  it.each([
    ['', 'it is no mapping'],
    ['[]', 'it is no mapping'],
    ['{"definitions": 1}', 'definitions must be a mapping'],
    ['{', 'a text that starts with { must be JSON'],
    ['definitions: {A: {properties: {b: 1}}}', 'a schema must be a mapping'],
    ['definitions: {A: {type: 1}}', 'type must be text or a list of texts'],
    ['definitions: {A: {additionalProperties: 1}}', 'a schema must be a mapping'],
    ['definitions: {A: {x-kubernetes-group-version-kind: [{}]}}', 'needs version and kind'],
  ])('refuses %j once it is asked for something', (text, problem) => {
    const unusable = custom(text);
    const refused = outcomeOf(() => unusable.load?.());
    expect(outcomeOf(() => unusable.shapeOf('v1', 'Pod'))).toEqual(refused);
    expect(refused).toMatchObject({ errors: [{ file: 'schema.json' }] });
    expect(JSON.stringify(refused)).toContain(problem);
  });
});

describe('a part of a schema that Go cannot use', () => {
  it('is refused only where a patch comes by', () => {
    const wrong = custom(`definitions:
  A:
    x-kubernetes-group-version-kind: [{version: v1, kind: A}]
    properties: {list: {type: array, x-kubernetes-patch-strategy: 1}, other: {$ref: 1, items: 1}}`);
    const shape = wrong.shapeOf('v1', 'A');
    expect(shape?.field('other')?.mergeKeys).toBeUndefined();
    expect(outcomeOf(() => shape?.field('list'))).toHaveProperty('errors');
  });
});

describe('the field openapi', () => {
  it('may ask for the version that is built in', () => {
    expect(chosen({ version: 'v1.21.2' })).toBe(builtInSchema);
    expect(chosen({})).toBeUndefined();
  });

  it('is refused with another version, and with a path and a version', () => {
    expect(outcomeOf(() => chosen({ version: 'v1.30.0' }))).toHaveProperty('errors');
    expect(outcomeOf(() => chosen({ version: 'v1.21.2', path: 'a' }, '{}'))).toHaveProperty('errors');
  });
});
