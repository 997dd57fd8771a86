import { forbiddenKeys, type Json } from '@meridian/manifests';

/** A JSON value that a build may change; it is always the build's own copy. */
export type Value = null | boolean | number | string | Value[] | Fields;

/** A JSON object that a build may change. */
export interface Fields {
  [key: string]: Value;
}

/** Whether a value is a mapping. */
export function isFields(value: Value | undefined): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A deep copy that nothing else holds. */
export function copyOf(value: Json | Value): Value {
  if (Array.isArray(value)) return value.map(copyOf);
  if (typeof value !== 'object' || value === null) return value;
  const copy: Fields = {};
  for (const [key, field] of Object.entries(value)) copy[key] = copyOf(field);
  return copy;
}

/** A deep copy of a mapping. */
export function copyFields(fields: { readonly [key: string]: Json }): Fields {
  const copy: Fields = {};
  for (const [key, field] of Object.entries(fields)) copy[key] = copyOf(field);
  return copy;
}

/** An own field; never one that JavaScript put on the prototype. */
export function fieldOf(fields: Fields, key: string): Value | undefined {
  return Object.hasOwn(fields, key) ? fields[key] : undefined;
}

/** The mapping at a key, made when it is absent or null. */
export function ensureFields(fields: Fields, key: string): Fields {
  const present = fieldOf(fields, key);
  if (isFields(present)) return present;
  const made: Fields = {};
  fields[key] = made;
  return made;
}

/** Text of a value when it is text, '' otherwise. */
export function textOf(value: Value | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** Deep equality of JSON values; key order does not count. */
export function equalValues(left: Value | undefined, right: Value | undefined): boolean {
  if (left === right) return true;
  if (Array.isArray(left)) {
    return (
      Array.isArray(right) &&
      left.length === right.length &&
      left.every((item, index) => equalValues(item, right[index]))
    );
  }
  if (!isFields(left) || !isFields(right)) return false;
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => equalValues(left[key], fieldOf(right, key)))
  );
}

/** Whether a text may be used as a key of a mapping. */
export function isAllowedKey(key: string): boolean {
  return !forbiddenKeys.has(key);
}
