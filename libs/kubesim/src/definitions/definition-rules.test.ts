import { describe, expect, test } from 'vitest';
import { errorBody } from '../errors/field-error.ts';
import type { JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import type { RuleContext } from '../kinds/kind-rules.ts';
import { definitionRules } from './definition-rules.ts';

const context: RuleContext = {
  nowMs: () => 0,
  random: () => 0,
  newUid: () => 'uid',
  lookup: () => undefined,
  lookupAll: () => [],
  dryRun: false,
  apiVersion: 'apiextensions.k8s.io/v1',
  user: undefined,
};

function definitionOf(properties: JsonObject = {}, more: JsonObject = {}): KubeObject {
  const schema = {
    openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties } } },
  };
  const definition: KubeObject = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'gadgets.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'gadgets', kind: 'Gadget' },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
      ...more,
    },
  };
  definitionRules.setDefaults?.(definition);
  return definition;
}
const errorsOf = (definition: KubeObject) =>
  (definitionRules.validateCreate?.(definition, context) ?? []).map(
    (error) => `${error.field}: ${errorBody(error)}`,
  );
const twoVersions = (first: JsonObject, second: JsonObject) => {
  const version = (name: string, storage: boolean, properties: JsonObject) => ({
    name,
    served: true,
    storage,
    schema: { openAPIV3Schema: { type: 'object', properties } },
  });
  return [version('v1', true, first), version('v2', false, second)];
};

test('names, conversion and stored versions are filled in', () => {
  const { spec, status } = definitionOf();
  expect(spec).toMatchObject({
    names: { singular: 'gadget', listKind: 'GadgetList' },
    conversion: { strategy: 'None' },
  });
  expect(status).toEqual({ storedVersions: ['v1'] });
});

describe('findings are told where the real server looks', () => {
  const untyped = { field: { description: 'x' } };

  test('in the spec, when all versions say the same', () => {
    expect(errorsOf(definitionOf({}, { versions: twoVersions(untyped, untyped) }))).toEqual([
      'spec.validation.openAPIV3Schema.properties[field].type: Required value: must not be empty for specified object fields',
    ]);
  });

  test('in the version, when they differ', () => {
    expect(errorsOf(definitionOf({}, { versions: twoVersions(untyped, {}) }))).toEqual([
      'spec.versions[0].schema.openAPIV3Schema.properties[field].type: Required value: must not be empty for specified object fields',
    ]);
  });
});

test('findings about a structure come in the order of their words', () => {
  const untyped = { description: 'x' };
  const fields = errorsOf(definitionOf({ b: untyped, a: untyped, c: { type: 'array' } })).map(
    (error) => error.split(':')[0],
  );
  expect(fields).toEqual([
    'spec.validation.openAPIV3Schema.properties[spec].properties[a].type',
    'spec.validation.openAPIV3Schema.properties[spec].properties[b].type',
    'spec.validation.openAPIV3Schema.properties[spec].properties[c].items',
  ]);
});

test('defaults are looked at only when every value has a type', () => {
  const badDefault = { type: 'integer', default: 'x' };
  expect(errorsOf(definitionOf({ a: badDefault }))).toEqual([
    'spec.validation.openAPIV3Schema.properties[spec].properties[a].default: Invalid value: "string":  in body must be of type integer: "string"',
  ]);
  expect(errorsOf(definitionOf({ a: badDefault, b: {} }))).toHaveLength(1);
});

test('rules are compiled only where nothing else is wrong', () => {
  const rules = [{ rule: 'self.none' }];
  const broken = { type: 'object', 'x-kubernetes-validations': rules };
  expect(errorsOf(definitionOf({ a: broken })).join()).toContain('compilation failed');
  expect(errorsOf(definitionOf({ a: { ...broken, uniqueItems: true } })).join()).not.toContain(
    'compilation failed',
  );
});

describe('an update', () => {
  const updated = (change: (spec: JsonObject) => void, old = definitionOf()) => {
    const definition = structuredClone(old);
    change(definition['spec'] as JsonObject);
    definitionRules.prepareForUpdate?.(definition, old, context);
    const errors = definitionRules.validateUpdate?.(definition, old, context) ?? [];
    return { definition, errors: errors.map((error) => `${error.field}: ${error.detail}`) };
  };
  const established = (definition: KubeObject): KubeObject => ({
    ...definition,
    status: { storedVersions: ['v1'], conditions: [{ type: 'Established', status: 'True' }] },
  });

  test('of what objects are stored by is refused once there can be some', () => {
    const change = (spec: JsonObject) => void (spec['scope'] = 'Cluster');
    expect(updated(change).errors).toEqual([]);
    expect(updated(change, established(definitionOf())).errors).toEqual(['spec.scope: field is immutable']);
  });

  test('counts changes of the spec, and remembers another storage version', () => {
    const { definition } = updated((spec) => {
      const [version] = spec['versions'] as JsonObject[];
      spec['versions'] = [
        { ...version, storage: false },
        { ...version, name: 'v2' },
      ];
    });
    expect(definition.metadata.generation).toBe(1);
    expect(definition['status']).toEqual({ storedVersions: ['v1', 'v2'] });
  });

  test('of a version away from what is stored is refused', () => {
    const { errors } = updated((spec) => {
      const [version] = spec['versions'] as JsonObject[];
      spec['versions'] = [{ ...version, name: 'v2' }];
    });
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(/^status.storedVersions\[0\]: missing from spec.versions; v1 was previously/);
  });
});

test('formats that nobody checks are warned of, but for those that were there before', () => {
  const definition = definitionOf({
    a: { type: 'string', format: 'colour' },
    b: { type: 'string', format: 'date-time' },
  });
  expect(definitionRules.warnings?.(definition, undefined)).toEqual(['unrecognized format "colour"']);
  expect(definitionRules.warnings?.(definition, definition)).toEqual([]);
});
