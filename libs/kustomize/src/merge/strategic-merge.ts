import { keyFlawOf } from '../values/flaws.ts';
import { isBareText, isQuotedScalar } from '../values/plain.ts';
import { isQuotedBySetter } from '../values/quotes.ts';
import { agreed, overwritten, SharedScalar } from '../values/shared.ts';
import {
  fieldOf,
  isFields,
  isList,
  isNull,
  isScalar,
  Scalar,
  scalarTextAt,
  textOf,
  withoutField,
  type Fields,
  type List,
  type Value,
} from '../values/value.ts';
import { directiveOf, directiveOfAdded, takeListDirective } from './directives.ts';
import { isMissing, itemsOf, MergeProblem, textIn, wordFor, type Item, type Items } from './items.ts';
import { mergeByKeys, type Merging, type Met, type UnclearList } from './keyed-list.ts';
import { inheritMarks, inPlaceOf, quotedLike, requoted, withNewQuotes } from './merged-marks.ts';
import type { MergeSchema, MergeShape } from './schema.ts';

/** What a merge knows about the place it is at: the shape that the schema gives it, if any. */
interface Scope {
  readonly met: Met & { isSharedWritten: boolean };
  readonly schema: MergeSchema;
  readonly shape: MergeShape | undefined;
}

/**
 * Merges a strategic merge patch into an object (kyaml merge2 with ListPrepend); undefined when the patch deletes it. What
 * nothing changes keeps its identity. A patch that does not fit throws {@link MergeProblem}. As upstream, even parts that
 * the patch does not mention are put in order: fields without a value go, items with the same merge key become one.
 */
export function mergePatch(
  fields: Fields,
  patch: Fields,
  { schema, unclear = [] }: MergeContext,
): Fields | undefined {
  const met = { path: [], unclear, compared: 0, isSharedWritten: false };
  try {
    return mergeRoot(fields, patch, scopeAt({ met, schema, shape: undefined }, fields, patch));
  } catch (error) {
    throw error instanceof MergeProblem ? error.at(met.path) : error;
  }
}

/** What a merge goes by. */
export interface MergeContext {
  readonly schema: MergeSchema;
  /** Lists are added here that the patch changes and whose merge keys do not tell the items apart. */
  readonly unclear?: UnclearList[];
}

function mergeRoot(fields: Fields, patch: Fields, scope: Scope): Fields | undefined {
  const { directive, rest } = directiveOf(patch);
  if (directive === 'delete') return undefined;
  if (directive === 'merge') {
    const merged = mergeFields(fields, rest, scope);
    return scope.met.isSharedWritten ? agreed(merged) : merged;
  }
  // Upstream completes the replacement and then forgets it, so that an object cannot be replaced.
  mergeFields(rest, rest, scope);
  return fields;
}

/** The shape where there is none yet: that of a kind the schema knows, wherever an object of that kind is embedded. */
function scopeAt(scope: Scope, into: Value | undefined, from: Value | undefined): Scope {
  if (scope.shape) return scope;
  const shape = shapeOfObject(into, scope.schema) ?? shapeOfObject(from, scope.schema);
  return shape ? withShape(scope, shape) : scope;
}

function withShape({ met, schema }: Scope, shape: MergeShape | undefined): Scope {
  return { met, schema, shape };
}

function shapeOfObject(value: Value | undefined, schema: MergeSchema): MergeShape | undefined {
  if (!isFields(value)) return undefined;
  const kind = scalarTextAt(value, ['kind']);
  const apiVersion = kind === '' ? '' : scalarTextAt(value, ['apiVersion']);
  return apiVersion === '' ? undefined : schema.shapeOf(apiVersion, kind);
}

/** Merges one value; undefined when nothing is left. Merging a value with itself cleans a part that a patch adds. */
function merge(into: Value | undefined, from: Value | undefined, scope: Scope): Value | undefined {
  const first = isMissing(into) ? from : into;
  // A null of the object stays if it is written as a word.
  if (isMissing(first)) return from === undefined && textIn(into) !== '' ? into : undefined;
  if (isFields(first)) return mergeMappings(into, from, scopeAt(scope, into, from));
  return isList(first) ? mergeLists(into, from, scope) : mergeScalars(first, from);
}

