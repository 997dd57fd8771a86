import type { Json, JsonObject } from '../json.ts';

/** The own member of a name, undefined when there is none: `constructor` is no member of an empty object. */
export function memberOf(object: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** The names of the members that are present. */
export function memberNames(object: JsonObject): string[] {
  return Object.keys(object).filter((name) => object[name] !== undefined);
}

/** Takes a member out of an object that the caller has made. */
export function removeMember(object: JsonObject, name: string): void {
  Reflect.deleteProperty(object, name);
}
