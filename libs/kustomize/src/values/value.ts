import type { KeyFlaw } from '@meridian/manifests';
import { withQuotesOf } from './quote-marks.ts';

/**
 * A node of YAML as kustomize works on it. Values are never changed in place: a base is read once and shared by every
 * overlay above it, so a step that changes something copies the way down to it and shares the rest.
 */
export type Value = null | boolean | number | string | Scalar | List | Fields;

/** A value that is no collection. */
export type AnyScalar = null | boolean | number | string | Scalar;

/** A sequence. */
export type List = readonly Value[];

/** Under which a mapping keeps what is wrong with its keys. A symbol: copies made with `...` keep it, keys never show it. */
export const keyFlaws = Symbol('key flaws');

/** A mapping; keys keep the order in which they were written. */
export interface Fields {
  readonly [key: string]: Value;
  /** Keys that kustomize works with and refuses to write: those that are no text or were there twice. */
  readonly [keyFlaws]?: ReadonlyMap<string, KeyFlaw<AnyScalar>>;
}

/** What a scalar is for go-yaml, the parser that kustomize reads with. Texts are `!!str`. */
export type ScalarTag =
  '!!null' | '!!bool' | '!!int' | '!!float' | '!!str' | '!!timestamp' | '!!binary' | '!!merge';

/**
 * A scalar whose text says more than its value: `0777`, `1_000`, `1.50`, `True`, `2001-01-01`, an integer beyond 2^53, or
 * a text that does not fit its tag. Everything else is a plain JavaScript value: a text is a string, an integer in its
 * shortest decimal form is a number (so every number is a safe integer), and so on.
 */
export class Scalar {
  readonly tag: ScalarTag;
  readonly text: string;
  constructor(tag: ScalarTag, text: string) {
    this.tag = tag;
    this.text = text;
  }
}

/** Whether a value is a mapping. */
export function isFields(value: Value | undefined): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Scalar);
}

/** Whether a value is a sequence. */
export function isList(value: Value | undefined): value is List {
  return Array.isArray(value);
}

/** Whether a value is a scalar, null included. */
export function isScalar(value: Value): value is null | boolean | number | string | Scalar {
  return !isFields(value) && !isList(value);
}

const shortInteger = /^(?:0|-?[1-9][0-9]*)$/;

/** The value of a scalar with a tag and a text, in its one form: a plain JavaScript value where the text says no more. */
export function scalarOf(tag: ScalarTag, text: string): Value {
  if (tag === '!!str') return text;
  if (tag === '!!int' && shortInteger.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  if (tag === '!!bool' && (text === 'true' || text === 'false')) return text === 'true';
  if (tag === '!!null' && text === 'null') return null;
  return new Scalar(tag, text);
}

/** The tag that go-yaml gives a scalar. */
export function tagOf(value: null | boolean | number | string | Scalar): ScalarTag {
  if (value instanceof Scalar) return value.tag;
  if (value === null) return '!!null';
  if (typeof value === 'string') return '!!str';
  return typeof value === 'boolean' ? '!!bool' : '!!int';
}

/** The text of a scalar as its file has it, quotes resolved; kustomize matches and copies this text. */
export function textOf(value: null | boolean | number | string | Scalar): string {
  return value instanceof Scalar ? value.text : String(value);
}

/** Whether a value is null, however it is written. */
export function isNull(value: Value | undefined): boolean {
  return value === null || (value instanceof Scalar && value.tag === '!!null');
}

/** An own field; never one that JavaScript put on the prototype. */
export function fieldOf(fields: Fields, key: string): Value | undefined {
  return Object.hasOwn(fields, key) ? fields[key] : undefined;
}

/** The value at a path of keys; undefined when a step is missing or no mapping. */
export function valueAt(value: Value | undefined, path: readonly string[]): Value | undefined {
  let at = value;
  for (const key of path) {
    if (!isFields(at)) return undefined;
    at = fieldOf(at, key);
  }
  return at;
}

/** The text of the scalar at a path of keys, whatever its tag; '' when there is none, null or a collection. */
export function scalarTextAt(value: Value | undefined, path: readonly string[]): string {
  return scalarText(valueAt(value, path));
}

/** {@link scalarTextAt} of one field. */
export function scalarTextIn(fields: Fields, key: string): string {
  return scalarText(fieldOf(fields, key));
}

function scalarText(found: Value | undefined): string {
  if (typeof found === 'string') return found;
  return found === undefined || isNull(found) || !isScalar(found) ? '' : textOf(found);
}

/** The mapping with one field set; the same mapping when it has that very value already. A new key comes last. */
export function withField(fields: Fields, key: string, value: Value): Fields {
  return fieldOf(fields, key) === value ? fields : { ...fields, [key]: value };
}

/** The mapping without a field; the same mapping when it has none. Of a repeated key only the first field goes. */
export function withoutField(fields: Fields, key: string): Fields {
  if (!Object.hasOwn(fields, key)) return fields;
  const { [key]: _, ...rest } = fields;
  return fields[keyFlaws] ? withNextField(rest, key) : rest;
}

const noFlaws: NonNullable<Fields[typeof keyFlaws]> = new Map();

/** After the first of several fields of one key is gone, the next one counts. */
function withNextField(rest: Fields, key: string): Fields {
  const { [keyFlaws]: flaws = noFlaws, ...others } = rest;
  const flaw = flaws.get(key);
  const [next, ...later] = flaw?.later ?? [];
  if (!flaw || next === undefined) return rest;
  const left = new Map(flaws);
  if (later.length > 0) left.set(key, { ...flaw, later });
  else left.delete(key);
  return { ...others, [key]: next, ...(left.size > 0 ? { [keyFlaws]: left } : {}) };
}

/** The list with every item changed; the same list when no item changed. */
export function mapItems(list: List, change: (item: Value, index: number) => Value): List {
  let changed: Value[] | undefined;
  for (let index = 0; index < list.length; index += 1) {
    const item = list[index] ?? null;
    const after = change(item, index);
    if (after !== item) (changed ??= withQuotesOf([...list], list))[index] = after;
  }
  return changed ?? list;
}

/** Deep equality of values; the order of keys does not count. */
export function equalValues(left: Value | undefined, right: Value | undefined): boolean {
  if (left === right) return true;
  if (left instanceof Scalar)
    return right instanceof Scalar && left.tag === right.tag && left.text === right.text;
  if (isList(left)) return isList(right) && equalLists(left, right);
  return isFields(left) && isFields(right) && equalFields(left, right);
}

function equalLists(left: List, right: List): boolean {
  return left.length === right.length && left.every((item, index) => equalValues(item, right[index]));
}

function equalFields(left: Fields, right: Fields): boolean {
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && equalValues(left[key], right[key]))
  );
}
