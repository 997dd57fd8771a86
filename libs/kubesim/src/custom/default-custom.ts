import { defineMember, draftOf, isObject } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import { additionalSchema, memberSchema } from './custom-schema.ts';
import type { CustomSchema } from './custom-schema.ts';

/** Fills the defaults of a schema into a draft, also where a null stands that may not. */
export function setCustomDefaults(draft: Json, schema: CustomSchema | undefined): void {
  if (schema === undefined) return;
  if (Array.isArray(draft)) defaultItems(draft, schema.items);
  else if (isObject(draft)) defaultMembers(draft, schema);
}

function defaultItems(draft: Json[], items: CustomSchema | undefined): void {
  draft.forEach((item, index) => {
    if (isForbiddenNull(item, items)) draft[index] = draftOf(items?.default ?? null);
    setCustomDefaults(draft[index] ?? null, items);
  });
}

function defaultMembers(draft: JsonObject, schema: CustomSchema): void {
  for (const [name, property] of schema.properties) fillMember(draft, name, property);
  const others = additionalSchema(schema);
  for (const name of Object.keys(draft)) {
    if (!schema.properties.has(name) && isForbiddenNull(draft[name], others)) {
      defineMember(draft, name, draftOf(others?.default ?? null));
    }
    setCustomDefaults(draft[name] ?? null, memberSchema(schema, name));
  }
}

function fillMember(draft: JsonObject, name: string, property: CustomSchema): void {
  const value = property.default;
  if (value === undefined || value === null) return;
  const present = Object.hasOwn(draft, name) ? draft[name] : undefined;
  if (present === undefined || isForbiddenNull(present, property)) defineMember(draft, name, draftOf(value));
}

function isForbiddenNull(value: Json | undefined, schema: CustomSchema | undefined): boolean {
  return value === null && schema?.nullable === false;
}
