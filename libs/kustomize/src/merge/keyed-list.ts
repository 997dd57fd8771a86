import { fieldOf, isFields, withField, type Value } from '../values/value.ts';
import {
  findItem,
  isBlank,
  keyText,
  MergeProblem,
  setItem,
  textIn,
  wordFor,
  type Item,
  type Items,
  type Tuple,
} from './items.ts';

/** Merges an item of the object with one of the patch; either may be missing. Gives the item that holds the result. */
export type MergeItem = (into: Item | undefined, from: Item | undefined) => Item | undefined;

/** The lists of one merge: that of the object and that of the patch, which is the same list when the object had none. */
export interface ListPair {
  readonly into: Items;
  readonly from: Items | undefined;
}

/** What one merge of an object has met so far. */
export interface Met {
  /** The fields on the way to the present place. */
  readonly path: string[];
  /** Lists of the object whose items the keys do not tell apart, and which a patch changes all the same. */
  readonly unclear: UnclearList[];
  /** Comparisons that lists took whose items must all be compared with each other. */
  compared: number;
}

/** A list that kustomize merges in ways that nobody expects. */
export interface UnclearList {
  readonly path: string;
  readonly keys: readonly string[];
}

/** As many comparisons as one list of 500 items takes. */
const mostCompared = 250_000;

/**
 * Merges two lists by the keys that tell their items apart (kyaml walk/associative_sequence.go with ListPrepend): items of
 * the patch come first, in its order. No keys: a list of plain values.
 */
export function mergeByKeys(lists: ListPair, keys: readonly string[], { merge, met }: Merging): Items {
  const all = keys.length === 0 ? [''] : keys;
  const merged = mergeDistinct(lists, keysInUse(lists, all), merge);
  if (merged) return merged;
  noteUnclear(lists, keys, met);
  return mergeStepByStep(lists, all, merge);
}

/** How items merge, and what was met on the way to them. */
export interface Merging {
  readonly merge: MergeItem;
  readonly met: Met;
}

function noteUnclear({ into, from }: ListPair, keys: readonly string[], met: Met): void {
  const length = into.all.length + (from?.all.length ?? 0);
  met.compared += length ** 2;
  if (met.compared > mostCompared)
    throw new MergeProblem(
      `a list of ${length} items, of which some have no ${keys.join(' and ')} or the same, is too long to merge`,
    );
  if (from && from !== into && keys.length > 0) met.unclear.push({ path: met.path.join('.'), keys });
}

/** A key that no item has, such as the protocol of most ports, tells nothing apart. */
function keysInUse({ into, from }: ListPair, keys: readonly string[]): readonly string[] {
  if (keys.length === 1) return keys;
  const items = [...into.all, ...(from?.all ?? [])];
  return keys.filter((key) => items.some(({ value }) => textAt(value, key) !== ''));
}

/** The usual case in linear time: every item has every key, and no two items of a list have the same. */
function mergeDistinct(
  { into, from }: ListPair,
  keys: readonly string[],
  merge: MergeItem,
): Items | undefined {
  const old = distinct(into, keys);
  const patch = from === undefined ? noItems : from === into ? old : distinct(from, keys);
  if (!old || !patch) return undefined;
  const changed = new Map<string, Item>();
  const put = (key: string, merged: Item | undefined): void => {
    if (merged && !isBlank(merged.value)) changed.set(key, merged);
    else old.delete(key);
  };
  for (const [key, item] of patch) put(key, merge(old.get(key), item));
  for (const [key, item] of old) if (!patch.has(key)) put(key, merge(item, undefined));
  return { all: inOrder(old, changed, keys.length > 1) };
}

const noItems: ReadonlyMap<string, Item> = new Map();

/** What the object had holds its items' places when there are several keys; with one key the patch's order wins. */
function inOrder(
  old: ReadonlyMap<string, Item>,
  changed: ReadonlyMap<string, Item>,
  isByOld: boolean,
): Item[] {
  if (!isByOld) return [...changed].map(([key, item]) => old.get(key) ?? item);
  return [...[...changed].filter(([key]) => !old.has(key)).map(([, item]) => item), ...old.values()];
}

function distinct({ all }: Items, keys: readonly string[]): Map<string, Item> | undefined {
  const found = new Map<string, Item>();
  for (const item of all) {
    const key = distinctKey(item.value, keys);
    if (key === undefined || found.has(key)) return undefined;
    found.set(key, item);
  }
  return found;
}

