import { fieldOf, isFields, type Fields, type Value } from './value.ts';

/** How two items with the same keys become one; undefined when the patch deletes the item. */
export type MergeItem = (base: Fields | undefined, patch: Fields | undefined) => Fields | undefined;

type Row = readonly string[];

/**
 * Merges a patch list into a base list whose items are told apart by keys. It follows kustomize step by step
 * (kyaml/yaml/walk/associative_sequence.go), because with two keys of which one may be absent (container ports,
 * service ports) its results have surprises that users' trees already depend on: items of the patch come first,
 * and a patch without protocol leaves two ports of the same number alone.
 */
export function mergeKeyedList(
  base: Value[],
  patch: Value[],
  keys: readonly string[],
  mergeItem: MergeItem,
): Value[] {
  const rows = rowsOf([...patch, ...base], keys);
  const merged = keys.length > 1 ? completed(rows) : rows;
  const present = keys.filter((_, index) => merged.some((row) => row[index] !== ''));
  const used = present.length > 0 ? present : keys;
  const indexes = used.map((key) => keys.indexOf(key));
  const added: Value[] = [];
  for (const row of merged) {
    const known = keys.filter((_, index) => row[index] !== '');
    const wanted = row.filter((text) => text !== '');
    const item = mergeItem(findItem(base, known, wanted), findItem(patch, known, wanted));
    const values = indexes.map((index) => row[index] ?? '');
    if (item === undefined || Object.keys(item).length === 0) setItem(base, undefined, used, values);
    else setItem(added, item, used, values);
  }
  for (const item of base) appendItem(added, item, used);
  return added;
}

/** The key texts of every item, each combination once. */
function rowsOf(items: readonly Value[], keys: readonly string[]): Row[] {
  const seen = new Set<string>();
  return items
    .map((item) => keys.map((key) => (isFields(item) ? keyText(fieldOf(item, key)) : '')))
    .filter((row) => {
      const text = JSON.stringify(row);
      if (seen.has(text)) return false;
      seen.add(text);
      return true;
    });
}

/** A key may be a number on one side and text on the other. */
function keyText(value: Value | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Fills the gaps of each row from rows that agree with it; later agreements win, as upstream. */
function completed(rows: readonly Row[]): Row[] {
  const filled = [...rows];
  for (const i of rows.keys()) {
    const row = filled[i] ?? [];
    for (const j of rows.keys()) {
      const both = agreement(row, filled[j] ?? []);
      if (both) [filled[i], filled[j]] = [both, both];
    }
  }
  return filled;
}

function agreement(left: Row, right: Row): Row | undefined {
  if (!left.some((text, index) => text === right[index])) return undefined;
  const clash = left.some((text, index) => text !== right[index] && text !== '' && right[index] !== '');
  return clash ? undefined : left.map((text, index) => (text === '' ? (right[index] ?? '') : text));
}

function findItem(items: readonly Value[], keys: readonly string[], values: Row): Fields | undefined {
  return items
    .filter((item) => isFields(item))
    .find(
      (item) => keys.length > 0 && keys.every((key, index) => keyText(fieldOf(item, key)) === values[index]),
    );
}

/** Replaces every item that matches by `item`, or removes them when it is undefined; appends it when none matches. */
function setItem(items: Value[], item: Fields | undefined, keys: readonly string[], values: Row): void {
  let found = false;
  const kept: Value[] = [];
  for (const each of items) {
    if (each === null || (isFields(each) && Object.keys(each).length === 0)) continue;
    if (!isFields(each) || !matches(each, keys, values)) {
      kept.push(each);
      continue;
    }
    found = true;
    if (item) kept.push(item);
  }
  if (item && !found) kept.push(item);
  items.splice(0, items.length, ...kept);
}

/** Keys beyond the values do not count, and an empty value is met by any. */
function matches(item: Fields, keys: readonly string[], values: Row): boolean {
  return (
    values.length > 0 &&
    keys.slice(0, values.length).every((key, index) => {
      const value = fieldOf(item, key);
      return value !== undefined && (values[index] === '' || keyText(value) === values[index]);
    })
  );
}

function appendItem(added: Value[], item: Value, keys: readonly string[]): void {
  if (!isFields(item)) {
    added.push(item);
    return;
  }
  const values: string[] = [];
  for (const key of keys) {
    const value = fieldOf(item, key);
    if (value === undefined) added.push(item);
    else values.push(keyText(value));
  }
  if (values.length === 0) return;
  if (keys.length > 1) setItem(added, undefined, keys, values);
  setItem(added, item, keys, values);
}
