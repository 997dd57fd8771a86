import { duplicate, goJson, invalid } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { isObject } from '../../json.ts';
import type { Json, JsonObject } from '../../json.ts';
import { additionalSchema } from '../custom-schema.ts';
import type { CustomSchema } from '../custom-schema.ts';
import { shownValue } from './finding.ts';

/** What stands twice in the sets and list maps of an object. */
export function listErrors(object: JsonObject, schema: CustomSchema, path = ''): FieldError[] {
  const others = additionalSchema(schema);
  const ofOthers = others === undefined ? [] : Object.entries(object);
  const named = Object.entries(object).filter(([name]) => schema.properties.has(name));
  return [
    ...ofOthers.flatMap(([name, value]) => valueErrors(value ?? null, others, `${path}[${name}]`)),
    ...named.flatMap(([name, value]) =>
      valueErrors(value ?? null, schema.properties.get(name), path === '' ? name : `${path}.${name}`),
    ),
  ];
}

function valueErrors(value: Json, schema: CustomSchema | undefined, path: string): FieldError[] {
  if (schema === undefined) return [];
  if (!Array.isArray(value)) return isObject(value) ? listErrors(value, schema, path) : [];
  return [
    ...twins(value, schema, path),
    ...value.flatMap((item, index) => valueErrors(item, schema.items, `${path}[${String(index)}]`)),
  ];
}

function twins(list: readonly Json[], schema: CustomSchema, path: string): FieldError[] {
  if (schema.listType === 'set') return repeated(list, path);
  if (schema.listType !== 'map') return [];
  const wrong = list.findIndex((item) => item !== null && !isObject(item));
  if (wrong >= 0) {
    const words = 'must be an object for an array of list-type map';
    return [invalid(`${path}[${String(wrong)}]`, shownValue(list[wrong] ?? null), words)];
  }
  const keys = list.map((item) => keysOf(item, schema.mapKeys));
  return repeated(keys, path);
}

function keysOf(item: Json, names: readonly string[]): JsonObject {
  const keys: JsonObject = {};
  if (!isObject(item)) return keys;
  for (const name of names) {
    if (Object.hasOwn(item, name) && item[name] !== undefined) keys[name] = item[name];
  }
  return keys;
}

/** Each value that is there more than once is told about where it comes the second time. */
function repeated(values: readonly Json[], path: string): FieldError[] {
  const times = new Map<string, number>();
  const errors: FieldError[] = [];
  values.forEach((value, index) => {
    const text = goJson(value);
    const seen = (times.get(text) ?? 0) + 1;
    times.set(text, seen);
    if (seen === 2) errors.push(duplicate(`${path}[${String(index)}]`, shownValue(value)));
  });
  return errors;
}
