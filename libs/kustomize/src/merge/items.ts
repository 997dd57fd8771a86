import {
  fieldOf,
  isFields,
  isNull,
  isScalar,
  textOf,
  type Fields,
  type List,
  type Value,
} from '../values/value.ts';

/** Why a patch does not fit an object, and where in the object. */
export class MergeProblem extends Error {
  override readonly name = 'MergeProblem';
  readonly path: readonly string[];
  constructor(message: string, path: readonly string[] = []) {
    super(message);
    this.path = path;
  }

  /** The same problem at a place. */
  at(path: readonly string[]): MergeProblem {
    return new MergeProblem(this.message, [...path]);
  }
}

/**
 * An item of a list while the list is merged. As a node of kyaml it may stand in several lists at once, and what changes
 * it in one changes it in all: the rules of partial keys cannot be had without that.
 */
export interface Item {
  value: Value;
}

/** A list while it is merged. */
export interface Items {
  all: Item[];
}

/** What tells the items of a list apart: keys and the texts of their values. The key '' stands for the item itself. */
export interface Tuple {
  readonly keys: readonly string[];
  readonly texts: readonly string[];
}

/** A list opened for merging. */
export function itemsOf(list: List): Items {
  return { all: list.map((value) => ({ value })) };
}

/** Whether a value is not there or null. */
export function isMissing(value: Value | undefined): value is undefined | null {
  return value === undefined || isNull(value);
}

/** Whether a value is not there, null or an empty mapping: no item of a list for kyaml. */
export function isBlank(value: Value | undefined): boolean {
  return isMissing(value) || (isFields(value) && Object.keys(value).length === 0);
}

/** The text of a scalar as its file has it; '' for anything else. */
export function textIn(value: Value | undefined): string {
  return value !== undefined && isScalar(value) ? textOf(value) : '';
}

/** A word for what a value is, for messages. */
export function wordFor(value: Value): string {
  if (isFields(value)) return 'a mapping';
  return isScalar(value) ? 'a plain value' : 'a list';
}

/** The text of a merge key of an item as kyaml reads it; '' when it is missing, null or no scalar. */
export function keyText(value: Value, key: string): string {
  const field = isFields(value) ? fieldOf(value, key) : undefined;
  return isMissing(field) ? '' : textIn(field);
}

/** The first item that has all keys with just these texts (kyaml ElementMatcher). */
export function findItem({ all }: Items, { keys, texts }: Tuple): Item | undefined {
  if (keys[0] === '') return all.find(({ value }) => textIn(value) === texts[0]);
  return all.find(({ value }) => isFields(value) && hasTexts(value, { keys, texts }));
}

function hasTexts(fields: Fields, { keys, texts }: Tuple): boolean {
  return keys.every((key, index) => {
    const field = fieldOf(fields, key);
    return field !== undefined && textIn(field) === texts[index];
  });
}

/**
 * Puts an item in the place of every item with these texts, or at the end; without an item removes them (kyaml
 * ElementSetter, whose surprises are kept: an empty text fits whatever the key holds, items that have nothing in them
 * are dropped, and no texts at all drop every item.)
 */
export function setItem(items: Items, tuple: Tuple, put?: Item): void {
  const kept = items.all.filter(({ value }) => !isBlank(value));
  const after: Item[] = [];
  let isFound = false;
  for (const item of kept) {
    const fate = fateOf(item.value, tuple);
    isFound ||= fate === 'replaced';
    if (fate === 'kept') after.push(item);
    if (fate === 'replaced' && put) after.push(put);
  }
  if (put && !isFound && !isMissing(put.value)) after.push(put);
  items.all = after;
}

function fateOf(value: Value, tuple: Tuple): 'kept' | 'dropped' | 'replaced' {
  const seeksMappings = tuple.keys[0] !== '' && (tuple.texts[0] ?? '') !== '';
  if (seeksMappings && !isFields(value)) return 'kept';
  if (fits(value, tuple)) return 'replaced';
  return tuple.texts.length > 0 ? 'kept' : 'dropped';
}

function fits(value: Value, { keys, texts }: Tuple): boolean {
  if (texts.length === 0) return false;
  return keys.every((key, index) => index >= texts.length || fitsKey(value, key, texts[index] ?? ''));
}

function fitsKey(value: Value, key: string, text: string): boolean {
  if (key === '') {
    if (isScalar(value)) return textOf(value) === text;
    throw new MergeProblem(`a list of plain values holds ${wordFor(value)}`);
  }
  if (!isFields(value)) throw new MergeProblem(`a list of mappings holds ${wordFor(value)}`);
  const field = fieldOf(value, key);
  return field !== undefined && (text === '' || textIn(field) === text);
}
