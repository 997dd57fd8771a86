import type { JsonObject } from '../json.ts';

/** The names of the members that are present. */
export function memberNames(object: JsonObject): string[] {
  return Object.keys(object).filter((name) => object[name] !== undefined);
}

/** Takes a member out of an object that the caller has made. */
export function removeMember(object: JsonObject, name: string): void {
  Reflect.deleteProperty(object, name);
}
