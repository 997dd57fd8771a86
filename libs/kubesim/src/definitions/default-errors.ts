import type { FieldError } from '../errors/field-error.ts';
import type { JsonObject } from '../json.ts';

/** What is wrong with the defaults of a structural schema. */
export function defaultErrors(_schema: JsonObject, _path: string): FieldError[] {
  return [];
}
