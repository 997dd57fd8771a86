import { RE2JS } from 're2js';
import { errorText } from '@meridian/runtime';
import { forbidden, invalid } from '../errors/field-error.ts';
import type { FieldError } from '../errors/field-error.ts';
import { isObject, objectAt, textAt } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import { itemSchema, propertiesOf, schemasOf } from './schema-walk.ts';

/** Where types may stand inside of junctors all the same. */
export interface Exceptions {
  readonly anyOf: boolean;
  readonly firstAllOf: boolean;
}

const none: Exceptions = { anyOf: false, firstAllOf: false };

/** What is wrong with the limits that a structural schema puts on values. */
export function limitErrors(schema: JsonObject, path: string, exceptions: Exceptions): FieldError[] {
  const not = objectAt(schema, 'not');
  const anyOf = exceptions.anyOf ? [] : schemasOf(schema, 'anyOf', path);
  return [
    ...anyOf.flatMap(([one, at]) => nestedErrors(one, at, none)),
    ...schemasOf(schema, 'allOf', path).flatMap(([one, at], index) =>
      nestedErrors(one, at, { ...none, anyOf: exceptions.firstAllOf && index === 0 }),
    ),
    ...schemasOf(schema, 'oneOf', path).flatMap(([one, at]) => nestedErrors(one, at, none)),
    ...(not === undefined ? [] : nestedErrors(not, `${path}.not`, none)),
    ...patternErrors(textAt(schema, 'pattern') ?? '', `${path}.pattern`),
  ];
}

/** What a schema says inside of `allOf`, `anyOf`, `oneOf` or `not` may only be limits. */
function nestedErrors(schema: JsonObject, path: string, exceptions: Exceptions): FieldError[] {
  const items = itemSchema(schema);
  return [
    ...limitErrors(schema, path, exceptions),
    ...(items === undefined ? [] : nestedErrors(items, `${path}.items`, none)),
    ...propertiesOf(schema).flatMap(([name, property]) =>
      nestedErrors(property, `${path}.properties[${name}]`, none),
    ),
    ...forbiddenMembers.flatMap(([name, words]) =>
      isSet(schema[name]) ? [forbidden(`${path}.${name}`, words)] : [],
    ),
    ...(objectAt(schema, 'properties', 'metadata') === undefined
      ? []
      : [forbidden(`${path}.properties[metadata]`, 'must not be specified in a nested context')]),
  ];
}

const forbiddenMembers = [
  ['type', 'must be empty to be structural'],
  ['additionalProperties', 'must be undefined to be structural'],
  ['default', 'must be undefined to be structural'],
  ['title', 'must be empty to be structural'],
  ['description', 'must be empty to be structural'],
  ['nullable', 'must be false to be structural'],
  ['x-kubernetes-preserve-unknown-fields', 'must be false to be structural'],
  ['x-kubernetes-embedded-resource', 'must be false to be structural'],
  ['x-kubernetes-int-or-string', 'must be false to be structural'],
  ['x-kubernetes-list-map-keys', 'must be empty to be structural'],
  ['x-kubernetes-list-type', 'must be undefined to be structural'],
  ['x-kubernetes-map-type', 'must be undefined to be structural'],
  ['x-kubernetes-validations', 'must be empty to be structural'],
] as const;

function isSet(value: Json | undefined): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return isObject(value) || (value !== undefined && value !== null && value !== false && value !== '');
}

function patternErrors(pattern: string, path: string): FieldError[] {
  if (pattern === '') return [];
  try {
    RE2JS.compile(pattern);
    return [];
  } catch (error) {
    const why = errorText(error);
    return [invalid(path, pattern, `must be a valid regular expression, but isn't: ${why}`)];
  }
}
