import { isObject, itemsAt, objectAt } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';

/** Members of a schema that hold one schema each. */
const single = ['not', 'items', 'additionalProperties', 'additionalItems'];
const lists = ['allOf', 'anyOf', 'oneOf', 'items'];
const maps = ['properties', 'patternProperties', 'definitions', 'dependencies'];

/** A schema and every schema inside of it, each once. */
export function everySchema(schema: JsonObject): JsonObject[] {
  const inside: Json[] = [
    ...single.map((name) => schema[name] ?? null),
    ...lists.flatMap((name) => itemsAt(schema, name)),
    ...maps.flatMap((name) => Object.values(objectAt(schema, name) ?? {}).map((member) => member ?? null)),
  ];
  return [schema, ...inside.filter((one) => isObject(one)).flatMap(everySchema)];
}

/** The schemas of an object's properties by name, in order. */
export function propertiesOf(schema: JsonObject): readonly (readonly [name: string, schema: JsonObject])[] {
  return Object.entries(objectAt(schema, 'properties') ?? {})
    .flatMap(([name, property]) => (isObject(property) ? [[name, property] as const] : []))
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Schemas of a list such as `allOf`, each with its path. */
export function schemasOf(
  schema: JsonObject,
  name: 'allOf' | 'anyOf' | 'oneOf' | 'items',
  path: string,
): readonly (readonly [schema: JsonObject, path: string])[] {
  return itemsAt(schema, name).flatMap((one, index) =>
    isObject(one) ? [[one, `${path}.${name}[${String(index)}]`] as const] : [],
  );
}

/** The schema of the items of a list, undefined when there is none or one for each place. */
export function itemSchema(schema: JsonObject): JsonObject | undefined {
  return objectAt(schema, 'items');
}
