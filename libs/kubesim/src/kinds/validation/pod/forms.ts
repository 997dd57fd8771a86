import { invalid, notSupported, required } from '../../../errors/field-error.ts';
import type { FieldError } from '../../../errors/field-error.ts';
import { isObject, itemsAt, objectAt, textAt } from '../../../json.ts';
import type { Json, JsonObject } from '../../../json.ts';
import { itemsWithPaths } from '../checks.ts';

/** Text of a form, given by what is wrong with it; each thing is an error of its own. */
export function formed(text: string, path: string, problems: (text: string) => string[]): FieldError[] {
  return problems(text).map((problem) => invalid(path, text, problem));
}

/** Text of a form, unless it is empty. */
export function formedIfAny(text: string, path: string, problems: (text: string) => string[]): FieldError[] {
  return text === '' ? [] : formed(text, path, problems);
}

/** Text that is one of a few when it is there at all, also when it is empty. */
export function choice(value: Json | undefined, path: string, supported: readonly string[]): FieldError[] {
  if (value === undefined || (typeof value === 'string' && supported.includes(value))) return [];
  return [notSupported(path, value, supported)];
}

/** Text that must not be empty. */
export function given(text: string, path: string, detail = ''): FieldError[] {
  return text === '' ? [required(path, detail)] : [];
}

/** The text of a field, empty when there is none, as in Go. */
export function textOf(object: JsonObject | undefined, ...path: readonly string[]): string {
  return textAt(object, ...path) ?? '';
}

/** A container of a pod with its path. */
export type Placed = readonly [container: JsonObject, path: string];

/** All containers of a pod in the order in which the server visits them. */
export function everyContainer(spec: JsonObject, path: string): readonly Placed[] {
  return ['initContainers', 'containers', 'ephemeralContainers'].flatMap((list) =>
    itemsWithPaths(spec[list], `${path}.${list}`),
  );
}

/** The fields of an object that hold objects, as a list of names, out of those asked for. */
export function objectFields(object: JsonObject, names: readonly string[]): string[] {
  return names.filter((name) => isObject(object[name]));
}

/** The texts of a list. */
export function wordsOf(object: JsonObject | undefined, ...path: readonly string[]): string[] {
  return itemsAt(object, ...path).filter((item) => typeof item === 'string');
}

/** The names of the items of a list, none when they have none. */
export function namesOf(object: JsonObject, list: string): string[] {
  return itemsAt(object, list)
    .map((item) => textAt(item, 'name') ?? '')
    .filter((name) => name !== '');
}

/** The object at a field; an empty one when there is none. */
export function partOf(object: JsonObject, field: string): JsonObject {
  return objectAt(object, field) ?? {};
}
