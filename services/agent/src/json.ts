import type { JsonObject } from '@meridian/manifests';

/** Whether a field of an object is a JSON object. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
