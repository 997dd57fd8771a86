import { copyOf, equalValues, fieldOf, isAllowedKey, isFields, type Fields, type Value } from './value.ts';

/** Why a JSON patch cannot be applied; the caller knows the file. */
export class PatchMismatch extends Error {
  override readonly name = 'PatchMismatch';
}

/** One operation of RFC 6902 in the dialect of evanphx/json-patch v4, which kustomize uses. */
export interface PatchOperation {
  readonly op: 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test';
  readonly path: readonly string[];
  readonly from: readonly string[];
  readonly value: Value;
}

const verbs = ['add', 'remove', 'replace', 'move', 'copy', 'test'] as const;

/** Reads a parsed document as a list of operations; a text says why it is none. */
export function parsePatch(document: Value): PatchOperation[] | string {
  if (!Array.isArray(document)) return 'a JSON patch is a list of operations';
  const operations: PatchOperation[] = [];
  for (const [index, item] of document.entries()) {
    const operation = parseOperation(item);
    if (typeof operation === 'string') return `operation ${index + 1}: ${operation}`;
    operations.push(operation);
  }
  return operations;
}

function parseOperation(item: Value): PatchOperation | string {
  if (!isFields(item)) return 'must be a mapping';
  const op = verbs.find((verb) => verb === item['op']);
  if (!op) return `op must be one of ${verbs.join(', ')}`;
  const path = parsePointer(fieldOf(item, 'path'));
  if (!path) return 'path must be a JSON pointer such as /spec/replicas';
  const from = op === 'move' || op === 'copy' ? parsePointer(fieldOf(item, 'from')) : [];
  if (!from) return 'from must be a JSON pointer such as /spec/replicas';
  return { op, path, from, value: fieldOf(item, 'value') ?? null };
}

function parsePointer(pointer: Value | undefined): string[] | undefined {
  if (typeof pointer !== 'string' || !pointer.startsWith('/')) return undefined;
  const steps = pointer
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  return steps.every(isAllowedKey) ? steps : undefined;
}

/** Applies operations in order to an object in place; the first that does not fit throws {@link PatchMismatch}. */
export function applyPatch(target: Fields, operations: readonly PatchOperation[]): void {
  for (const operation of operations) applyOperation(target, operation);
}

function applyOperation(target: Fields, { op, path, from, value }: PatchOperation): void {
  switch (op) {
    case 'add':
      add(target, path, copyOf(value));
      break;
    case 'remove':
      remove(target, path);
      break;
    case 'replace':
      replace(target, path, copyOf(value));
      break;
    case 'move':
      add(target, path, remove(target, from));
      break;
    case 'copy':
      add(target, path, copyOf(read(target, from)));
      break;
    case 'test':
      if (!equalValues(peek(target, path) ?? null, value))
        throw new PatchMismatch(`the test of ${pointer(path)} failed`);
  }
}

const pointer = (path: readonly string[]): string => `/${path.join('/')}`;

function holderOf(target: Fields, path: readonly string[]): { holder: Value[] | Fields; key: string } {
  let holder: Value | undefined = target;
  for (const [depth, step] of path.slice(0, -1).entries()) {
    holder = Array.isArray(holder)
      ? holder[indexIn(holder, step, path)]
      : isFields(holder)
        ? fieldOf(holder, step)
        : undefined;
    if (typeof holder !== 'object' || holder === null)
      throw new PatchMismatch(`${pointer(path.slice(0, depth + 1))} does not exist`);
  }
  if (!Array.isArray(holder) && !isFields(holder)) throw new PatchMismatch(`${pointer(path)} does not exist`);
  return { holder, key: path.at(-1) ?? '' };
}

/** A negative index counts from the end. */
function indexIn(list: Value[], step: string, path: readonly string[]): number {
  const index = /^-?\d+$/.test(step) ? Number(step) : Number.NaN;
  const place = index < 0 ? index + list.length : index;
  if (!(place >= 0 && place < list.length)) throw new PatchMismatch(`${pointer(path)} has no item ${step}`);
  return place;
}

function add(target: Fields, path: readonly string[], value: Value): void {
  const { holder, key } = holderOf(target, path);
  if (!Array.isArray(holder)) {
    holder[key] = value;
    return;
  }
  const index = key === '-' ? holder.length : /^-?\d+$/.test(key) ? Number(key) : Number.NaN;
  const place = index < 0 ? index + holder.length + 1 : index;
  if (!(place >= 0 && place <= holder.length))
    throw new PatchMismatch(`${pointer(path)} is past the end of the list`);
  holder.splice(place, 0, value);
}

function remove(target: Fields, path: readonly string[]): Value {
  const { holder, key } = holderOf(target, path);
  if (Array.isArray(holder)) return holder.splice(indexIn(holder, key, path), 1)[0] ?? null;
  const value = fieldOf(holder, key);
  if (value === undefined)
    throw new PatchMismatch(`${pointer(path)} does not exist, so it cannot be removed`);
  delete holder[key];
  return value;
}

/** As the upstream library does, `replace` of an absent key adds it. */
function replace(target: Fields, path: readonly string[], value: Value): void {
  const { holder, key } = holderOf(target, path);
  if (Array.isArray(holder)) holder[indexIn(holder, key, path)] = value;
  else holder[key] = value;
}

function read(target: Fields, path: readonly string[]): Value {
  const value = peek(target, path);
  if (value === undefined) throw new PatchMismatch(`${pointer(path)} does not exist`);
  return value;
}

function peek(target: Fields, path: readonly string[]): Value | undefined {
  const { holder, key } = holderOf(target, path);
  return Array.isArray(holder) ? holder[indexIn(holder, key, path)] : fieldOf(holder, key);
}
