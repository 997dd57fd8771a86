/** A value that JSON can carry. Stored trees are shared: only a draft, a deep copy made for the purpose, is changed. */
export type Json = null | boolean | number | string | Json[] | JsonObject;

/** A JSON object; a member that is undefined counts as absent. */
export interface JsonObject {
  [field: string]: Json | undefined;
}

/** Whether a value is a JSON object: not null, not an array. */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value at a path of member names, undefined as soon as something on the way is not an object. */
export function valueAt(value: Json | undefined, ...path: readonly string[]): Json | undefined {
  let current = value;
  for (const name of path) {
    if (!isObject(current)) return undefined;
    current = current[name];
  }
  return current;
}

/** The object at a path, undefined when there is none. */
export function objectAt(value: Json | undefined, ...path: readonly string[]): JsonObject | undefined {
  const found = valueAt(value, ...path);
  return isObject(found) ? found : undefined;
}

/** The items of the list at a path; none when there is no list. */
export function itemsAt(value: Json | undefined, ...path: readonly string[]): readonly Json[] {
  const found = valueAt(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** The text at a path, undefined when there is no string. */
export function textAt(value: Json | undefined, ...path: readonly string[]): string | undefined {
  const found = valueAt(value, ...path);
  return typeof found === 'string' ? found : undefined;
}

/** The members with text of the object at a path: labels, amounts. */
export function textsAt(value: Json | undefined, ...path: readonly string[]): Record<string, string> {
  const members = Object.entries(objectAt(value, ...path) ?? {});
  return Object.fromEntries(
    members.filter((member): member is [string, string] => typeof member[1] === 'string'),
  );
}

/** The number at a path, undefined when there is none. */
export function numberAt(value: Json | undefined, ...path: readonly string[]): number | undefined {
  const found = valueAt(value, ...path);
  return typeof found === 'number' ? found : undefined;
}

/** A deep copy that may be changed. Undefined members are left out. */
export function draftOf<T extends Json>(value: T): T;
export function draftOf(value: Json): Json {
  if (Array.isArray(value)) return value.map((item) => draftOf(item));
  if (!isObject(value)) return value;
  const copy: JsonObject = {};
  for (const name of Object.keys(value)) {
    const member = value[name];
    if (member !== undefined) defineMember(copy, name, draftOf(member));
  }
  return copy;
}

/** Sets a member whatever its name, also `__proto__`, which a plain assignment would lose. */
export function defineMember(object: JsonObject, name: string, value: Json): void {
  if (name === '__proto__') {
    Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
  } else {
    object[name] = value;
  }
}

/** Whether two values are equal: the order of members does not matter, that of items does. */
export function jsonEqual(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) return Array.isArray(b) && listsEqual(a, b);
  return isObject(a) && isObject(b) && membersEqual(a, b);
}

function listsEqual(a: readonly Json[], b: readonly Json[]): boolean {
  return a.length === b.length && a.every((item, index) => jsonEqual(item, b[index]));
}

function membersEqual(a: JsonObject, b: JsonObject): boolean {
  const present = (object: JsonObject) => Object.keys(object).filter((name) => object[name] !== undefined);
  const names = present(a);
  return (
    names.length === present(b).length &&
    names.every((name) => Object.hasOwn(b, name) && jsonEqual(a[name], b[name]))
  );
}
