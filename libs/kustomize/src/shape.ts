import { fieldText, nearest, type Json, type YamlDocument } from '@meridian/manifests';
import type { LocatedError } from '@meridian/fleet';
import { copyOf, isFields, type Fields, type Value } from './value.ts';

/** What a field of a kustomization may be. */
export type Shape =
  | 'text'
  | 'flag'
  | 'count'
  | 'textMap'
  | 'any'
  | { readonly list: Shape }
  | { readonly fields: { readonly [field: string]: Shape } };

/** A list of shapes. */
export const listOf = (list: Shape): Shape => ({ list });
/** A mapping with known fields. */
export const fieldsOf = (fields: { readonly [field: string]: Shape }): Shape => ({ fields });

interface Checking {
  readonly file: string;
  readonly lineOf: YamlDocument['lineOf'];
  /** Says why a top-level field is refused although kustomize knows it. */
  readonly unsupported: { readonly [field: string]: string };
  readonly errors: LocatedError[];
}

/** A copy of the document without nulls, after every field was held against the shape; mistakes go to `checking.errors`. */
export function checkShape(value: Json, shape: Shape, checking: Checking): Fields {
  const checked = check(value, shape, [], checking);
  return isFields(checked) ? checked : {};
}

type Path = readonly (string | number)[];

function check(value: Json, shape: Shape, path: Path, checking: Checking): Value | undefined {
  if (value === null) return undefined;
  if (typeof shape === 'string') return checkPlain(value, shape, path, checking);
  if ('list' in shape) {
    if (!Array.isArray(value)) return wrong(path, 'a list', checking);
    return (value as readonly Json[]).flatMap(
      (item, index) => check(item, shape.list, [...path, index], checking) ?? [],
    );
  }
  return checkFields(value, shape.fields, path, checking);
}

function checkPlain(value: Json, shape: Shape & string, path: Path, checking: Checking): Value | undefined {
  switch (shape) {
    case 'any':
      return copyOf(value);
    case 'text':
      return typeof value === 'string'
        ? value
        : wrong(path, 'text', checking, typeof value === 'object' ? undefined : 'quote it');
    case 'flag':
      return typeof value === 'boolean' ? value : wrong(path, 'true or false', checking);
    case 'count':
      return Number.isSafeInteger(value) ? (value as number) : wrong(path, 'a whole number', checking);
    case 'textMap':
      return checkTextMap(value, path, checking);
  }
}

function checkTextMap(value: Json, path: Path, checking: Checking): Value | undefined {
  const map = copyOf(value);
  if (!isFields(map)) return wrong(path, 'a mapping', checking);
  for (const [key, text] of Object.entries(map)) {
    if (text === null) map[key] = '';
    else if (typeof text !== 'string') wrong([...path, key], 'text', checking, 'quote it');
  }
  return map;
}

function checkFields(
  value: Json,
  shapes: { readonly [field: string]: Shape },
  path: Path,
  checking: Checking,
): Value | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return wrong(path, 'a mapping', checking);
  const result: Fields = {};
  for (const [field, content] of Object.entries(value)) {
    const shape = Object.hasOwn(shapes, field) ? shapes[field] : undefined;
    if (!shape) {
      checking.errors.push(unknownField([...path, field], field, Object.keys(shapes), checking));
      continue;
    }
    const checked = check(content, shape, [...path, field], checking);
    if (checked !== undefined) result[field] = checked;
  }
  return result;
}

function unknownField(path: Path, field: string, known: readonly string[], checking: Checking): LocatedError {
  const place = { file: checking.file, line: checking.lineOf(path), field: fieldText(path) };
  const way =
    path.length === 1 && Object.hasOwn(checking.unsupported, field) ? checking.unsupported[field] : undefined;
  if (way !== undefined) return { ...place, message: `the field ${field} is not supported`, fix: way };
  const meant = nearest(field, known);
  const fix = meant === undefined ? 'remove it' : `did you mean ${meant}?`;
  return { ...place, message: `unknown field ${fieldText(path)}`, fix };
}

function wrong(path: Path, rule: string, checking: Checking, fix?: string): undefined {
  const field = path.length === 0 ? 'the kustomization' : fieldText(path);
  checking.errors.push({
    file: checking.file,
    line: checking.lineOf(path),
    ...(path.length > 0 ? { field: fieldText(path) } : {}),
    message: `${field} must be ${rule}`,
    fix: fix ?? `write ${rule}`,
  });
  return undefined;
}
