import { isJsonObject } from '@meridian/manifests';
import type { Json, JsonObject } from '@meridian/manifests';
import type { FieldSet } from './field-set.ts';
import { itemTest, keysOf } from './list-items.ts';

const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value);

/** The value at a path of elements of managed fields; undefined when there is none. */
export function valueAt(value: Json | undefined, elements: readonly string[]): Json | undefined {
  return elements.reduce<Json | undefined>(childOf, value);
}

function childOf(value: Json | undefined, element: string): Json | undefined {
  if (isList(value)) return value.find(itemTest(element));
  const name = element.slice(2);
  return element.startsWith('f:') && isJsonObject(value) && Object.hasOwn(value, name)
    ? value[name]
    : undefined;
}

/** The value with what is at a path of elements changed; as it is where there is nothing at the path. */
export function changedAt(
  value: Json,
  [element, ...rest]: readonly string[],
  change: (value: Json) => Json,
): Json {
  if (element === undefined) return change(value);
  const child = childOf(value, element);
  if (child === undefined) return value;
  const next = changedAt(child, rest, change);
  if (isList(value)) return value.map((item) => (item === child ? next : item));
  return isJsonObject(value) ? { ...value, [element.slice(2)]: next } : value;
}

/**
 * The value without the fields of a set; one without others below it goes as a whole. Undefined when nothing remains. Of an
 * item that goes, what it is told by stays in its place when it is to be `filled` again.
 */
export function withoutFields(value: Json, set: FieldSet, filled?: FieldSet): Json | undefined {
  if (set.children.size === 0) return undefined;
  if (isList(value)) return withoutItems(value, set, filled);
  if (!isJsonObject(value)) return value;
  const kept = Object.entries(value).flatMap(([name, field]) => {
    const below = set.children.get(`f:${name}`);
    const rest = below ? withoutFields(field, below, filled?.children.get(`f:${name}`)) : field;
    return rest === undefined ? [] : [[name, rest] as const];
  });
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

function withoutItems(
  list: readonly Json[],
  set: FieldSet,
  filled: FieldSet | undefined,
): readonly Json[] | undefined {
  const tests = [...set.children].map(([element, below]) => ({ element, below, fits: itemTest(element) }));
  const kept = list.flatMap((item) => {
    const found = tests.find(({ fits }) => fits(item));
    if (!found) return [item];
    const again = filled?.children.get(found.element);
    const rest = withoutFields(item, found.below, again);
    if (found.below.children.size === 0 && !again) return [];
    return [isJsonObject(item) ? { ...keysOfItem(item, found.element), ...asMap(rest) } : item];
  });
  return kept.length === 0 ? undefined : kept;
}

const asMap = (value: Json | undefined): JsonObject => (isJsonObject(value) ? value : {});

function keysOfItem(item: Json, element: string): JsonObject {
  const keys = keysOf(element);
  if (!isJsonObject(item)) return {};
  return Object.fromEntries(Object.entries(item).filter(([key]) => Object.hasOwn(keys, key)));
}

/** The part of a value that a set of fields is about; undefined when the value has none of it. */
export function restrict(value: Json | undefined, set: FieldSet): Json | undefined {
  if (value === undefined || set.children.size === 0) return value;
  if (isList(value)) {
    const items = [...set.children].flatMap(([element, below]) => {
      const item = value.find(itemTest(element));
      const part = restrict(item, below);
      if (item === undefined || part === undefined) return [];
      return [isJsonObject(part) ? { ...keysOfItem(item, element), ...part } : part];
    });
    return items.length === 0 ? undefined : items;
  }
  if (!isJsonObject(value)) return undefined;
  const fields = [...set.children].flatMap(([element, below]) => {
    const part = restrict(childOf(value, element), below);
    return part === undefined ? [] : [[element.slice(2), part] as const];
  });
  return fields.length === 0 ? undefined : Object.fromEntries(fields);
}

/** The value with the parts of another one, which `restrict` has made by the same set. */
export function withFields(value: Json | undefined, parts: Json | undefined, set: FieldSet): Json {
  if (parts === undefined) return value ?? {};
  if (value === undefined || set.children.size === 0) return parts;
  if (isList(value) && isList(parts)) return withItems(value, parts, set);
  return isJsonObject(value) && isJsonObject(parts) ? withMap(value, parts, set) : parts;
}

function withMap(value: JsonObject, parts: JsonObject, set: FieldSet): JsonObject {
  const filled = new Map(Object.entries(value));
  for (const [element, below] of set.children) {
    const name = element.slice(2);
    if (parts[name] !== undefined) filled.set(name, withFields(filled.get(name), parts[name], below));
  }
  return Object.fromEntries(filled);
}

function withItems(list: readonly Json[], parts: readonly Json[], set: FieldSet): readonly Json[] {
  const items = [...list];
  for (const [element, below] of set.children) {
    const fits = itemTest(element);
    const part = parts.find(fits);
    if (part === undefined) continue;
    const at = items.findIndex(fits);
    if (at < 0) items.push(part);
    else items[at] = withFields(items[at], part, below);
  }
  return items;
}
