import { mergeKeyNames } from '../merge/schema-data.ts';
import { areMarkedAlike, quotesOf } from './quote-marks.ts';
import { isQuotedByGo, isQuotedBySetter } from './quotes.ts';
import { isSameValue } from './same-value.ts';
import {
  fieldOf,
  isFields,
  isList,
  isScalar,
  keyFlaws,
  mapItems,
  withField,
  type Fields,
  type List,
  type Value,
} from './value.ts';

/** A mapping of an object in which some scalars have become others. */
export interface ChangedMapping {
  /** The fields on the way to it; items of lists have no name. */
  readonly way: readonly string[];
  readonly was: Fields;
  readonly now: Fields;
  /** The fields whose scalars differ. */
  readonly keys: readonly string[];
}

/**
 * What is different in an object when scalars have become others and nothing else has: each is one that steps pass on as it is
 * and that tells nothing apart, neither objects nor items of lists. A step that does not come upon these fields does to the new
 * object what it did to the old one.
 */
export type SlightChange = readonly ChangedMapping[];

/** More mappings than this, or more fields of one, are not worth looking for one by one. */
const [mostMappings, mostKeys] = [8, 8];

/**
 * What has become of an object that was read or generated; empty when nothing has, undefined when more has than a few scalars
 * in a few mappings, of which none is in another.
 */
export function slightChange(before: Fields, after: Fields): SlightChange | undefined {
  const found: ChangedMapping[] = [];
  return isSlightIn(before, after, { way: [], found }) ? found : undefined;
}

interface Finding {
  readonly way: readonly string[];
  readonly found: ChangedMapping[];
}

function isSlightIn(before: Value, after: Value, finding: Finding): boolean {
  if (isFields(before)) return isFields(after) && isSlightMapping(before, after, finding);
  if (isList(before)) return isList(after) && isSlightList(before, after, finding);
  return isSameValue(before, after);
}

function isSlightList(before: List, after: List, finding: Finding): boolean {
  return (
    before.length === after.length &&
    areMarkedAlike(before, after) &&
    before.every((item, index) => isSlightIn(item, after[index] ?? null, finding))
  );
}

function isSlightMapping(before: Fields, after: Fields, finding: Finding): boolean {
  if (!haveSameKeys(before, after)) return false;
  const known = finding.found.length;
  const keys = Object.keys(before);
  const changed = keys.filter((key) => isOtherScalar(before[key] ?? null, after[key] ?? null));
  if (changed.length > mostKeys) return false;
  const others = changed.length === 0 ? keys : keys.filter((key) => !changed.includes(key));
  const areSlight = others.every((key) => {
    const within = { ...finding, way: [...finding.way, key] };
    return isSlightIn(before[key] ?? null, after[key] ?? null, within);
  });
  if (!areSlight || changed.length === 0) return areSlight;
  // Where a mapping in it has changed, too, neither could be put in place of what it was without the other.
  if (finding.found.length > known || isAboutObject(finding.way)) return false;
  if (!changed.every((key) => isPassedOn(before, key) && isPassedOn(after, key))) return false;
  if (known === mostMappings) return false;
  finding.found.push({
    way: finding.way,
    was: before,
    now: withValues(before, after, changed),
    keys: changed,
  });
  return true;
}

function isOtherScalar(was: Value, now: Value): boolean {
  return isScalar(was) && isScalar(now) && !isSameValue(was, now);
}

/** Whether two mappings have the same keys in the same order, written alike, and nothing is wrong with any. */
function haveSameKeys(before: Fields, after: Fields): boolean {
  if (before[keyFlaws] || after[keyFlaws] || !areMarkedAlike(before, after)) return false;
  const keys = Object.keys(before);
  const others = Object.keys(after);
  return keys.length === others.length && keys.every((key, index) => key === others[index]);
}

/** Whether a mapping is an object itself or metadata, by which patches find their objects. */
function isAboutObject([first]: readonly string[]): boolean {
  return first === undefined || first === 'metadata';
}

/** The mapping as it was with the fields that have changed, so that everything else in it is still the same. */
function withValues(before: Fields, after: Fields, keys: readonly string[]): Fields {
  return { ...before, ...Object.fromEntries(keys.map((key) => [key, after[key] ?? null])) };
}

/** Fields by which steps find objects, their shapes and items of lists. */
const telling: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'name', ...mergeKeyNames]);

/** Whether the scalar of a field is of no concern to steps that look for other fields. */
function isPassedOn(fields: Fields, key: string): boolean {
  if (telling.has(key) || key.startsWith('$')) return false;
  if (quotesOf(fields)?.has(key) === true) return false;
  return isPlainScalar(fieldOf(fields, key) ?? null);
}

/** Whether a scalar is the same value and written alike however often it is read and written, in YAML and in JSON. */
export function isPlainScalar(value: Value | undefined): value is boolean | number | string {
  if (typeof value === 'boolean') return true;
  if (typeof value === 'number') return Math.abs(value) < 1e6 && !Object.is(value, -0);
  return (
    typeof value === 'string' && plainWord.test(value) && !isQuotedByGo(value) && !isQuotedBySetter(value)
  );
}

const plainWord = /^[!-~]{1,500}$/;

/**
 * Where a mapping of an object is that is on the way to where it was; undefined when it is not there any more, or in several
 * items of a list, of which aliases make one object. It is looked for as the same object, so what a step has made of it is not
 * found.
 */
export function placeOf(fields: Fields, { way, was }: ChangedMapping): Place | undefined {
  const places: Place[] = [];
  const look = (value: Value, at: number, place: Place): void => {
    if (value === was && at === way.length) places.push(place);
    else if (isList(value)) for (const [index, item] of value.entries()) look(item, at, [...place, index]);
    else {
      const key = way[at];
      if (key !== undefined && isFields(value)) look(fieldOf(value, key) ?? null, at + 1, [...place, key]);
    }
  };
  look(fields, 0, []);
  return places.length === 1 ? places[0] : undefined;
}

/** Keys and positions on the way from an object to something in it. */
export type Place = readonly (string | number)[];

/** An object with another mapping in a place where there is one. */
export function withMappingAt(fields: Fields, place: Place, mapping: Fields): Fields {
  const [key, ...rest] = place;
  if (typeof key !== 'string') return mapping;
  return withField(fields, key, withinValue(fieldOf(fields, key) ?? null, rest, mapping));
}

function withinValue(value: Value, place: Place, mapping: Fields): Value {
  const [index, ...rest] = place;
  if (isFields(value)) return withMappingAt(value, place, mapping);
  return isList(value)
    ? mapItems(value, (item, at) => (at === index ? withinValue(item, rest, mapping) : item))
    : mapping;
}
