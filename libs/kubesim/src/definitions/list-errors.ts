import { forbidden, GoText, invalid, notSupported, required } from '../errors/field-error.ts';
import type { FieldError } from '../errors/field-error.ts';
import { isObject, itemsAt, objectAt, textAt } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import { goItems } from './go-form.ts';
import { textsIn } from './internal-spec.ts';
import { itemSchema } from './schema-walk.ts';

const listTypes = ['atomic', 'set', 'map'];
const mapTypes = ['atomic', 'granular'];

/** What is wrong with how a schema says that lists and maps are merged. */
export function mergeErrors(schema: JsonObject, path: string): FieldError[] {
  const mapType = schema['x-kubernetes-map-type'];
  const listType = schema['x-kubernetes-list-type'];
  return [
    ...(mapType === undefined ? [] : mustBe(schema, path, 'object')),
    ...(typeof mapType === 'string' && !mapTypes.includes(mapType)
      ? [notSupported(`${path}.x-kubernetes-map-type`, mapType, mapTypes)]
      : []),
    ...(typeof listType === 'string' ? listTypeErrors(schema, listType, path) : []),
    ...keyErrors(schema, path),
    ...(listType === 'map' ? mapListErrors(schema, path) : []),
    ...nullErrors(schema, path),
  ];
}

function mustBe(schema: JsonObject, path: string, type: 'object' | 'array'): FieldError[] {
  const given = textAt(schema, 'type') ?? '';
  if (given === type) return [];
  const extension = type === 'object' ? 'x-kubernetes-map-type' : 'x-kubernetes-list-type';
  const words = `must be ${type} if ${extension} is specified`;
  return [given === '' ? required(`${path}.type`, words) : invalid(`${path}.type`, given, words)];
}

function listTypeErrors(schema: JsonObject, listType: string, path: string): FieldError[] {
  const wrongType = mustBe(schema, path, 'array');
  const item = itemSchema(schema);
  return [
    ...wrongType,
    ...(wrongType.length === 0 && listType === 'set' && item !== undefined ? setErrors(item, path) : []),
    ...(listTypes.includes(listType)
      ? []
      : [notSupported(`${path}.x-kubernetes-list-type`, listType, listTypes)]),
  ];
}

const atomicWords = 'must be atomic as item of a list with x-kubernetes-list-type=set';

/** The real server shows the list type of an item also where its map type is wrong. */
function setErrors(item: JsonObject, path: string): FieldError[] {
  const listType = item['x-kubernetes-list-type'];
  const at = `${path}.items`;
  if (item['type'] === 'array' && listType !== undefined && listType !== 'atomic') {
    return [invalid(`${at}.x-kubernetes-list-type`, listType, atomicWords)];
  }
  if (item['type'] !== 'object' || item['x-kubernetes-map-type'] === 'atomic') return [];
  return [invalid(`${at}.x-kubernetes-map-type`, listType ?? null, atomicWords)];
}

function keyErrors(schema: JsonObject, path: string): FieldError[] {
  const listType = textAt(schema, 'x-kubernetes-list-type');
  if (itemsAt(schema, 'x-kubernetes-list-map-keys').length === 0 || listType === 'map') return [];
  const words = 'must be map if x-kubernetes-list-map-keys is non-empty';
  const at = `${path}.x-kubernetes-list-type`;
  return [listType === undefined ? required(at, words) : invalid(at, listType, words)];
}

function mapListErrors(schema: JsonObject, path: string): FieldError[] {
  const keys = textsIn(itemsAt(schema, 'x-kubernetes-list-map-keys'));
  const { items } = schema;
  return [
    ...(keys.length === 0
      ? [required(`${path}.x-kubernetes-list-map-keys`, 'must not be empty if x-kubernetes-list-type is map')]
      : []),
    ...(items === undefined
      ? [required(`${path}.items`, 'must have a schema if x-kubernetes-list-type is map')]
      : mapItemErrors(items, keys, path)),
  ];
}

function mapItemErrors(items: Json, keys: readonly string[], path: string): FieldError[] {
  if (!isObject(items)) {
    const words = 'must only have a single schema if x-kubernetes-list-type is map';
    return [invalid(`${path}.items`, new GoText(goItems(items)), words)];
  }
  const type = textAt(items, 'type') ?? '';
  if (type !== 'object') {
    const words = "must be object if parent array's x-kubernetes-list-type is map";
    return [invalid(`${path}.items.type`, type, words)];
  }
  const at = `${path}.x-kubernetes-list-map-keys`;
  return keys.flatMap((key, index) => [
    ...oneKey(items, key, { path, at, keys }),
    ...(keys.indexOf(key) < index ? [invalid(at, [...keys], 'must not contain duplicate entries')] : []),
  ]);
}

function oneKey(
  items: JsonObject,
  key: string,
  { path, at, keys }: { readonly path: string; readonly at: string; readonly keys: readonly string[] },
): FieldError[] {
  const property = objectAt(items, 'properties', key);
  if (property === undefined) {
    return [invalid(at, [...keys], 'entries must all be names of item properties')];
  }
  if (property['type'] !== 'array' && property['type'] !== 'object') return [];
  const words = "must be a scalar type if parent array's x-kubernetes-list-type is map";
  return [invalid(`${path}.items.properties[${key}].type`, textAt(items, 'type') ?? '', words)];
}

/** Items of sets and maps, and the keys of the latter, are never null and always there. */
function nullErrors(schema: JsonObject, path: string): FieldError[] {
  const items = itemSchema(schema);
  const listType = textAt(schema, 'x-kubernetes-list-type');
  if (items === undefined || (listType !== 'set' && listType !== 'map')) return [];
  const errors =
    items['nullable'] === true
      ? [forbidden(`${path}.items.nullable`, `cannot be nullable when x-kubernetes-list-type is ${listType}`)]
      : [];
  if (listType === 'set') return errors;
  const keys = textsIn(itemsAt(schema, 'x-kubernetes-list-map-keys'));
  return [...errors, ...keys.flatMap((key) => presentKey(items, key, `${path}.items.properties[${key}]`))];
}

function presentKey(items: JsonObject, key: string, path: string): FieldError[] {
  const property = objectAt(items, 'properties', key);
  if (property === undefined) return [];
  const isKey = 'this property is in x-kubernetes-list-map-keys, so it';
  const isThere = itemsAt(items, 'required').includes(key) || property['default'] !== undefined;
  return [
    ...(isThere
      ? []
      : [required(`${path}.default`, `${isKey} must have a default or be a required property`)]),
    ...(property['nullable'] === true ? [forbidden(`${path}.nullable`, `${isKey} cannot be nullable`)] : []),
  ];
}
