import { yamlLimits } from '@meridian/manifests';
import type { Profile } from '../build/step.ts';
import type { Plain } from '../values/plain.ts';
import {
  changedAt,
  containerAt,
  isContainer,
  isPlainList,
  OperationProblem,
  pointerOf,
  valueIn,
  widthTo,
  withAdded,
  withRemoved,
  withReplaced,
  type Container,
  type Pointer,
} from './json-document.ts';

/** One operation as it is written; what is wrong with it shows only when it is applied, as upstream. */
export interface Operation {
  readonly op: Plain | undefined;
  readonly path: Plain | undefined;
  readonly from: Plain | undefined;
  /** Undefined when it is not said, which is null in most places. */
  readonly value: Plain | undefined;
}

/** The operations in a document: a list of mappings, or nothing at all. A text says why it is none. */
export function operationsIn(document: Plain): readonly Operation[] | string {
  if (document === null) return [];
  if (!isContainer(document) || !isPlainList(document)) return 'a JSON patch is a list of operations';
  const operations: Operation[] = [];
  for (const [index, item] of document.entries()) {
    if (item !== null && (!isContainer(item) || isPlainList(item)))
      return `operation ${index + 1} is no mapping`;
    const field = (key: string): Plain | undefined =>
      item && Object.hasOwn(item, key) ? item[key] : undefined;
    operations.push({ op: field('op'), path: field('path'), from: field('from'), value: field('value') });
  }
  return operations;
}

/**
 * Applies operations in their order as evanphx/json-patch v4 does (v4.12 in profile 5.5, v4.13 in 5.8): negative indices
 * count from the end, `replace` adds a missing key, `copy` of a missing key copies null. The first operation that does not
 * fit throws {@link OperationProblem}. The document is not changed.
 */
export function applyOperations(
  document: Container,
  operations: readonly Operation[],
  profile: Profile,
): Container {
  let after = document;
  const budget = new Budget();
  for (const [index, operation] of operations.entries()) {
    try {
      after = applied(after, operation, { profile, budget });
    } catch (error) {
      if (!(error instanceof OperationProblem)) throw error;
      throw new OperationProblem(`operation ${index + 1}: ${error.message}`, { cause: error });
    }
  }
  return after;
}

interface Applying {
  readonly profile: Profile;
  readonly budget: Budget;
}

/** What one patch may do to one object: operations are few words, and what they do may be large. */
class Budget {
  #placed = 0;
  #touched = 0;

  /** Counts the values that are put at a place, and refuses too many of them or a place that is too deep. */
  place({ parents }: Pointer, value: Plain): void {
    this.#weigh(value, parents.length);
  }

  /** Counts the containers that are copied on the way to a place. */
  touch(document: Container, pointer: Pointer): void {
    this.#touched += widthTo(document, pointer);
    if (this.#touched > mostTouched)
      throw new OperationProblem('the patch works on too large lists too often');
  }

  #weigh(value: Plain, depth: number): void {
    this.#placed += 1;
    if (this.#placed > yamlLimits.maxNodes)
      throw new OperationProblem(`the patch puts more than ${yamlLimits.maxNodes} values in place`);
    if (depth > yamlLimits.maxDepth)
      throw new OperationProblem(`the patch nests deeper than ${yamlLimits.maxDepth} levels`);
    if (isContainer(value)) for (const child of Object.values<Plain>(value)) this.#weigh(child, depth + 1);
  }
}

const mostTouched = 5_000_000;

function applied(document: Container, operation: Operation, { profile, budget }: Applying): Container {
  const { op, value = null } = operation;
  switch (op) {
    case 'add':
      return added(document, { pointer: required(operation, 'path'), value }, budget);
    case 'remove':
      return removed(document, required(operation, 'path'), budget);
    case 'replace':
      return operation.path === ''
        ? replacedWhole(document, operation, profile)
        : replaced(document, { pointer: required(operation, 'path'), value }, budget);
    case 'move': {
      const moved = valueAt(document, required(operation, 'from'));
      const without = removed(document, required(operation, 'from'), budget);
      return added(without, { pointer: required(operation, 'path'), value: moved }, budget);
    }
    case 'copy': {
      const copied = valueAt(document, required(operation, 'from'));
      return added(document, { pointer: required(operation, 'path'), value: copied }, budget);
    }
    case 'test':
      return tested(document, operation, profile);
    default:
      throw new OperationProblem('op must be one of add, remove, replace, move, copy and test');
  }
}

function required(operation: Operation, field: 'path' | 'from'): Pointer {
  const text = operation[field];
  const pointer = typeof text === 'string' ? pointerOf(text) : undefined;
  if (pointer) return pointer;
  throw new OperationProblem(`${field} must be a JSON pointer such as /spec/replicas`);
}

/** A missing key has the value null. */
function valueAt(document: Container, pointer: Pointer): Plain {
  return valueIn(containerAt(document, pointer), pointer.key) ?? null;
}

interface Placing {
  readonly pointer: Pointer;
  readonly value: Plain;
}

function added(document: Container, { pointer, value }: Placing, budget: Budget): Container {
  budget.touch(document, pointer);
  budget.place(pointer, value);
  return changedAt(document, pointer, (container) => withAdded(container, pointer.key, value));
}

function removed(document: Container, pointer: Pointer, budget: Budget): Container {
  budget.touch(document, pointer);
  return changedAt(document, pointer, (container) => withRemoved(container, pointer.key));
}

function replaced(document: Container, { pointer, value }: Placing, budget: Budget): Container {
  budget.touch(document, pointer);
  budget.place(pointer, value);
  return changedAt(document, pointer, (container) => withReplaced(container, pointer.key, value));
}

/** Upstream forgets in 5.5 to say that only a mapping or a list can replace the whole document. */
function replacedWhole(document: Container, { value }: Operation, profile: Profile): Container {
  if (isContainer(value)) return value;
  if (profile === '5.5' && value !== undefined) return document;
  throw new OperationProblem('only a mapping can take the place of the whole object');
}

function tested(document: Container, operation: Operation, profile: Profile): Container {
  const { value } = operation;
  if (isAsTested(document, operation, profile)) return document;
  throw new OperationProblem(`the test of ${pathText(operation)} failed: it is not ${shown(value)}`);
}

function pathText({ path }: Operation): string {
  return typeof path === 'string' && path !== '' ? path : 'the whole object';
}

/** Values of an object may be secret, so only the kind of what was expected is said. */
function shown(value: Plain | undefined): string {
  if (value === undefined || value === null) return 'null';
  return isContainer(value)
    ? `the ${isPlainList(value) ? 'list' : 'mapping'} of the patch`
    : 'the value of the patch';
}

function isAsTested(document: Container, operation: Operation, profile: Profile): boolean {
  const { value } = operation;
  if (operation.path === '') return value !== undefined && isEqual(document, value);
  const found = valueAt(document, required(operation, 'path'));
  if (found !== null) return value !== undefined && isEqual(found, value);
  // A test of nothing for nothing crashes 5.5 and passes in 5.8.
  return value === null || (value === undefined && profile === '5.8');
}

/** Equal as the library sees it: a list with a null in it equals nothing (upstream crashes on it). */
function isEqual(left: Plain, right: Plain): boolean {
  if (!isContainer(left) || !isContainer(right)) return left === right;
  if (isPlainList(left) || isPlainList(right)) {
    if (!isPlainList(left) || !isPlainList(right) || left.length !== right.length) return false;
    return left.every((item, index) => item !== null && isEqual(item, right[index] ?? null));
  }
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && isEqual(left[key] ?? null, right[key] ?? null))
  );
}
