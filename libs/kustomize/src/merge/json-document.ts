import { forbiddenKeys } from '@meridian/manifests';
import type { Plain } from '../values/plain.ts';

/** Why an operation cannot be applied; the caller knows which one and where it is written. */
export class OperationProblem extends Error {
  override readonly name = 'OperationProblem';
}

/** A mapping or a list of a JSON document. */
export type Container = readonly Plain[] | { readonly [key: string]: Plain };

/** The place that a pointer names: the steps to the container and the key in it. */
export interface Pointer {
  readonly text: string;
  readonly parents: readonly string[];
  readonly key: string;
}

/**
 * Reads a JSON pointer as evanphx/json-patch does: whatever stands before the first slash is dropped. Undefined for a text
 * without a slash, which names no place.
 */
export function pointerOf(text: string): Pointer | undefined {
  const steps = text.split('/').slice(1).map(unescaped);
  const key = steps.at(-1);
  return key === undefined ? undefined : { text, parents: steps.slice(0, -1), key };
}

function unescaped(step: string): string {
  return step.includes('~') ? step.replace(/~[01]/g, (escape) => (escape === '~1' ? '/' : '~')) : step;
}

/** Whether a value is a mapping or a list. */
export function isContainer(value: Plain | undefined): value is Container {
  return typeof value === 'object' && value !== null;
}

/** Whether a value is a list. */
export function isPlainList(value: Plain): value is readonly Plain[] {
  return Array.isArray(value);
}

/** The container that a pointer leads to; a step that is missing is a problem. */
export function containerAt(document: Container, pointer: Pointer): Container {
  let at: Plain | undefined = document;
  for (const step of pointer.parents) at = isContainer(at) ? childOf(at, step) : undefined;
  return isContainer(at) ? at : missing(pointer);
}

function missing({ text, parents }: Pointer): never {
  throw new OperationProblem(`there is no mapping or list at /${parents.join('/')} for the path ${text}`);
}

/** A step on the way: a list that does not have it ends the way like a missing key. */
function childOf(container: Container, step: string): Plain | undefined {
  if (!isPlainList(container)) return Object.hasOwn(container, step) ? container[step] : undefined;
  const index = indexIn(container, step);
  return index === undefined ? undefined : container[index];
}

/** The document with the container of a pointer changed; everything beside the way to it is shared. */
export function changedAt(
  document: Container,
  pointer: Pointer,
  change: (container: Container) => Container,
): Container {
  return changedBelow(document, pointer, { depth: 0, change });
}

/** How many keys and items the containers on a pointer's way have, which are copied when something changes there. */
export function widthTo(document: Container, { parents }: Pointer): number {
  let width = widthOf(document);
  let at: Plain | undefined = document;
  for (const step of parents) {
    at = isContainer(at) ? childOf(at, step) : undefined;
    width += isContainer(at) ? widthOf(at) : 0;
  }
  return width;
}

function widthOf(container: Container): number {
  return isPlainList(container) ? container.length : Object.keys(container).length;
}

interface Below {
  readonly depth: number;
  readonly change: (container: Container) => Container;
}

function changedBelow(container: Container, pointer: Pointer, { depth, change }: Below): Container {
  const step = pointer.parents[depth];
  if (step === undefined) return change(container);
  const child = childOf(container, step);
  if (!isContainer(child)) return missing(pointer);
  const after = changedBelow(child, pointer, { depth: depth + 1, change });
  if (!isPlainList(container)) return { ...container, [step]: after };
  const index = indexIn(container, step);
  return container.map((item, at) => (at === index ? after : item));
}

/** The value at a key; undefined for a key that a mapping does not have. An index must be in the list. */
export function valueIn(container: Container, key: string): Plain | undefined {
  if (!isPlainList(container)) return Object.hasOwn(container, key) ? container[key] : undefined;
  return container[requiredIndex(container, key)];
}

/** The container with a value added: a list makes room at the index, `-` is its end, -1 the place behind its last item. */
export function withAdded(container: Container, key: string, value: Plain): Container {
  if (!isPlainList(container)) return withKey(container, key, value);
  const index = key === '-' ? container.length : indexAmong(container.length + 1, key);
  if (index === undefined || index > container.length) return outside(container, key);
  return [...container.slice(0, index), value, ...container.slice(index)];
}

/** The container with a value put in the place of another; a mapping takes a new key, too. */
export function withReplaced(container: Container, key: string, value: Plain): Container {
  if (!isPlainList(container)) return withKey(container, key, value);
  const index = requiredIndex(container, key);
  return container.map((item, at) => (at === index ? value : item));
}

/** The container without a key or item that it must have. */
export function withRemoved(container: Container, key: string): Container {
  if (isPlainList(container)) {
    const index = requiredIndex(container, key);
    return container.filter((_, at) => at !== index);
  }
  if (!Object.hasOwn(container, key))
    throw new OperationProblem(`the key ${key} is not there, so it cannot be removed`);
  const { [key]: _, ...rest } = container;
  return rest;
}

function withKey(fields: { readonly [key: string]: Plain }, key: string, value: Plain): Container {
  if (forbiddenKeys.has(key)) throw new OperationProblem(`the key ${key} is not allowed`);
  return { ...fields, [key]: value };
}

const integer = /^[+-]?\d+$/;

/** A negative index counts from the end, the library's own idea. */
function indexAmong(length: number, step: string): number | undefined {
  if (!integer.test(step)) return undefined;
  const index = Number(step);
  if (index < -length) return undefined;
  return index < 0 ? index + length : index;
}

function indexIn(list: readonly Plain[], step: string): number | undefined {
  const index = indexAmong(list.length, step);
  return index === undefined || index >= list.length ? undefined : index;
}

function requiredIndex(list: readonly Plain[], step: string): number {
  return indexIn(list, step) ?? outside(list, step);
}

function outside(list: readonly Plain[], step: string): never {
  throw new OperationProblem(`${step} is no index into a list of ${list.length}`);
}
