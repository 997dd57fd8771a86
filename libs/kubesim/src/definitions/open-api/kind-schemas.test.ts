import { expect, test } from 'vitest';
import { objectAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import { describedKind, kindSchemas } from './kind-schemas.ts';
import type { OpenApiVersion } from './kind-schemas.ts';

function schemaOf(properties: JsonObject, openApi: OpenApiVersion, root: JsonObject = {}): JsonObject {
  const given = {
    name: 'v1',
    schema: {
      openAPIV3Schema: { type: 'object', ...root, properties: { spec: { type: 'object', properties } } },
    },
  };
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {},
    spec: {
      group: 'models.example.com',
      names: { kind: 'Gadget', listKind: 'GadgetList', plural: 'gadgets' },
    },
  };
  const schemas = kindSchemas(describedKind(definition, given), openApi);
  return objectAt(schemas, 'com.example.models.v1.Gadget') ?? {};
}
const fieldOf = (field: JsonObject, openApi: OpenApiVersion) =>
  objectAt(schemaOf({ field }, openApi), 'properties', 'spec', 'properties', 'field');

test('a number or text says so in OpenAPI 3 and says nothing in OpenAPI 2', () => {
  const field = { 'x-kubernetes-int-or-string': true };
  expect(fieldOf(field, 'v3')).toEqual({ ...field, anyOf: [{ type: 'integer' }, { type: 'string' }] });
  expect(fieldOf(field, 'v2')).toEqual(field);
});

test('a number or text with alternatives of its own keeps them beside', () => {
  const field = { 'x-kubernetes-int-or-string': true, anyOf: [{ pattern: '^a' }] };
  expect(fieldOf(field, 'v3')).toEqual({
    ...field,
    allOf: [{ anyOf: [{ type: 'integer' }, { type: 'string' }] }],
  });
});

test('what may be null has no type for clients of OpenAPI 2, and may be missing', () => {
  const field = {
    type: 'object',
    required: ['a', 'b'],
    properties: { a: { type: 'string', nullable: true }, b: { type: 'string', default: 'x' } },
  };
  expect(fieldOf(field, 'v3')).toEqual(field);
  expect(fieldOf(field, 'v2')).toEqual({
    type: 'object',
    required: ['b'],
    properties: { a: {}, b: { type: 'string' } },
  });
});

test('what keeps unknown fields is anything for clients of OpenAPI 2', () => {
  const field = {
    type: 'object',
    'x-kubernetes-preserve-unknown-fields': true,
    properties: { a: { type: 'string' } },
  };
  expect(fieldOf(field, 'v2')).toEqual({ 'x-kubernetes-preserve-unknown-fields': true });
});

test('objects of the API inside of an object have its version, kind and metadata', () => {
  const field = { type: 'object', 'x-kubernetes-embedded-resource': true, required: ['kind'] };
  const found = fieldOf(field, 'v3');
  expect(Object.keys(objectAt(found, 'properties') ?? {})).toEqual(['apiVersion', 'kind', 'metadata']);
  expect(found?.['required']).toEqual(['kind', 'apiVersion']);
});

test('a kind that keeps unknown fields is any object for clients of OpenAPI 2', () => {
  const whole = schemaOf({}, 'v2', { 'x-kubernetes-preserve-unknown-fields': true });
  expect(whole).toEqual({
    type: 'object',
    'x-kubernetes-group-version-kind': [{ group: 'models.example.com', kind: 'Gadget', version: 'v1' }],
  });
});
