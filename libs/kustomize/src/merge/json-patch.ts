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
  const budget = { copied: 0 };
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
  readonly budget: { copied: number };
}

function applied(document: Container, operation: Operation, { profile, budget }: Applying): Container {
  const { op, value = null } = operation;
  switch (op) {
    case 'add':
      return added(document, required(operation, 'path'), value);
    case 'remove':
      return removed(document, required(operation, 'path'));
    case 'replace':
      return operation.path === ''
        ? replacedWhole(document, operation, profile)
        : replaced(document, operation);
    case 'move': {
      const from = required(operation, 'from');
      const moved = valueIn(containerAt(document, from), from.key) ?? null;
      return added(removed(document, from), required(operation, 'path'), moved);
    }
    case 'copy':
      return copied(document, operation, budget);
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

function added(document: Container, pointer: Pointer, value: Plain): Container {
  return changedAt(document, pointer, (container) => withAdded(container, pointer.key, value));
}

function removed(document: Container, pointer: Pointer): Container {
  return changedAt(document, pointer, (container) => withRemoved(container, pointer.key));
}

function replaced(document: Container, operation: Operation): Container {
  const pointer = required(operation, 'path');
  const { value = null } = operation;
  return changedAt(document, pointer, (container) => withReplaced(container, pointer.key, value));
}

/** Upstream forgets in 5.5 to say that only a mapping or a list can replace the whole document. */
function replacedWhole(document: Container, { value }: Operation, profile: Profile): Container {
  if (isContainer(value)) return value;
  if (profile === '5.5' && value !== undefined) return document;
  throw new OperationProblem('only a mapping can take the place of the whole object');
}

function copied(document: Container, operation: Operation, budget: Applying['budget']): Container {
  const from = required(operation, 'from');
  const path = required(operation, 'path');
  const value = valueIn(containerAt(document, from), from.key) ?? null;
  budget.copied += sizeOf(value, yamlLimits.maxNodes - budget.copied);
  if (budget.copied > yamlLimits.maxNodes)
    throw new OperationProblem(`the patch copies more than ${yamlLimits.maxNodes} values`);
  return added(document, path, value);
}

/** How many values there are, counted no further than just above a limit. */
function sizeOf(value: Plain, limit: number): number {
  let size = 1;
  if (!isContainer(value)) return size;
  for (const child of Object.values<Plain>(value)) {
    if (size > limit) break;
    size += sizeOf(child, limit - size);
  }
  return size;
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
  const pointer = required(operation, 'path');
  const found = valueIn(containerAt(document, pointer), pointer.key) ?? null;
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
