import { fieldOf, isFields, isList, isScalar, textOf, type List, type Value } from '../values/value.ts';
import { isQuoted, withQuoted } from '../values/quotes.ts';
import { PathProblem } from './path-lookup.ts';
import { stepOf, type Step } from './path.ts';
import { isQuoted as isTextQuoted } from './scalars.ts';

/**
 * The value with one place changed that a path leads to; what is missing on the way is made (kyaml LookupCreate). A step
 * in brackets leads to the first item whose field has exactly that text, or to a new one.
 */
export function setAtPath(
  at: Value | undefined,
  path: readonly string[],
  change: (found: Value | undefined, isInQuotes: boolean) => Value,
): Value {
  const [first, ...rest] = path;
  if (first === undefined) return change(at, isTextQuoted(at));
  const step = stepOf(first);
  if (step.kind === 'broken') throw new PathProblem(`the step ${first} cannot be used`);
  if (step.kind === 'key')
    return setInFields(at ?? {}, step.key, (found, isInQuotes) =>
      rest.length === 0 ? change(found, isInQuotes) : setAtPath(found, rest, change),
    );
  const list = at ?? [];
  if (!isList(list)) throw new PathProblem(`there is no list where ${first} is looked for`);
  const index = indexIn(list, step);
  if (step.kind === 'items' && index < 0) return [...list, setAtPath(itemFor(step), rest, change)];
  const item = list[index];
  if (item === undefined) throw new PathProblem(`the list has no item ${first}`);
  return list.map((each, position) => (position === index ? setAtPath(item, rest, change) : each));
}

function itemFor({ field, value }: { readonly field: string; readonly value: string }): Value {
  return field === '' ? value : { [field]: value };
}

function setInFields(
  at: Value,
  key: string,
  change: (found: Value | undefined, isInQuotes: boolean) => Value,
): Value {
  if (!isFields(at)) throw new PathProblem(`there is no mapping where ${key} is looked for`);
  const isInQuotes = isQuoted(at, key);
  return withQuoted(at, key, change(fieldOf(at, key), isInQuotes), isInQuotes);
}

function indexIn(list: List, step: Step): number {
  switch (step.kind) {
    case 'index':
      return step.index;
    case 'last':
      return list.length - 1;
    case 'items':
      return list.findIndex((item) => isNamed(item, step));
    default:
      return -1;
  }
}

/** Whether an item is a scalar of that text, or a mapping with a field of that text. */
export function isNamed(
  item: Value,
  { field, value }: { readonly field: string; readonly value: string },
): boolean {
  const tested = field === '' ? item : isFields(item) ? fieldOf(item, field) : undefined;
  return tested !== undefined && isScalar(tested) && textOf(tested) === value;
}
