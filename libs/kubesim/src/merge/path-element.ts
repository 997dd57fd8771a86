import { goQuote } from '@meridian/cel';
import { goJson } from '../errors/field-error.ts';
import { isObject } from '../json.ts';
import type { Json } from '../json.ts';

/**
 * One step of a path to a field: a member by its name, an item of a list map by its keys, an item of a set by its value, or
 * an item by its index. `text` is the step as managedFields write it (`f:spec`, `k:{"name":"a"}`) and tells steps apart.
 */
export type PathElement = { readonly text: string } & (
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'key'; readonly keys: readonly (readonly [name: string, value: Json])[] }
  | { readonly kind: 'value'; readonly value: Json }
  | { readonly kind: 'index'; readonly index: number }
);

/** The step to a member. */
export function fieldElement(name: string): PathElement {
  return { kind: 'field', name, text: `f:${name}` };
}

/** The step to an item of a list map; the keys need not be in order. */
export function keyElement(keys: readonly (readonly [name: string, value: Json])[]): PathElement {
  const sorted = [...keys].sort(([a], [b]) => compareText(a, b));
  const members = sorted.map(([name, value]) => `${goJson(name)}:${goJson(value)}`);
  return { kind: 'key', keys: sorted, text: `k:{${members.join(',')}}` };
}

/** The step to an item of a set. */
export function valueElement(value: Json): PathElement {
  return { kind: 'value', value, text: `v:${goJson(value)}` };
}

/** The step to an item by its place. */
export function indexElement(index: number): PathElement {
  return { kind: 'index', index, text: `i:${String(index)}` };
}

/** What a member of `fieldsV1` says: a step, `unknown` for a kind of step of the future, undefined when it makes no sense. */
export function parsePathElement(text: string): PathElement | 'unknown' | undefined {
  if (text.length < 2 || text[1] !== ':') return undefined;
  const rest = text.slice(2);
  switch (text[0]) {
    case 'f':
      return fieldElement(rest);
    case 'k':
      return parsed(rest, (value) => (isObject(value) ? keyElement(definedEntries(value)) : undefined));
    case 'v':
      return parsed(rest, valueElement);
    case 'i':
      return /^[+-]?\d+$/.test(rest) ? indexElement(Number(rest)) : undefined;
    default:
      return 'unknown';
  }
}

function parsed(text: string, read: (value: Json) => PathElement | undefined): PathElement | undefined {
  try {
    return read(JSON.parse(text) as Json);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function definedEntries(object: { readonly [name: string]: Json | undefined }): [string, Json][] {
  return Object.entries(object).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
}

/** A step as messages show it: `.spec`, `[name="a"]`, `[="x"]`, `[0]`. */
export function showElement(element: PathElement): string {
  switch (element.kind) {
    case 'field':
      return `.${element.name}`;
    case 'key':
      return `[${element.keys.map(([name, value]) => `${name}=${showValue(value)}`).join(',')}]`;
    case 'value':
      return `[=${showValue(element.value)}]`;
    case 'index':
      return `[${String(element.index)}]`;
  }
}

function showValue(value: Json): string {
  return typeof value === 'string' ? goQuote(value) : goJson(value);
}

const kindOrder = { field: 0, key: 1, value: 2, index: 3 } as const;

/** The order of steps in managedFields: fields, keys, values, indexes, each kind by what it says. */
export function compareElements(a: PathElement, b: PathElement): number {
  if (a.text === b.text) return 0;
  if (a.kind === 'field' && b.kind === 'field') return compareText(a.name, b.name);
  if (a.kind === 'key' && b.kind === 'key') return compareKeys(a.keys, b.keys);
  if (a.kind === 'value' && b.kind === 'value') return compareValues(a.value, b.value);
  if (a.kind === 'index' && b.kind === 'index') return a.index - b.index;
  return kindOrder[a.kind] - kindOrder[b.kind];
}

type Keys = readonly (readonly [name: string, value: Json])[];

function compareKeys(a: Keys, b: Keys): number {
  for (const [index, [name, value]] of a.entries()) {
    const other = b[index];
    if (other === undefined) return 1;
    const difference = compareText(name, other[0]) || compareValues(value, other[1]);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

const typeOrder = { number: 0, string: 1, boolean: 2, list: 3, object: 4, null: 5 } as const;

function compareValues(a: Json, b: Json): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  const difference = typeOrder[typeOf(a)] - typeOrder[typeOf(b)];
  return difference === 0 ? compareText(goJson(a), goJson(b)) : difference;
}

function typeOf(value: Json): keyof typeof typeOrder {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'object') return 'object';
  return typeof value === 'number' ? 'number' : typeof value === 'string' ? 'string' : 'boolean';
}

function compareText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
