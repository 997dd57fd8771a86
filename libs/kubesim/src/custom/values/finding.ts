import { GoText, invalid, notSupported, required, tooLong } from '../../errors/field-error.ts';
import type { BadValue, FieldError } from '../../errors/field-error.ts';
import { goJson } from '../../errors/field-error.ts';
import type { Json } from '../../json.ts';

/** What is wrong with a value. The text tells findings apart: one that is made twice is told once. */
export interface Finding {
  readonly text: string;
  /** With a field that is relative to the value that was checked. */
  readonly error: FieldError;
}

/** What checking a value against a schema came to. */
export interface Result {
  readonly findings: readonly Finding[];
  /** How many checks were passed: of several alternatives that all fail, the nearest is told about. */
  readonly matches: number;
}

/** A result without findings. */
export function passed(matches: number): Result {
  return { findings: [], matches };
}

/** A result of findings only. */
export function failed(...findings: readonly Finding[]): Result {
  return { findings, matches: 0 };
}

/** Several results as one. */
export function joined(results: readonly Result[]): Result {
  const findings = new Map<string, Finding>();
  let matches = 0;
  for (const result of results) {
    for (const finding of result.findings) {
      if (!findings.has(finding.text)) findings.set(finding.text, finding);
    }
    matches += result.matches;
  }
  return { findings: [...findings.values()], matches };
}

/** The field of findings that are about nothing in particular, as Go prints a path that is not there. */
export const noField = '<nil>';

/** A finding in words that name the value: `spec.replicas in body must be …`. */
export function told(path: string, words: string, value: BadValue): Finding {
  return worded(path, `${path} in body ${words}`, value);
}

/** A finding about a field in words of its own. */
export function worded(path: string, text: string, value: BadValue): Finding {
  return { text, error: invalid(fieldOf(path), value, text) };
}

/** A finding about no field. */
export function general(text: string): Finding {
  return { text, error: invalid(noField, '', text) };
}

/** A value of a wrong type, or text of a wrong format. */
export function wrongType(path: string, type: string, found: string): Finding {
  const text = `${path} in body must be of type ${type}: ${JSON.stringify(found)}`;
  return { text, error: { ...invalid(fieldOf(path), found, text), type: 'FieldValueTypeInvalid' } };
}

/** A member that has to be there. */
export function missing(path: string): Finding {
  return { text: `${path} in body is required`, error: required(fieldOf(path)) };
}

/** Text that is too long. */
export function tooLongText(path: string, most: number): Finding {
  const text = `${path} in body should be at most ${String(most)} chars long`;
  return { text, error: tooLong(fieldOf(path), most) };
}

/** A list or map with too much in it. */
export function tooMany(
  path: string,
  { found, most, what }: { readonly found: number; readonly most: number; readonly what: string },
): Finding {
  const detail = `must have at most ${String(most)} item${most === 1 ? '' : 's'}`;
  const error = { ...invalid(fieldOf(path), found, detail), type: 'FieldValueTooMany' as const };
  return { text: `${path} in body should have at most ${String(most)} ${what}`, error };
}

/** A value that is none of those that may be. */
export function notListed(path: string, value: Json, values: readonly Json[]): Finding {
  const shown = values.map((item) => (typeof item === 'string' ? item : goJson(item)));
  const error = notSupported(fieldOf(path), shownValue(value), shown);
  return { text: `${path} in body should be one of ${JSON.stringify(values)}`, error };
}

/** A number as Go's `%v` prints it; whole numbers are integers unless told. */
export function goNumber(value: number, isFloat = false): string {
  const isInteger = !isFloat && Number.isInteger(value) && Math.abs(value) < 2 ** 63;
  if (isInteger || value === 0 || isPlain(Math.abs(value))) return String(value);
  const [digits = '', exponent = ''] = value.toExponential().split('e');
  const sign = exponent.startsWith('-') ? '-' : '+';
  return `${digits}e${sign}${exponent.replace(/^[-+]/, '').padStart(2, '0')}`;
}

function isPlain(size: number): boolean {
  return size >= 1e-4 && size < 1e6;
}

/** A value as findings show it. */
export function shownValue(value: Json): BadValue {
  return typeof value === 'number' ? new GoText(goNumber(value)) : value;
}

function fieldOf(path: string): string {
  const field = path.startsWith('.') ? path.slice(1) : path;
  return field === '' ? noField : field;
}