function mergeScalars(first: Value, from: Value | undefined): Value | undefined {
  if (from === undefined) return quotedOnTheWay(first);
  if (isNull(from)) return undefined;
  return isScalar(from) ? from : mismatch(first, from);
}

/** A text without quotes and tag gets quotes where a merge passes it, if YAML 1.1 has something else there (FieldSetter). */
function quotedOnTheWay(value: Value): Value {
  return value instanceof Scalar && isBareText(value) && isQuotedBySetter(value.text) ? value.text : value;
}

function mismatch(into: Value, from: Value): never {
  throw new MergeProblem(`the object has ${wordFor(into)} where the patch has ${wordFor(from)}`);
}

function mergeMappings(into: Value | undefined, from: Value | undefined, scope: Scope): Fields | undefined {
  if (!isFields(into)) return isFields(from) ? added(from, scope) : undefined;
  if (from === undefined) return settled(into, scope);
  if (isNull(from)) return undefined;
  if (!isFields(from)) mismatch(into, from);
  const { directive, rest } = directiveOf(from);
  if (directive === 'delete') return undefined;
  return directive === 'replace' || into === from ? mergeNew(rest, scope) : mergeFields(into, rest, scope);
}

/** A mapping that the object does not have. */
function added(from: Fields, scope: Scope): Fields | undefined {
  const { directive, rest } = directiveOfAdded(from);
  return directive === 'delete' ? undefined : mergeNew(rest, scope);
}

/** Merging a mapping with itself puts it in order. */
function mergeNew(from: Fields, scope: Scope): Fields {
  const fields = withNewQuotes(from);
  return mergeFields(fields, fields, scope);
}

const inOrder = new WeakMap<Fields | List, object>();

/** A mapping that the patch does not mention. Bases are merged with many patches: what is in order is so every time. */
function settled(into: Fields, scope: Scope): Fields {
  const token = scope.shape ?? scope.schema;
  if (inOrder.get(into) === token) return into;
  const result = mergeFields(into, undefined, scope);
  inOrder.set(result, token);
  return result;
}

function mergeFields(into: Fields, from: Fields | undefined, scope: Scope): Fields {
  let result: { [key: string]: Value } | undefined;
  const cleared: string[] = [];
  for (const key of keysOf(into, from)) {
    const before = fieldOf(into, key);
    const after = mergeField(key, before, from && fieldOf(from, key), scope);
    refuseUnnamed(into, key, after);
    if (after === before) continue;
    result ??= { ...into };
    if (after === undefined) cleared.push(key);
    else result[key] = inPlaceOf(before, written(into, key, { after, scope }));
  }
  if (!result) return requoted(into, from);
  const rest = cleared.reduce(withoutField, result);
  if (from) inheritMarks(rest, into, from);
  return rest;
}

/**
 * Upstream can name no field whose key is empty, nor take one away whose key is no text (kyaml FieldSetter, VisitFields):
 * it refuses to merge what has one, whether the patch mentions it or not.
 */
function refuseUnnamed(into: Fields, key: string, after: Value | undefined): void {
  if (key !== '' && after !== undefined) return;
  const flaw = keyFlawOf(into, key);
  if (key === '' || flaw?.kind === 'null') throw new MergeProblem(flaw?.message ?? 'a key is empty');
}

function mergeField(
  key: string,
  before: Value | undefined,
  change: Value | undefined,
  scope: Scope,
): Value | undefined {
  if (change === undefined && (typeof before !== 'object' || before === null)) return before;
  scope.met.path.push(key);
  const merged = merge(before, change, withShape(scope, scope.shape?.field(key)));
  scope.met.path.pop();
  return merged;
}

interface Written {
  readonly after: Value;
  readonly scope: Scope;
}

