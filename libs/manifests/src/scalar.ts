import type { Dialect, KeyMeaning, Meaning, ScalarForm } from './dialect.ts';

/** A scalar of JSON. */
export type JsonScalar = null | boolean | number | string;

/** What a scalar means, or why it has no faithful meaning in JSON. */
export type ScalarMeaning = Meaning<JsonScalar>;

const words: ReadonlyMap<string, JsonScalar> = new Map<string, JsonScalar>([
  ...['', '~', 'null', 'Null', 'NULL'].map((word): [string, JsonScalar] => [word, null]),
  ...['true', 'True', 'TRUE'].map((word): [string, JsonScalar] => [word, true]),
  ...['false', 'False', 'FALSE'].map((word): [string, JsonScalar] => [word, false]),
]);
const notFinite = /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
const integer = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|([1-9][0-9]*|0))$/;
const float = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const day = /^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})$/;

/**
 * Resolves an unquoted scalar the way kustomize does (go-yaml v3): `010` is 8, `1_000` is 1000, `yes`, `no`, `on`
 * and `1:30` stay text, a bare day becomes its RFC 3339 midnight. Integers that JavaScript cannot hold exactly and
 * numbers that JSON cannot carry are refused instead of being changed.
 */
export function resolvePlain(text: string): ScalarMeaning {
  const word = words.get(text);
  if (word !== undefined) return { value: word };
  if (!/^[-+.0-9]/.test(text)) return { value: text };
  if (notFinite.test(text)) return { refused: `${text} has no JSON form`, fix: `quote it: "${text}"` };
  return resolveNumber(text) ?? { value: resolveDay(text) };
}

function resolveNumber(text: string): ScalarMeaning | undefined {
  const digits = text.includes('_') ? text.replaceAll('_', '') : text;
  const whole = integer.exec(digits);
  if (whole) return resolveInteger(whole, text);
  if (!float.test(digits)) return undefined;
  const value = Number(digits);
  if (!Number.isFinite(value))
    return { refused: `${clip(text)} is too large for a number`, fix: `quote it: "${clip(text)}"` };
  if (/^[-+]?[0-9]+$/.test(digits) && !Number.isSafeInteger(value)) return tooLarge(text);
  return { value: value === 0 ? 0 : value };
}

function resolveInteger(parts: RegExpExecArray, text: string): ScalarMeaning {
  const [, sign, hex, binary, octal, decimal] = parts;
  const magnitude =
    hex !== undefined
      ? parseInt(hex, 16)
      : binary !== undefined
        ? parseInt(binary, 2)
        : octal !== undefined
          ? parseInt(octal, 8)
          : Number(decimal);
  if (!Number.isSafeInteger(magnitude)) return tooLarge(text);
  return { value: magnitude === 0 ? 0 : sign === '-' ? -magnitude : magnitude };
}

function tooLarge(text: string): ScalarMeaning {
  return {
    refused: `the integer ${clip(text)} is beyond 2^53 and would be rounded`,
    fix: `quote it to keep every digit: "${clip(text)}"`,
  };
}

function clip(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}...` : text;
}

function resolveDay(text: string): string {
  const parts = day.exec(text);
  if (!parts) return text;
  const [year, month, date] = [Number(parts[1]), Number(parts[2]), Number(parts[3])];
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
  if (date < 1 || date > days) return text;
  return `${parts[1] ?? ''}-${String(month).padStart(2, '0')}-${String(date).padStart(2, '0')}T00:00:00Z`;
}

/** Resolves a scalar with an explicit tag; only the core tags (`!!str`, `!!int` …) are read. */
function resolveTagged(tag: string, text: string, plain: boolean): ScalarMeaning {
  if (tag === '!' || tag === '!!str') return { value: text };
  const wanted = { '!!null': 'null', '!!bool': 'boolean', '!!int': 'number', '!!float': 'number' }[tag];
  if (wanted === undefined) {
    return {
      refused: `the tag ${tag.slice(0, 80)} is not supported`,
      fix: 'remove the tag; only the YAML core tags are read',
    };
  }
  const meaning = resolvePlain(text);
  if ('refused' in meaning) return meaning;
  const kind = meaning.value === null ? 'null' : typeof meaning.value;
  const fits = kind === wanted && (tag !== '!!int' || Number.isInteger(meaning.value));
  return fits
    ? meaning
    : {
        refused: `${clip(text)} is not a ${tag.slice(2)}`,
        fix: plain ? 'remove the tag' : 'remove the tag or the quotes',
      };
}

function keyMeaning(text: string, form: ScalarForm, value: JsonScalar): KeyMeaning {
  // A bare day is a date as a value, but as a key people mean its text.
  if (typeof value === 'string') return { name: form.tag === undefined ? text : value };
  return { refused: `a key must be text, this one is ${String(value)}`, fix: 'quote the key' };
}

/** Manifests: everything that would be read as something else than it looks like is refused. */
export const manifestDialect: Dialect<JsonScalar> = {
  scalar: (text, { plain, tag }) => {
    if (tag !== undefined) return resolveTagged(tag, text, plain);
    return plain ? resolvePlain(text) : { value: text };
  },
  key: keyMeaning,
  dropsTags: false,
  repeated: 'refused',
  merges: 'below',
};
