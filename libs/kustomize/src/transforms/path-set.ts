import {
  fieldOf,
  isFields,
  isList,
  isScalar,
  textOf,
  withField,
  type List,
  type Value,
} from '../values/value.ts';
import { PathProblem } from './path-lookup.ts';
import { stepOf, type Step } from './path.ts';

/**
 * The value with one place changed that a path leads to; what is missing on the way is made (kyaml LookupCreate). A step
 * in brackets leads to the first item whose field has exactly that text, or to a new one.
 */
export function setAtPath(
  at: Value | undefined,
  path: readonly string[],
  change: (found: Value | undefined) => Value,
): Value {
  const [first, ...rest] = path;
  if (first === undefined) return change(at);
  const step = stepOf(first);
  if (step.kind === 'key') {
    const fields = at ?? {};
    if (!isFields(fields)) throw new PathProblem(`there is no mapping where ${first} is looked for`);
    return withField(fields, step.key, setAtPath(fieldOf(fields, step.key), rest, change));
  }
  const list = at ?? [];
  if (!isList(list)) throw new PathProblem(`there is no list where ${first} is looked for`);
  const index = indexIn(list, step);
  if (step.kind === 'items' && index < 0) {
    const item = step.field === '' ? step.value : { [step.field]: step.value };
    return [...list, setAtPath(item, rest, change)];
  }
  const item = list[index];
  if (item === undefined) throw new PathProblem(`the list has no item ${first}`);
  return list.map((each, position) => (position === index ? setAtPath(item, rest, change) : each));
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
