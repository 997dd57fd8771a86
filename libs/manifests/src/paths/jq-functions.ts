import { canonicalJson } from '../canonical.ts';
import { isJsonObject } from '../manifests.ts';
import type { Json, JsonObject } from '../object.ts';
import type { JqFunction, JqSign } from './jq-tree.ts';
import type { Meter } from './meter.ts';

/** What counts as true in a condition: everything but null and false. */
export const isTrue = (value: Json): boolean => value !== null && value !== false;

/** Whether a value is a list. */
export const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

/** What a function makes of a value by itself; undefined where it does not fit, and for functions that need to look on. */
export function applyFunction(name: JqFunction, given: Given): Json | undefined {
  return functions[name]?.(given);
}

/** Whether a comparison holds for the order of its two sides. */
export const holds = (sign: JqSign, order: number): boolean => comparisons[sign](order);

const comparisons: { readonly [sign in JqSign]: (order: number) => boolean } = {
  '==': (order) => order === 0,
  '!=': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

/** null, false, true, numbers, texts, lists, maps, as jq sorts them. */
function rank(value: Json): number {
  if (typeof value === 'boolean') return value ? 2 : 1;
  return { null: 0, number: 3, string: 4, array: 5, object: 6 }[typeName(value)] ?? 0;
}

/** Below zero when the left value comes first in the order of jq, above when it comes last, 0 when they are equal. */
export function orderOf(left: Json, right: Json, meter: Meter): number {
  const [first, second] = [rank(left), rank(right)];
  if (first !== second || first < 3) return first - second;
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  const [before, after] = [textOf(left, meter), textOf(right, meter)];
  return before === after ? 0 : before < after ? -1 : 1;
}

function textOf(value: Json, meter: Meter): string {
  if (typeof value !== 'string') meter.spendOn(value);
  const text = typeof value === 'string' ? value : canonicalJson(value);
  meter.spend(text.length >> 6);
  return text;
}

function typeName(value: Json): string {
  if (value === null) return 'null';
  return isList(value) ? 'array' : typeof value;
}

/** Whether a function such as `strings` lets a value pass. */
export function isOfType(name: string, value: Json): boolean {
  if (name === 'values') return value !== null;
  const isNested = typeof value === 'object' && value !== null;
  if (name === 'scalars' || name === 'iterables') return isNested === (name === 'iterables');
  return `${typeName(value)}s` === name;
}

/** What a function is given: its value, what its argument gives, and what counts its work. */
export interface Given {
  readonly value: Json;
  readonly argument: Json;
  readonly meter: Meter;
}

const functions: { readonly [name in JqFunction]?: (given: Given) => Json | undefined } = {
  not: ({ value }) => !isTrue(value),
  type: ({ value }) => typeName(value),
  length: ({ value, meter }) => lengthOf(value, meter),
  keys: ({ value, meter }) => keysOf(value, meter),
  has: ({ value, argument }) => hasKey(value, argument),
  startswith: (given) => textTest(given, (text, part) => text.startsWith(part)),
  endswith: (given) => textTest(given, (text, part) => text.endsWith(part)),
  contains: ({ value, argument, meter }) => contains(value, argument, meter),
  ascii_downcase: ({ value, meter }) =>
    typeof value === 'string'
      ? textOf(value, meter).replace(/[A-Z]/g, (letter) => letter.toLowerCase())
      : undefined,
};

/** Of texts in characters of Unicode, as jq counts them. */
function lengthOf(value: Json, meter: Meter): number | undefined {
  if (value === null) return 0;
  if (typeof value === 'number') return Math.abs(value);
  if (typeof value === 'string') {
    meter.spend(value.length >> 4);
    return Array.from(value).length;
  }
  if (isList(value)) return value.length;
  return typeof value === 'object' ? namesIn(value, meter).length : undefined;
}

function namesIn(value: JsonObject, meter: Meter): string[] {
  const names = Object.keys(value);
  meter.spend(names.length);
  return names;
}

function keysOf(value: Json, meter: Meter): Json | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (!isList(value)) return namesIn(value, meter).sort();
  meter.spend(value.length);
  return [...value.keys()];
}

function hasKey(value: Json, key: Json): boolean | undefined {
  if (isList(value)) return typeof key === 'number' ? key >= 0 && key < value.length : undefined;
  return isJsonObject(value) && typeof key === 'string' ? Object.hasOwn(value, key) : undefined;
}

function textTest(
  { value, argument, meter }: Given,
  test: (text: string, part: string) => boolean,
): boolean | undefined {
  if (typeof value !== 'string' || typeof argument !== 'string') return undefined;
  return test(textOf(value, meter), argument);
}

function contains(value: Json, part: Json, meter: Meter): boolean {
  meter.spend(1);
  if (typeof value === 'string' && typeof part === 'string') {
    meter.spend((value.length * (1 + (part.length >> 6))) >> 6);
    return value.includes(part);
  }
  if (isList(value) && isList(part))
    return part.every((each) => value.some((item) => contains(item, each, meter)));
  if (isJsonObject(value) && isJsonObject(part))
    return Object.entries(part).every(([name, each]) => {
      const item = Object.hasOwn(value, name) ? value[name] : undefined;
      return item !== undefined && contains(item, each, meter);
    });
  return orderOf(value, part, meter) === 0;
}
