import { draftOf, isObject } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import type { ObjectSchema, Schema } from './schema.ts';

/** Fills the defaults of one type into an object of it, which is a draft; what is inside of it is filled afterwards. */
export type TypeDefaults = (draft: JsonObject) => void;

/**
 * Fills defaults into a draft, type by type from the outside in, as the API server's generated defaulting does: first the
 * functions of the type, then the constants that its fields declare (`+default`).
 */
export function setDefaults(
  draft: Json | undefined,
  schema: Schema,
  byType: Readonly<Record<string, TypeDefaults>>,
): void {
  if (Array.isArray(draft)) {
    if (schema.kind === 'list') draft.forEach((item) => setDefaults(item, schema.item, byType));
  } else if (isObject(draft)) {
    if (schema.kind === 'map')
      Object.values(draft).forEach((value) => setDefaults(value, schema.value, byType));
    if (schema.kind === 'object') setFields(draft, schema, byType);
  }
}

function setFields(
  draft: JsonObject,
  schema: ObjectSchema,
  byType: Readonly<Record<string, TypeDefaults>>,
): void {
  if (Object.hasOwn(byType, schema.typeName)) byType[schema.typeName]?.(draft);
  declared(draft, schema);
  for (const [name, field] of schema.fields) setDefaults(draft[name], field.schema, byType);
}

/** Declared zero values are what Go has without any defaulting; only the others change something. */
function declared(draft: JsonObject, schema: ObjectSchema): void {
  for (const [name, field] of schema.fields) {
    const { default: value } = field;
    const says = value !== undefined && value !== '' && value !== 0 && !isObject(value);
    if (says && draft[name] === undefined) draft[name] = draftOf(value);
  }
}

/** Sets members that are absent, or lists or maps without anything in them. */
export function fillEmpty(draft: JsonObject, defaults: JsonObject): void {
  for (const name of Object.keys(defaults)) {
    const value = draft[name];
    if (typeof value === 'object' && Object.keys(value ?? {}).length === 0) delete draft[name];
  }
  fill(draft, defaults);
}

/** Sets members that are absent. */
export function fill(draft: JsonObject, defaults: JsonObject): void {
  for (const [name, value] of Object.entries(defaults)) {
    if (draft[name] === undefined && value !== undefined) draft[name] = draftOf(value);
  }
}
