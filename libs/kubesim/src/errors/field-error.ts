import { goQuote } from '@meridian/cel';
import type { Json } from '../json.ts';

/** Types of a field error, which are the reasons of a Status' causes (k8s.io/apimachinery/pkg/util/validation/field). */
export type FieldErrorType =
  | 'FieldValueNotFound'
  | 'FieldValueRequired'
  | 'FieldValueDuplicate'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueForbidden'
  | 'FieldValueTooLong'
  | 'FieldValueTooShort'
  | 'FieldValueTooMany'
  | 'FieldValueTooFew'
  | 'FieldValueTypeInvalid'
  | 'InternalError';

/** One finding of validation. */
export interface FieldError {
  readonly type: FieldErrorType;
  /** `spec.template.spec.containers[0].name` */
  readonly field: string;
  /** What stands after the type, already in Go's form; undefined when the error shows no value. */
  readonly shown?: string;
  readonly detail: string;
}

/** A refused value: JSON, or GoText for a value whose Go form is not its JSON form. */
export type BadValue = Json | undefined | GoText;

/** Text that Go prints as it stands, without quotes. */
export class GoText {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

const words: Readonly<Record<FieldErrorType, string>> = {
  FieldValueNotFound: 'Not found',
  FieldValueRequired: 'Required value',
  FieldValueDuplicate: 'Duplicate value',
  FieldValueInvalid: 'Invalid value',
  FieldValueNotSupported: 'Unsupported value',
  FieldValueForbidden: 'Forbidden',
  FieldValueTooLong: 'Too long',
  FieldValueTooShort: 'Too short',
  FieldValueTooMany: 'Too many',
  FieldValueTooFew: 'Too few',
  FieldValueTypeInvalid: 'Invalid value',
  InternalError: 'Internal error',
};

/** The message of a finding without its field, as field.Error.ErrorBody gives it: `Invalid value: "x": must be …`. */
export function errorBody(error: FieldError): string {
  const value = error.shown === undefined ? '' : `: ${error.shown}`;
  const detail = error.detail === '' ? '' : `: ${error.detail}`;
  return `${words[error.type]}${value}${detail}`;
}

/** A value as a finding shows it: text quoted as Go does, other values as JSON. */
function shownValue(value: BadValue): string {
  if (value instanceof GoText) return value.text;
  return typeof value === 'string' ? goQuote(value) : goJson(value ?? null);
}

/** JSON as Go's encoding/json writes it: members of a map sorted, `<`, `>` and `&` escaped. */
export function goJson(value: Json): string {
  // Most of what is shown are names, which say the same in any JSON.
  if (typeof value === 'string' && plain.test(value)) return `"${value}"`;
  return JSON.stringify(value, sortedMembers)
    .replaceAll('<', '\\u003c')
    .replaceAll('>', '\\u003e')
    .replaceAll('&', '\\u0026');
}

const plain = /^[\w ./:-]*$/;

function sortedMembers(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** field.Invalid: a value that is malformed or out of bounds. */
export function invalid(field: string, value: BadValue, detail: string): FieldError {
  return { type: 'FieldValueInvalid', field, shown: shownValue(value), detail };
}

/** field.Required. */
export function required(field: string, detail = ''): FieldError {
  return { type: 'FieldValueRequired', field, detail };
}

/** field.Forbidden. */
export function forbidden(field: string, detail: string): FieldError {
  return { type: 'FieldValueForbidden', field, detail };
}

/** field.NotFound. */
export function notFound(field: string, value: BadValue): FieldError {
  return { type: 'FieldValueNotFound', field, shown: shownValue(value), detail: '' };
}

/** field.Duplicate. */
export function duplicate(field: string, value: BadValue): FieldError {
  return { type: 'FieldValueDuplicate', field, shown: shownValue(value), detail: '' };
}

/** field.NotSupported: a value that is none of those listed, in the order given. */
export function notSupported(field: string, value: BadValue, supported: readonly string[]): FieldError {
  const detail = supported.length === 0 ? '' : `supported values: ${supported.map(goQuote).join(', ')}`;
  return { type: 'FieldValueNotSupported', field, shown: shownValue(value), detail };
}

/** field.TooLong and TooLongMaxLength. */
export function tooLong(field: string, max: number, unit: 'byte' | 'character' = 'byte'): FieldError {
  const detail = `may not be more than ${String(max)} ${unit}${max === 1 ? '' : 's'}`;
  return { type: 'FieldValueTooLong', field, detail };
}

/** field.TooMany: a list with more items than it may have. */
export function tooMany(field: string, count: number, max: number): FieldError {
  const detail = `must have at most ${String(max)} item${max === 1 ? '' : 's'}`;
  return { type: 'FieldValueTooMany', field, shown: String(count), detail };
}
