import { refuse } from '../refusal.ts';
import type { Step as BuildStep } from '../build/step.ts';
import { fieldOf, isFields, isList, isNull, isScalar, textOf, type Value } from '../values/value.ts';
import { stepOf, type Step } from './path.ts';

/** Thrown by walks along a path: why the value at hand cannot be walked. The step that asked adds the place. */
export class PathProblem extends Error {
  override readonly name = 'PathProblem';
}

/** Runs a walk; a problem on the way is refused at the place that asked for it. */
export function walked<Result>(step: Pick<BuildStep, 'place'>, walk: () => Result): Result {
  try {
    return walk();
  } catch (error) {
    if (!(error instanceof PathProblem)) throw error;
    refuse({ ...step.place, message: error.message, fix: 'correct the path' });
  }
}

/**
 * The value at a path, undefined when there is none (kyaml PathGetter). A step in brackets selects the first item whose
 * field has exactly that text; an index beyond the end finds nothing.
 */
export function lookup(value: Value, path: readonly string[]): Value | undefined {
  let at: Value | undefined = value;
  for (const step of path.map((each) => each.trim()).filter((each) => each !== '')) {
    if (at === undefined || isNull(at)) return undefined;
    at = next(at, stepOf(step), step);
  }
  return at;
}

function next(value: Value, step: Step, written: string): Value | undefined {
  switch (step.kind) {
    case 'key':
      if (!isFields(value)) throw new PathProblem(`there is no mapping where ${written} is looked for`);
      return fieldOf(value, step.key);
    case 'every':
      throw new PathProblem('* cannot be used here');
    case 'broken':
      throw new PathProblem(`the step ${written} cannot be used`);
    default:
      if (!isList(value)) throw new PathProblem(`there is no list where ${written} is looked for`);
      if (step.kind === 'items') return value.find((item) => isNamed(item, step));
      return step.kind === 'index' ? value[step.index] : value.at(-1);
  }
}

function isNamed(item: Value, { field, value }: { readonly field: string; readonly value: string }): boolean {
  const tested = field === '' ? item : isFields(item) ? fieldOf(item, field) : undefined;
  return tested !== undefined && isScalar(tested) && textOf(tested) === value;
}
