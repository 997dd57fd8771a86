import { errorBody, forbidden, invalid, required } from '../errors/field-error.ts';
import type { FieldError } from '../errors/field-error.ts';
import { isObject, jsonEqual, objectAt, textAt } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { completenessErrors } from './completeness-errors.ts';
import { limitErrors } from './nested-errors.ts';
import { itemSchema, propertiesOf } from './schema-walk.ts';

/** Where in a structural schema a schema stands. */
export type Level = 'root' | 'item' | 'field';

/**
 * What keeps a schema from being structural: every value has a type that is said outside of `allOf`, `anyOf`, `oneOf` and
 * `not`, which only limit it. In the order of the words, as the real server sorts them.
 */
export function structuralErrors(schema: JsonObject, path: string): FieldError[] {
  const errors = [...invariantErrors(schema, 'root', path), ...completenessErrors(schema, path)];
  const words = (error: FieldError) => `${error.field}: ${errorBody(error)}`;
  return errors.sort((a, b) => (words(a) < words(b) ? -1 : 1));
}

function invariantErrors(schema: JsonObject, level: Level, path: string): FieldError[] {
  const items = itemSchema(schema);
  return [
    ...(schema['type'] === 'array' && items === undefined
      ? [required(`${path}.items`, 'must be specified')]
      : []),
    ...(items === undefined ? [] : invariantErrors(items, 'item', `${path}.items`)),
    ...propertiesOf(schema).flatMap(([name, property]) =>
      invariantErrors(property, 'field', `${path}.properties[${name}]`),
    ),
    ...additionalErrors(schema, level, path),
    ...extensionErrors(schema, path),
    ...limitErrors(schema, path, exceptionsOf(schema)),
    ...typeErrors(schema, level, path),
    ...metaErrors(schema, level, path),
    ...(isResource(schema) && !keepsUnknown(schema) && propertiesOf(schema).length === 0
      ? [required(`${path}.properties`, emptyResource)]
      : []),
  ];
}

const emptyResource =
  'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields';

function additionalErrors(schema: JsonObject, level: Level, path: string): FieldError[] {
  const additional = schema['additionalProperties'];
  if (additional === undefined) return [];
  const at = `${path}.additionalProperties`;
  return [
    ...(level === 'root' ? [forbidden(at, 'must not be used at the root')] : []),
    ...(isObject(additional) ? invariantErrors(additional, 'field', at) : []),
    ...(isResource(schema)
      ? [forbidden(at, 'must not be used if x-kubernetes-embedded-resource is set')]
      : []),
  ];
}

function extensionErrors(schema: JsonObject, path: string): FieldError[] {
  if (!isIntOrString(schema)) return [];
  return ['x-kubernetes-preserve-unknown-fields', 'x-kubernetes-embedded-resource'].flatMap((name) =>
    schema[name] === true
      ? [invalid(`${path}.${name}`, true, 'must be false if x-kubernetes-int-or-string is true')]
      : [],
  );
}

const emptyWords: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
};

function typeErrors(schema: JsonObject, level: Level, path: string): FieldError[] {
  const type = textAt(schema, 'type') ?? '';
  const at = `${path}.type`;
  const isNoObject = type !== '' && type !== 'object';
  return [
    ...(isResource(schema) ? resourceType(type, at) : missingType(schema, level, path)),
    ...(level === 'root' && isNoObject ? [invalid(at, type, 'must be object at the root')] : []),
  ];
}

function resourceType(type: string, path: string): FieldError[] {
  const words = 'must be object if x-kubernetes-embedded-resource is true';
  if (type === 'object') return [];
  return [type === '' ? required(path, words) : invalid(path, type, words)];
}

function missingType(schema: JsonObject, level: Level, path: string): FieldError[] {
  const isFree = isIntOrString(schema) || keepsUnknown(schema);
  const isMissing = (textAt(schema, 'type') ?? '') === '' && !isFree;
  return isMissing ? [required(`${path}.type`, emptyWords[level])] : [];
}

/** Metadata is the same everywhere: a schema may only limit the name. */
function metaErrors(schema: JsonObject, level: Level, path: string): FieldError[] {
  const isChecked = level === 'root' || isResource(schema);
  const at = (name: string) => `${path}.properties[${name}]`;
  const errors = (isChecked ? ['kind', 'apiVersion'] : []).flatMap((name) => {
    const property = objectAt(schema, 'properties', name);
    if (property === undefined || property['type'] === 'string') return [];
    return [invalid(`${at(name)}.type`, textAt(property, 'type') ?? '', 'must be string')];
  });
  const metadata = objectAt(schema, 'properties', 'metadata');
  if (metadata === undefined) return errors;
  if (isChecked && metadata['type'] !== 'object') {
    errors.push(invalid(`${at('metadata')}.type`, textAt(metadata, 'type') ?? '', 'must be object'));
  }
  if (level === 'root' && saysMore(metadata)) errors.push(forbidden(at('metadata'), metadataWords));
  return errors;
}

const metadataWords =
  'must not specify anything other than name and generateName, but metadata is implicitly specified';

function saysMore({ type: _type, default: _default, properties, ...others }: JsonObject): boolean {
  const names = isObject(properties) ? Object.keys(properties) : [];
  const limitsNames = names.every((name) => name === 'name' || name === 'generateName');
  return !limitsNames || Object.values(others).some((value) => value !== undefined);
}

const eitherType = [{ type: 'integer' }, { type: 'string' }];

/** The two places where types may stand inside of `anyOf`: they say "a number or text". */
function exceptionsOf(schema: JsonObject): { readonly anyOf: boolean; readonly firstAllOf: boolean } {
  const { anyOf, allOf } = schema;
  const first = Array.isArray(allOf) ? objectAt(allOf[0]) : undefined;
  return {
    anyOf: jsonEqual(anyOf, eitherType),
    firstAllOf: jsonEqual(first?.['anyOf'], eitherType),
  };
}

function isResource(schema: JsonObject): boolean {
  return schema['x-kubernetes-embedded-resource'] === true;
}

function isIntOrString(schema: JsonObject): boolean {
  return schema['x-kubernetes-int-or-string'] === true;
}

function keepsUnknown(schema: JsonObject): boolean {
  return schema['x-kubernetes-preserve-unknown-fields'] === true;
}
