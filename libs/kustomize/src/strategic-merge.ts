import { mergeKeyedList } from './keyed-list.ts';
import type { MergeField, MergeShape } from './merge-schema.ts';
import { copyOf, equalValues, fieldOf, isFields, type Fields, type Value } from './value.ts';

/** Why a patch cannot be merged; the caller knows the file. */
export class MergeMismatch extends Error {
  override readonly name = 'MergeMismatch';
}

type Directive = 'merge' | 'replace' | 'delete';

/** Merges a strategic merge patch into an object in place and says whether the object survives it. */
export function mergePatch(target: Fields, patch: Fields, shape: MergeShape): boolean {
  const result = mergeFields(target, patch, shape, []);
  if (result === undefined) return false;
  if (result !== target) {
    for (const key of Object.keys(target)) delete target[key];
    Object.assign(target, result);
  }
  return true;
}

/** Undefined when the patch deletes the mapping. */
function mergeFields(
  target: Fields | undefined,
  patch: Fields,
  shape: MergeShape,
  path: readonly string[],
): Fields | undefined {
  const directive = directiveOf(patch, path);
  if (directive === 'delete') return undefined;
  if (directive === 'replace') return withoutDirective(patch);
  const result = target ?? {};
  for (const [key, value] of Object.entries(patch)) {
    if (key === '$patch') continue;
    const merged = mergeValue(target ? fieldOf(target, key) : undefined, value, shape[key], [...path, key]);
    if (merged === undefined) delete result[key];
    else result[key] = merged;
  }
  return result;
}

function directiveOf(patch: Fields, path: readonly string[]): Directive {
  const directive = fieldOf(patch, '$patch');
  if (directive === undefined || directive === 'merge') return 'merge';
  if (directive === 'replace' || directive === 'delete') return directive;
  throw new MergeMismatch(
    `unknown patch strategy ${JSON.stringify(directive)} at ${path.join('.') || 'the root'}`,
  );
}

function withoutDirective(patch: Fields): Fields {
  const { $patch: _, ...rest } = copyOf(patch) as Fields;
  return rest;
}

function mergeValue(
  target: Value | undefined,
  patch: Value,
  field: MergeField | undefined,
  path: readonly string[],
): Value | undefined {
  if (patch === null) return undefined;
  const base = target ?? undefined;
  checkSameShape(base, patch, path);
  if (isFields(patch)) return mergeFields(isFields(base) ? base : undefined, patch, field?.of ?? {}, path);
  if (Array.isArray(patch)) return mergeList(Array.isArray(base) ? base : undefined, patch, field, path);
  return patch;
}

function checkSameShape(base: Value | undefined, patch: Value, path: readonly string[]): void {
  if (base === undefined || shapeWord(base) === shapeWord(patch)) return;
  throw new MergeMismatch(`${path.join('.')} is ${shapeWord(base)} and the patch has ${shapeWord(patch)}`);
}

function shapeWord(value: Value): string {
  if (Array.isArray(value)) return 'a list';
  return isFields(value) ? 'a mapping' : 'a plain value';
}

function mergeList(
  base: Value[] | undefined,
  patch: Value[],
  field: MergeField | undefined,
  path: readonly string[],
): Value[] | undefined {
  const { directive, items } = listDirective(patch, path);
  if (directive === 'delete') return undefined;
  if (directive === 'replace' || field?.keys === undefined) return items.map(copyOf);
  if (field.keys.length === 0) return mergePlain(base ?? [], items);
  return mergeKeyed(base ?? [], items, { keys: field.keys, shape: field.of ?? {}, path });
}

/** An item that holds nothing but `$patch` speaks of the whole list. */
function listDirective(patch: Value[], path: readonly string[]): { directive: Directive; items: Value[] } {
  const index = patch.findIndex(
    (item) => isFields(item) && Object.keys(item).length === 1 && '$patch' in item,
  );
  const item = patch[index];
  if (!isFields(item)) return { directive: 'merge', items: patch };
  return { directive: directiveOf(item, path), items: patch.filter((_, at) => at !== index) };
}

/** Plain values of the patch come first, then those of the base that are not among them. */
function mergePlain(base: Value[], patch: Value[]): Value[] {
  return [...patch, ...base.filter((item) => !patch.some((each) => equalValues(each, item)))];
}

interface Keyed {
  readonly keys: readonly string[];
  readonly shape: MergeShape;
  readonly path: readonly string[];
}

function mergeKeyed(base: Value[], patch: Value[], { keys, shape, path }: Keyed): Value[] {
  const merge = (old: Fields | undefined, change: Fields | undefined): Fields | undefined =>
    change ? mergeFields(old, change, shape, path) : old;
  if (base.length === 0)
    return patch.flatMap((item) => (isFields(item) ? (merge(undefined, item) ?? []) : [item]));
  for (const item of patch) {
    if (isFields(item) && keys.some((key) => fieldOf(item, key) !== undefined)) continue;
    // Kustomize would drop items of the base here without a word.
    throw new MergeMismatch(`an item of ${path.join('.')} in the patch has no ${keys.join(' or ')}`);
  }
  return mergeKeyedList(base, patch, keys, merge);
}
