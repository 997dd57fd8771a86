import {
  equalValues,
  fieldOf,
  isFields,
  isList,
  isScalar,
  tagOf,
  textOf,
  type Fields,
  type List,
  type Value,
} from '../values/value.ts';
import type { Source, Version } from './provenance.ts';
import { indexOfSame, itemKeyIn, type ItemKey } from './same-item.ts';

/** A key, or an item by its index and, where it has one, its name in the list. */
export type FieldStep = string | { readonly index: number; readonly key: ItemKey | undefined };

/** A value that a field got from a step; undefined when the step took the field away. */
export interface Change {
  readonly value: Value | undefined;
  readonly source: Source;
  /** The object after the step. */
  readonly fields: Fields;
  /** Where the field is in it. */
  readonly path: readonly (string | number)[];
}

/** A field of an object that holds no others, and all it ever was, oldest first. */
export interface FieldHistory {
  readonly path: readonly FieldStep[];
  readonly changes: readonly Change[];
}

/** All fields of an object that hold no others, in their order; fields that a step took away come last in their mapping. */
export function historiesOf(version: Version): readonly FieldHistory[] {
  const versions: Version[] = [];
  for (let at: Version | undefined = version; at; at = at.before) versions.unshift(at);
  const column = versions.map(({ fields, source }): Change => ({ value: fields, source, fields, path: [] }));
  return below([], column);
}

/** The same field in all versions of its object, oldest first. */
type Column = readonly Change[];

function below(path: readonly FieldStep[], column: Column): readonly FieldHistory[] {
  const last = column.at(-1)?.value;
  if (isList(last) && last.length > 0)
    return last.flatMap((_, index) =>
      below([...path, { index, key: itemKeyIn(last, index) }], ofItem(column, last, index)),
    );
  const keys = keysOf(column);
  if (keys.length > 0 && (isFields(last) || last === undefined))
    return keys.flatMap((key) => below([...path, key], ofKey(column, key)));
  const changes = column.filter(isChange);
  return changes.length === 0 ? [] : [{ path, changes }];
}

/** The keys that the mapping has or, behind them, ever had. */
function keysOf(column: Column): readonly string[] {
  const keys = new Set<string>();
  for (const { value } of [...column].reverse())
    if (isFields(value)) for (const key of Object.keys(value)) keys.add(key);
  return [...keys];
}

function ofKey(column: Column, key: string): Column {
  return distinct(
    column.map((change) => ({
      ...change,
      value: isFields(change.value) ? fieldOf(change.value, key) : undefined,
      path: [...change.path, key],
    })),
  );
}

function ofItem(column: Column, list: List, index: number): Column {
  const items: Change[] = [];
  let at: { readonly list: List; readonly index: number } | undefined = { list, index };
  for (const change of [...column].reverse()) {
    const { value } = change;
    const same: number | undefined = at && isList(value) ? indexOfSame(at.list, at.index, value) : undefined;
    at = same !== undefined && isList(value) ? { list: value, index: same } : undefined;
    items.unshift({ ...change, value: at?.list[at.index], path: [...change.path, at?.index ?? 0] });
  }
  return distinct(items);
}

/** Without the versions that share the value with the one before: nothing below it has changed in them. */
function distinct(column: Column): Column {
  return column.filter((change, index) => index === 0 || change.value !== column[index - 1]?.value);
}

function isChange(change: Change, index: number, column: Column): boolean {
  if (index === 0) return change.value !== undefined;
  return !isSame(change.value, column[index - 1]?.value);
}

/** Steps write a text in more than one form; what it says is what counts. */
function isSame(left: Value | undefined, right: Value | undefined): boolean {
  if (left === undefined || right === undefined) return left === right;
  if (isScalar(left) && isScalar(right))
    return tagOf(left) === tagOf(right) && textOf(left) === textOf(right);
  return equalValues(left, right);
}