function distinctKey(value: Value, keys: readonly string[]): string | undefined {
  if (keys.length === 1) {
    const text = textAt(value, keys[0] ?? '');
    return text === '' ? undefined : text;
  }
  const texts = keys.map((key) => textAt(value, key));
  return texts.length === 0 || texts.includes('') ? undefined : JSON.stringify(texts);
}

function textAt(value: Value, key: string): string {
  if (key !== '') return keyText(value, key);
  return isBlank(value) ? '' : textIn(value);
}

/** Every step as kyaml takes it, for lists with missing, partial or repeated keys. */
function mergeStepByStep({ into, from }: ListPair, keys: readonly string[], merge: MergeItem): Items {
  const tuples = completed(tuplesIn({ into, from }, keys), keys);
  const added: Items = { all: [] };
  const used = usedKeys(tuples, keys);
  for (const texts of tuples) mergeOne({ into, from, added }, reduced({ keys, texts }, used), merge);
  return tuples.length === 0 ? into : followedBy(added, into, used);
}

/** The texts of the keys of every item, each tuple once, those of the patch first. */
function tuplesIn({ into, from }: ListPair, keys: readonly string[]): string[][] {
  const found = new Map<string, string[]>();
  for (const item of [...(from?.all ?? []), ...into.all]) {
    const texts = keys.map((key) => (key === '' ? textIn(item.value) : keyText(item.value, key)));
    const tuple = JSON.stringify(texts);
    if (!found.has(tuple)) found.set(tuple, texts);
  }
  return [...found.values()];
}

/** Tuples that share a text and contradict each other nowhere complete each other, one after the other. */
function completed(tuples: string[][], keys: readonly string[]): string[][] {
  if (keys.length < 2) return tuples;
  const all = [...tuples];
  for (let left = 0; left < all.length; left += 1) {
    // As upstream, the left tuple is read once and does not see what it has been completed with.
    const texts = all[left] ?? [];
    for (let right = 0; right < all.length; right += 1) {
      const joined = join(texts, all[right] ?? []);
      if (!joined) continue;
      all[left] = joined;
      all[right] = joined;
    }
  }
  return all;
}

function join(left: readonly string[], right: readonly string[]): string[] | undefined {
  let isShared = false;
  const texts: string[] = [];
  for (const [index, text] of left.entries()) {
    const other = right[index] ?? '';
    if (text === other) isShared = true;
    else if (text !== '' && other !== '') return undefined;
    texts.push(text === '' ? other : text);
  }
  return isShared ? texts : undefined;
}

/** The keys that any item has; all of them when none has any. */
function usedKeys(tuples: readonly (readonly string[])[], keys: readonly string[]): readonly string[] {
  const used = keys.filter((_, index) => tuples.some((texts) => texts[index] !== ''));
  return used.length === 0 ? keys : used;
}

function reduced({ keys, texts }: Tuple, used: readonly string[]): Tuple {
  return { keys: used, texts: texts.filter((_, index) => used.includes(keys[index] ?? '')) };
}

function mergeOne(lists: ListPair & { readonly added: Items }, tuple: Tuple, merge: MergeItem): void {
  const { into, from, added } = lists;
  const sought = reduced(tuple, usedKeys([tuple.texts], tuple.keys));
  const merged = merge(findItem(into, sought), from && findItem(from, sought));
  if (!merged || isBlank(merged.value)) {
    setItem(into, tuple);
    return;
  }
  for (const [index, key] of tuple.keys.entries()) completeKey(merged, key, tuple.texts[index] ?? '');
  setItem(added, tuple, merged);
}

/** An item that was found by a key of another one gets that key. */
function completeKey(item: Item, key: string, text: string): void {
  if (key === '' || text === '' || !isFields(item.value)) return;
  if (fieldOf(item.value, key) === undefined) item.value = withField(item.value, key, text);
}

/** The items that were merged, and after them what else the object has (kyaml appendListNode). */
function followedBy(added: Items, into: Items, keys: readonly string[]): Items {
  for (const item of into.all) {
    const texts: string[] = [];
    for (const key of keys) {
      const text = textOfKey(item.value, key);
      if (text === undefined) added.all.push(item);
      else texts.push(text);
    }
    if (keys.length > 1) setItem(added, { keys, texts });
    setItem(added, { keys, texts }, item);
  }
  return added;
}

function textOfKey(value: Value, key: string): string | undefined {
  if (key === '') return textIn(value);
  if (isBlank(value)) return undefined;
  if (!isFields(value)) throw new MergeProblem(`a list of mappings holds ${wordFor(value)}`);
  const field = fieldOf(value, key);
  return field === undefined ? undefined : textIn(field);
}
