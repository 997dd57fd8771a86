import { isObject, itemsAt, objectAt } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import { openCatalog } from '../schema/catalog.ts';
import { decodeObject } from '../schema/decode.ts';
import type { Schema } from '../schema/schema.ts';

/** Members that hold a schema or something else, which Go reads by code of its own. */
const mixed = ['items', 'additionalProperties', 'additionalItems'];

const typed = {
  lists: ['allOf', 'anyOf', 'oneOf'],
  maps: ['properties', 'patternProperties', 'definitions'],
};

/**
 * Reads the schemas in a draft that stand where something else could stand too (`items`, `additionalProperties`): OpenAPI does
 * not say their type, so that decoding by type has passed them by. What they do not know goes, without a word.
 */
export function readSchemas(draft: JsonObject | undefined): void {
  const type = schemaType();
  if (draft !== undefined && type !== undefined) readInside(draft, type);
}

function readInside(draft: JsonObject, type: Schema): void {
  for (const name of mixed) {
    const value = draft[name];
    if (isObject(value)) draft[name] = readOne(value, type);
    else if (Array.isArray(value))
      draft[name] = value.map((one) => (isObject(one) ? readOne(one, type) : one));
  }
  const dependencies = objectAt(draft, 'dependencies') ?? {};
  for (const [name, value] of Object.entries(dependencies)) {
    if (isObject(value)) dependencies[name] = readOne(value, type);
  }
  const inside: (Json | undefined)[] = [
    draft['not'],
    ...typed.lists.flatMap((name) => itemsAt(draft, name)),
    ...typed.maps.flatMap((name) => Object.values(objectAt(draft, name) ?? {})),
  ];
  for (const one of inside) if (isObject(one)) readInside(one, type);
}

function readOne(value: JsonObject, type: Schema): JsonObject {
  const decoded = decodeObject(value, type);
  const read = decoded.ok ? decoded.object : value;
  readInside(read, type);
  return read;
}

/** The type of schemas, found where definitions hold them. */
function schemaType(): Schema | undefined {
  const group = 'apiextensions.k8s.io';
  let type = openCatalog().schemaOf({ group, version: 'v1', kind: 'CustomResourceDefinition' });
  for (const name of ['spec', 'versions', 'schema', 'openAPIV3Schema']) {
    if (type?.kind === 'list') type = type.item;
    type = type?.kind === 'object' ? type.fields.get(name)?.schema : undefined;
  }
  return type;
}
