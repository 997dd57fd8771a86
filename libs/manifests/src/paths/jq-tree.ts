import type { Json } from '../object.ts';

/** A parsed expression of jq that finds places in an object. */
export type JqTree =
  | { readonly op: 'here' | 'below' }
  | { readonly op: 'field'; readonly of: JqTree; readonly key: JqTree }
  | { readonly op: 'each'; readonly of: JqTree }
  /** A step of a JSON pointer: the index of an item in a list, else the name of a field. */
  | { readonly op: 'step'; readonly of: JqTree; readonly name: string }
  | {
      readonly op: 'pipe' | 'comma' | 'alternative' | 'and' | 'or';
      readonly left: JqTree;
      readonly right: JqTree;
    }
  | { readonly op: 'compare'; readonly sign: JqSign; readonly left: JqTree; readonly right: JqTree }
  | { readonly op: 'value'; readonly value: Json }
  | { readonly op: 'call'; readonly name: JqFunction; readonly args: readonly JqTree[] };

/** How two values are compared. */
export type JqSign = '==' | '!=' | '<' | '<=' | '>' | '>=';

/** The functions that are understood, with the numbers of arguments they take. */
export const jqFunctions = {
  all: [0, 1],
  any: [0, 1],
  arrays: [0],
  ascii_downcase: [0],
  booleans: [0],
  contains: [1],
  empty: [0],
  endswith: [1],
  first: [1],
  has: [1],
  iterables: [0],
  keys: [0],
  length: [0],
  not: [0],
  nulls: [0],
  numbers: [0],
  objects: [0],
  recurse: [0],
  scalars: [0],
  select: [1],
  startswith: [1],
  strings: [0],
  type: [0],
  values: [0],
} as const satisfies { readonly [name: string]: readonly number[] };

/** Name of a function that is understood. */
export type JqFunction = keyof typeof jqFunctions;

/** Functions that give what they are given, or parts of it, and so keep its place. */
const placed: ReadonlySet<string> = new Set([
  'arrays',
  'booleans',
  'empty',
  'iterables',
  'nulls',
  'numbers',
  'objects',
  'recurse',
  'scalars',
  'select',
  'strings',
  'values',
]);

/** Whether what an expression gives are places of the object and no values made of it. */
export function givesPlaces(tree: JqTree): boolean {
  if ('of' in tree) return givesPlaces(tree.of);
  if (tree.op === 'call') return tree.name === 'first' ? tree.args.every(givesPlaces) : placed.has(tree.name);
  if (tree.op === 'pipe' || tree.op === 'comma' || tree.op === 'alternative')
    return givesPlaces(tree.left) && givesPlaces(tree.right);
  return tree.op === 'here' || tree.op === 'below';
}
