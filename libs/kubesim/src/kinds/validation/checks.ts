import { invalid, notSupported, required } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { isObject } from '../../json.ts';
import type { Json, JsonObject } from '../../json.ts';

/** A value that must be one of a few; absent and empty values are fine here, because defaults or other checks see to them. */
export function oneOf(value: Json | undefined, path: string, supported: readonly string[]): FieldError[] {
  if (typeof value !== 'string' || value === '' || supported.includes(value)) return [];
  return [notSupported(path, value, supported)];
}

/** A number that must not be negative. */
export function notNegative(value: Json | undefined, path: string): FieldError[] {
  return atLeast(value, path, 0);
}

/** A number that must not be below another. */
export function atLeast(value: Json | undefined, path: string, least: number): FieldError[] {
  if (typeof value !== 'number' || value >= least) return [];
  return [invalid(path, value, `must be greater than or equal to ${String(least)}`)];
}

/** A number that must lie between two, both included. */
export function between(
  value: Json | undefined,
  path: string,
  [least, most]: readonly [number, number],
): FieldError[] {
  if (typeof value !== 'number' || (value >= least && value <= most)) return [];
  return [invalid(path, value, `must be between ${String(least)} and ${String(most)}, inclusive`)];
}

/** A port number. */
export function portNumber(value: Json | undefined, path: string): FieldError[] {
  return between(value, path, [1, 65_535]);
}

/** A port by number or by name. */
export function portNumberOrName(value: Json | undefined, path: string): FieldError[] {
  if (typeof value === 'string') return portName(value, path);
  return portNumber(value, path);
}

/** The name of a port (RFC 6335): letters, digits and single dashes, at most 15. */
export function portName(name: string, path: string): FieldError[] {
  return portNameProblems(name).map((problem) => invalid(path, name, problem));
}

function portNameProblems(name: string): string[] {
  const problems = Buffer.byteLength(name) > 15 ? ['must be no more than 15 characters'] : [];
  if (!/^[-a-z0-9]+$/.test(name)) {
    problems.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  }
  if (!/[a-z]/.test(name)) problems.push('must contain at least one letter (a-z)');
  if (name.includes('--')) problems.push('must not contain consecutive hyphens');
  if (name.startsWith('-') || name.endsWith('-')) problems.push('must not begin or end with a hyphen');
  return problems;
}

const percentWords =
  "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', " +
  "regex used for validation is '[0-9]+%')";

/** A count or a percentage. */
export function countOrPercent(value: Json | undefined, path: string): FieldError[] {
  if (typeof value === 'number') return notNegative(value, path);
  if (typeof value !== 'string' || /^[0-9]+%$/.test(value)) return [];
  return [invalid(path, value, percentWords)];
}

/** A percentage that must not be more than everything. */
export function notOverAll(value: Json | undefined, path: string): FieldError[] {
  const percent = typeof value === 'string' ? /^([0-9]+)%$/.exec(value)?.[1] : undefined;
  if (percent === undefined || Number(percent) <= 100) return [];
  return [invalid(path, value, 'must not be greater than 100%')];
}

/** Text that must be there and, when it is, be of a form. */
export function requiredForm(
  value: Json | undefined,
  path: string,
  problems: (text: string) => string[],
): FieldError[] {
  if (typeof value !== 'string' || value === '') return [required(path)];
  return problems(value).map((problem) => invalid(path, value, problem));
}

/** Objects of a list, with their paths. */
export function itemsWithPaths(
  list: Json | undefined,
  path: string,
): readonly (readonly [JsonObject, string])[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((item, index) =>
    isObject(item) ? [[item, `${path}[${String(index)}]`] as const] : [],
  );
}

/** Text that must be there and be one of a few. */
export function needed(value: string, path: string, supported: readonly string[]): FieldError[] {
  return value === '' ? [required(path)] : oneOf(value, path, supported);
}
