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

/** What a table or an object has of its own under a name: `constructor` is no member of an empty one. */
export function memberOf<T>(object: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** The value at a path of member names, undefined as soon as something on the way is not an object. */
export function valueAt(value: Json | undefined, ...path: readonly string[]): Json | undefined {
  let current = value;
  for (const name of path) {
    if (!isObject(current)) return undefined;
    current = memberOf(current, name);
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

/** The members with text of the object at a path: labels, amounts. They inherit nothing, so that any name can be looked up. */
export function textsAt(value: Json | undefined, ...path: readonly string[]): Record<string, string> {
  const texts = noTexts();
  const found = objectAt(value, ...path) ?? {};
  for (const name of Object.keys(found)) {
    const member = found[name];
    if (typeof member === 'string') texts[name] = member;
  }
  return texts;
}

/** Nothing, not even what every object inherits. */
function noTexts(): Record<string, string> {
  const texts: Record<string, string> = {};
  Object.setPrototypeOf(texts, null);
  return texts;
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

/**
 * The same value, made of parts of a known one where they are equal; the known value itself when all is. Both are left as they
 * are. What is stored this way shares what did not change, so that it takes less room and is compared at once.
 */
export function reusing<T extends Json>(value: T, known: Json | undefined): T;
export function reusing(value: Json, known: Json | undefined): Json {
  if (value === known) return value;
  if (Array.isArray(value)) return Array.isArray(known) ? reusingItems(value, known) : value;
  return isObject(value) && isObject(known) ? reusingMembers(value, known) : value;
}

function reusingItems(items: Json[], known: Json[]): Json[] {
  const next = items.map((item, index) => reusing(item, known[index]));
  const isSame = next.length === known.length && next.every((item, index) => item === known[index]);
  return isSame ? known : next;
}

function reusingMembers(object: JsonObject, known: JsonObject): JsonObject {
  const next: JsonObject = {};
  let [count, isSame] = [0, true];
  for (const name of Object.keys(object)) {
    const member = object[name];
    if (member === undefined) continue;
    const before = Object.hasOwn(known, name) ? known[name] : undefined;
    const after = reusing(member, before);
    defineMember(next, name, after);
    isSame &&= after === before;
    count += 1;
  }
  return isSame && count === definedCount(known) ? known : next;
}

function definedCount(object: JsonObject): number {
  let count = 0;
  for (const name of Object.keys(object)) if (object[name] !== undefined) count += 1;
  return count;
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
  if (definedCount(a) !== definedCount(b)) return false;
  for (const name of Object.keys(a)) {
    const member = a[name];
    if (member !== undefined && !(Object.hasOwn(b, name) && jsonEqual(member, b[name]))) return false;
  }
  return true;
}
