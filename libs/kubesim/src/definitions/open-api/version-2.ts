import { isObject, itemsAt, objectAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import { insideOf } from './kind-schemas.ts';

/** A schema without what OpenAPI 2 does not know, and without what clients of it would take wrong (nulls, unknown fields, defaults). */
export function forVersion2(schema: JsonObject): JsonObject {
  const {
    allOf: _allOf,
    anyOf: _anyOf,
    oneOf: _oneOf,
    not: _not,
    default: _default,
    nullable,
    ...kept
  } = schema;
  const keepsUnknown = schema['x-kubernetes-preserve-unknown-fields'] === true;
  const read: JsonObject = { ...kept };
  if (nullable === true) delete read['type'];
  if (nullable === true || keepsUnknown) {
    delete read['items'];
    delete read['properties'];
  }
  const isEmptyList = read['items'] === undefined && read['type'] === 'array';
  if (isEmptyList || (keepsUnknown && read['type'] === 'object')) delete read['type'];
  return insideOf(withoutNullable(read), forVersion2);
}

/** What may be null may be missing, for a client that knows no nulls. */
function withoutNullable(schema: JsonObject): JsonObject {
  const { required, additionalProperties, ...others } = schema;
  if (required === undefined) return schema;
  const rest = additionalProperties === undefined ? others : { ...others, additionalProperties };
  if (isObject(additionalProperties) && additionalProperties['nullable'] === true) return rest;
  const needed = itemsAt(schema, 'required').filter((name) => {
    const property = typeof name === 'string' ? objectAt(schema, 'properties', name) : undefined;
    return property?.['nullable'] !== true;
  });
  return needed.length === 0 ? rest : { ...rest, required: needed };
}
