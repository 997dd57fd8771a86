import { isObject, itemsAt, objectAt, textAt } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { propertiesOf } from './schema-walk.ts';

/** What keeps a schema from being read as a structural one at all, undefined when nothing does. */
export function unstructuralBecause(schema: JsonObject): string | undefined {
  const unsupported = unsupportedIn(schema);
  if (unsupported !== undefined) return `OpenAPIV3Schema '${unsupported}' is not supported`;
  const nested = [
    objectAt(schema, 'not'),
    ...['allOf', 'anyOf', 'oneOf'].flatMap((name) => itemsAt(schema, name)),
  ];
  const found = firstOf(nested.filter((one) => isObject(one)));
  if (found !== undefined) return found;
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) {
    return "internal error: 'x-kubernetes-preserve-unknown-fields' must be true or undefined";
  }
  if (itemsAt(schema, 'items').length > 0) return "OpenAPIV3Schema 'items' must be a schema, but is an array";
  const inside = [objectAt(schema, 'items'), ...propertiesOf(schema).map(([, property]) => property)];
  return firstOf([...inside, objectAt(schema, 'additionalProperties')].filter((one) => one !== undefined));
}

function firstOf(schemas: readonly JsonObject[]): string | undefined {
  for (const schema of schemas) {
    const found = unstructuralBecause(schema);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Members that structural schemas do not have, in the order in which they are looked at; `$schema` is told without its sign. */
const unsupported: readonly (readonly [name: string, isSet: (schema: JsonObject) => boolean])[] = [
  ['id', (schema) => (textAt(schema, 'id') ?? '') !== ''],
  ['schema', (schema) => (textAt(schema, '$schema') ?? '') !== ''],
  ['$ref', (schema) => (textAt(schema, '$ref') ?? '') !== ''],
  ['patternProperties', (schema) => hasMembers(schema, 'patternProperties')],
  ['dependencies', (schema) => hasMembers(schema, 'dependencies')],
  ['additionalItems', (schema) => schema['additionalItems'] !== undefined],
  ['definitions', (schema) => hasMembers(schema, 'definitions')],
];

function unsupportedIn(schema: JsonObject): string | undefined {
  return unsupported.find(([, isSet]) => isSet(schema))?.[0];
}

function hasMembers(schema: JsonObject, name: string): boolean {
  return Object.keys(objectAt(schema, name) ?? {}).length > 0;
}
