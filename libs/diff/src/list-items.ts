import { isJsonObject } from '@meridian/manifests';
import type { Json, JsonObject } from '@meridian/manifests';

/** Tells the item of a list that a path element means. Keys that the server fills in (a port's protocol) may be missing. */
export function itemTest(element: string): (item: Json) => boolean {
  if (element.startsWith('v:')) return (item) => JSON.stringify(item) === element.slice(2);
  const keys = Object.entries(keysOf(element));
  return (item) =>
    isJsonObject(item) &&
    keys.some(([key]) => item[key] !== undefined) &&
    keys.every(([key, value]) => item[key] === undefined || item[key] === value);
}

/** The keys in an element such as `k:{"name":"web"}`; none for any other element. */
export function keysOf(element: string): JsonObject {
  if (!element.startsWith('k:')) return {};
  try {
    const keys = JSON.parse(element.slice(2)) as Json;
    return isJsonObject(keys) ? keys : {};
  } catch {
    return {};
  }
}
