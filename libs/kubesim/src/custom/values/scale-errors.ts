import { GoText, invalid } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { isObject } from '../../json.ts';
import type { Json } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { goPrint } from '../../merge/go-print.ts';
import { isInteger } from './check-scalars.ts';
import { goNumber } from './finding.ts';

/** Where the scale subresource of a kind finds what it shows: `.spec.replicas`. */
export interface ScalePaths {
  readonly specReplicas: string;
  readonly statusReplicas: string;
  readonly labelSelector: string | undefined;
}

/** A value that was looked for by a path: it, nothing, or why it cannot be read. */
export type Nested<T> =
  { readonly ok: true; readonly value: T | undefined } | { readonly ok: false; readonly message: string };

/** The names on a scale's path. */
export function namesOf(path: string): string[] {
  return (path.startsWith('.') ? path.slice(1) : path).split('.');
}

/** The integer at a path of a scale, in the words of Go's unstructured package when there is something else. */
export function integerAt(object: KubeObject, path: string): Nested<number> {
  const found = nestedAt(object, namesOf(path));
  if (!found.ok) return found;
  const { value } = found;
  if (value === undefined) return { ok: true, value: undefined };
  if (typeof value === 'number' && isInteger(value)) return { ok: true, value };
  return { ok: false, message: mismatch(path, value, 'int64') };
}

/** The text at a path of a scale. */
export function textAtPath(object: KubeObject, path: string): Nested<string> {
  const found = nestedAt(object, namesOf(path));
  if (!found.ok) return found;
  const { value } = found;
  if (value === undefined) return { ok: true, value: undefined };
  return typeof value === 'string'
    ? { ok: true, value }
    : { ok: false, message: mismatch(path, value, 'string') };
}

function nestedAt(object: KubeObject, names: readonly string[]): Nested<Json> {
  let current: Json | undefined = object;
  for (const [index, name] of names.entries()) {
    if (current === null || current === undefined) return { ok: true, value: undefined };
    if (!isObject(current)) {
      const path = `.${names.slice(0, index + 1).join('.')}`;
      return { ok: false, message: mismatch(path, current, 'map[string]interface{}') };
    }
    current = current[name];
  }
  return { ok: true, value: current };
}

function mismatch(path: string, value: Json, expected: string): string {
  const at = path.startsWith('.') ? path : `.${path}`;
  return `${at} accessor error: ${shown(value)} is of the type ${goType(value)}, expected ${expected}`;
}

function shown(value: Json): string {
  return typeof value === 'number' ? goNumber(value) : goPrint(value);
}

function goType(value: Json): string {
  if (value === null) return '<nil>';
  if (Array.isArray(value)) return '[]interface {}';
  if (isObject(value)) return 'map[string]interface {}';
  if (typeof value === 'number') return isInteger(value) ? 'int64' : 'float64';
  return typeof value === 'boolean' ? 'bool' : 'string';
}

const most = 2 ** 31 - 1;

/** What is wrong with the replicas that a scale shows as asked for. */
export function scaleSpecErrors(object: KubeObject, { specReplicas }: ScalePaths): FieldError[] {
  return replicaErrors(object, specReplicas);
}

/** What is wrong with the replicas and the selector that a scale shows as they are. */
export function scaleStatusErrors(
  object: KubeObject,
  { statusReplicas, labelSelector }: ScalePaths,
): FieldError[] {
  const errors = replicaErrors(object, statusReplicas);
  if (labelSelector === undefined) return errors;
  const selector = textAtPath(object, labelSelector);
  return selector.ok ? errors : [...errors, invalid(labelSelector, '', selector.message)];
}

function replicaErrors(object: KubeObject, path: string): FieldError[] {
  const found = integerAt(object, path);
  if (!found.ok) return [invalid(path, 0, found.message)];
  const { value = 0 } = found;
  const shown = new GoText(goNumber(value));
  if (value < 0) return [invalid(path, shown, 'should be a non-negative integer')];
  return value > most ? [invalid(path, shown, `should be less than or equal to ${String(most)}`)] : [];
}