/** A scalar that fills a node which several fields share is in all of them. */
function written(into: Fields, key: string, { after, scope }: Written): Value {
  const before = fieldOf(into, key);
  const value = quotedLike(into, key, after);
  if (!(before instanceof SharedScalar)) return value;
  scope.met.isSharedWritten = true;
  return overwritten(before, isScalar(value) && isQuotedScalar(value) ? textOf(value) : value);
}

function keysOf(into: Fields, from: Fields | undefined): readonly string[] {
  const keys = Object.keys(into);
  if (from === undefined || into === from) return keys;
  for (const key of Object.keys(from)) if (!Object.hasOwn(into, key)) keys.push(key);
  return keys;
}

function mergeLists(into: Value | undefined, from: Value | undefined, scope: Scope): List | undefined {
  if (isNull(from)) return undefined;
  const old = isList(into) ? into : undefined;
  const change = from === undefined || isList(from) ? from : mismatch(into ?? null, from);
  return scope.shape?.mergeKeys === undefined ? (change ?? old) : mergeKeyedLists(old, change, scope);
}

function mergeKeyedLists(old: List | undefined, change: List | undefined, scope: Scope): List | undefined {
  if (!change) return old && settledList(old, scope);
  return mergeInto(old ?? change, change, { scope, isAdded: !old });
}

function settledList(into: List, scope: Scope): List | undefined {
  const token = scope.shape ?? scope.schema;
  if (inOrder.get(into) === token) return into;
  const result = mergeInto(into, undefined, { scope, isAdded: true });
  if (result) inOrder.set(result, token);
  return result;
}

interface ListMerge {
  readonly scope: Scope;
  /** Directives of a list that the object does not have are not followed, as upstream. */
  readonly isAdded: boolean;
}

function mergeInto(into: List, from: List | undefined, { scope, isAdded }: ListMerge): List | undefined {
  const patch = from && itemsOf(from);
  const directive = patch && !isAdded ? takeListDirective(patch) : 'merge';
  if (directive === 'delete') return undefined;
  const isPatchAlone = into === from || directive === 'replace';
  const lists = { into: patch && isPatchAlone ? patch : itemsOf(into), from: patch };
  return listOf(mergeByKeys(lists, scope.shape?.mergeKeys ?? [], itemsMerging(scope)), into);
}

function itemsMerging(list: Scope): Merging {
  const scope = withShape(list, list.shape?.item());
  return { merge: (into, from) => mergeItem(into, from, scope), met: list.met };
}

/** The items as a list; the same list when nothing changed. */
function listOf({ all }: Items, before: List): List {
  const isSame = all.length === before.length && all.every(({ value }, index) => value === before[index]);
  return isSame ? before : all.map(({ value }) => value);
}

/** Merges an item of a list in place and gives the one that holds the result, as kyaml does with its nodes. */
function mergeItem(into: Item | undefined, from: Item | undefined, scope: Scope): Item | undefined {
  if (isFields(from?.value)) return mergeMappingItem(into, from, scope);
  const result = merge(into?.value, from?.value, scope);
  if (isMissing(result)) return undefined;
  if (!into || (from && result === from.value && isScalar(result))) return from;
  into.value = result;
  return into;
}

function mergeMappingItem(into: Item | undefined, from: Item, scope: Scope): Item | undefined {
  const old = into && !isMissing(into.value) ? into : undefined;
  const patch = mappingOf(from);
  const before = old && mappingOf(old, patch);
  const { directive, rest } = before ? directiveOf(patch) : directiveOfAdded(patch);
  from.value = rest;
  if (directive === 'delete') return undefined;
  const here = scopeAt(scope, before, patch);
  if (!old || !before || old === from || directive === 'replace') {
    from.value = mergeNew(rest, here);
    return from;
  }
  old.value = mergeFields(before, rest, here);
  return old;
}

function mappingOf({ value }: Item, other: Value = null): Fields {
  return isFields(value) ? value : mismatch(value, other);
}
