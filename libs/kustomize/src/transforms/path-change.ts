import {
  fieldOf,
  isFields,
  isList,
  isNull,
  isScalar,
  mapItems,
  textOf,
  withField,
  type Fields,
  type List,
  type Value,
} from '../values/value.ts';
import { bareText, isBareText, plainOf } from '../values/plain.ts';
import { isUntagged, noteUntagged } from '../values/quote-marks.ts';
import { isQuoted, needsQuotes, withQuoted } from '../values/quotes.ts';
import { yamlText } from '../values/write.ts';
import { regexOf, RegexProblem, type Matcher } from '../resources/regex.ts';
import { PathProblem } from './path-lookup.ts';
import { stepOf } from './path.ts';

/** What is made where a path ends and nothing is there: an empty scalar, mapping or list; or nothing. */
export type Leaf = 'scalar' | 'fields' | 'list' | undefined;

/** A walk to every value that a path fits. */
export interface Walk {
  /** What the path's missing parts end in; undefined leaves them missing. */
  readonly create: Leaf;
  /** The new value of what was found; undefined stands for what was made just now. A scalar may have no tag. */
  readonly change: (found: Value | undefined, isUntagged: boolean) => Value;
  /** Is told of every match. */
  readonly found: () => void;
  /** What takes the place of a collection has no tag. */
  readonly isBare?: boolean;
}

/**
 * The value with everything changed that a path fits (kyaml PathMatcher). `*` fits every item, a step in brackets those
 * whose field's YAML text holds a match of a regular expression, which is not anchored.
 */
export function changeAtPath(value: Value, path: readonly string[], walk: Walk): Value {
  const [first, ...rest] = path;
  if (first === undefined) {
    walk.found();
    return walk.change(value, isBareText(value));
  }
  const step = stepOf(first);
  switch (step.kind) {
    case 'index':
      return atIndex(value, { index: step.index, rest }, walk);
    case 'every':
      return mapItems(listIn(value, first), (item) => changeAtPath(item, rest, walk));
    case 'items':
      return atItems(value, { ...step, rest }, walk);
    case 'broken':
      throw new PathProblem(`the step ${first} cannot be used`);
    default:
      return atKey(value, { key: first, rest }, walk);
  }
}

function listIn(value: Value, step: string): List {
  if (isList(value)) return value;
  throw new PathProblem(`there is no list where ${step} is looked for`);
}

interface AtKey {
  readonly key: string;
  readonly rest: readonly string[];
}

function atKey(value: Value, { key, rest }: AtKey, walk: Walk): Value {
  if (isNull(value)) return value;
  if (!isFields(value)) throw new PathProblem(`there is no mapping where ${key} is looked for`);
  const present = fieldOf(value, key);
  if (present === undefined && walk.create === undefined) return value;
  if (present === undefined) return withMade(value, key, made(rest, walk));
  if (rest.length === 0) return withChanged(value, key, { present, walk });
  return withField(value, key, changeAtPath(present, rest, walk));
}

function withChanged(
  fields: Fields,
  key: string,
  { present, walk }: { readonly present: Value; readonly walk: Walk },
): Fields {
  walk.found();
  const value = walk.change(present, isUntagged(fields, key) || isBareText(present));
  const after = withQuoted(fields, key, value, isQuoted(fields, key));
  if (walk.isBare === true && !isScalar(present) && isScalar(value)) noteUntagged(after, key, true);
  return after;
}

/** The mapping with a field that was made; kustomize gives a scalar no tag then. */
function withMade(fields: Fields, key: string, value: Value): Fields {
  const after = withQuoted(fields, key, value, false);
  if (isScalar(value)) noteUntagged(after, key, true);
  return after;
}

/** What stands at a step that is missing, with everything below it. */
function made(rest: readonly string[], walk: Walk): Value {
  const [next] = rest;
  if (next === undefined) {
    walk.found();
    return walk.change(walk.create === 'fields' ? {} : walk.create === 'list' ? [] : undefined, true);
  }
  const { kind } = stepOf(next);
  return changeAtPath(kind === 'items' || kind === 'index' ? [] : {}, rest, walk);
}

interface AtIndex {
  readonly index: number;
  readonly rest: readonly string[];
}

function atIndex(value: Value, { index, rest }: AtIndex, walk: Walk): Value {
  const list = listIn(value, String(index));
  if (list.length === index && walk.create !== undefined) return withMadeItem(list, made(rest, walk));
  if (index >= list.length)
    throw new PathProblem(`the index ${index} is beyond the ${list.length} items of the list`);
  const isBare = isUntagged(list, String(index));
  return mapItems(list, (item, at) => {
    if (at !== index) return item;
    if (!isBare || rest.length > 0) return changeAtPath(item, rest, walk);
    walk.found();
    return walk.change(item, true);
  });
}

/** The list with an item that was made, which has no tag either. */
function withMadeItem(list: List, value: Value): List {
  const after = [...list, value];
  if (isScalar(value)) noteUntagged(after, String(list.length), true);
  return after;
}

interface AtItems {
  readonly field: string;
  /** A regular expression. */
  readonly value: string;
  readonly rest: readonly string[];
}

function atItems(value: Value, { field, value: pattern, rest }: AtItems, walk: Walk): Value {
  const list = listIn(value, `[${field}=${pattern}]`);
  const matches = matcherOf(pattern);
  let count = 0;
  const below: Walk = {
    ...walk,
    found: () => {
      count += 1;
      walk.found();
    },
  };
  const visit = (items: List): List =>
    mapItems(items, (item) => {
      const tested = yamlOf(item, field);
      if (tested === undefined || !matches(tested)) return item;
      return field === '' ? changeAtPath(item, [], below) : changeAtPath(item, rest, below);
    });
  const changed = visit(list);
  if (count > 0 || walk.create === undefined) return changed;
  const text = bareText(pattern);
  return visit([...changed, field === '' ? text : withMade({}, field, text)]);
}

/** The YAML of an item, or of one field of it, with the quotes that a text has in its file. */
function yamlOf(item: Value, field: string): string | undefined {
  if (field === '') return written(item, typeof item === 'string' && needsQuotes(item));
  const value = isFields(item) ? fieldOf(item, field) : undefined;
  return value === undefined || !isFields(item) ? undefined : written(value, isQuoted(item, field));
}

function written(value: Value, quoted: boolean): string {
  if (!isScalar(value)) return yamlText(plainOf(value)).trim();
  return quoted ? `"${textOf(value)}"` : textOf(value).trim();
}

function matcherOf(pattern: string): Matcher {
  try {
    return regexOf(pattern);
  } catch (error) {
    if (!(error instanceof RegexProblem)) throw error;
    throw new PathProblem(`the pattern ${pattern} cannot be used: ${error.message}`);
  }
}
