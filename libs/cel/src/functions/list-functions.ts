import { isDeepStrictEqual } from 'node:util';
import type { Environment } from '@marcbachmann/cel-js';
import { CelFault } from './cel-fault.ts';
import type { Register } from './cel-fault.ts';
import { ownName } from './own-names.ts';

/** Values that have an order. */
export type Ordered = bigint | number | string | boolean | Date;

const ordered = ['int', 'double', 'string', 'bool', 'google.protobuf.Timestamp'];

/** Lists as Kubernetes and cel-go's list extension have them: sums, bounds, order, slices; and sets. */
export function registerLists(environment: Environment, register: Register): void {
  register('list<int>.sum(): int', (list: bigint[]) => list.reduce(addIntegers, 0n));
  register('list<double>.sum(): double', (list: number[]) => list.reduce((sum, item) => sum + item, 0));
  for (const type of ordered) registerOrder(type, register);
  for (const name of ['indexOf', 'lastIndexOf'] as const) {
    const find = name === 'indexOf' ? 'findIndex' : 'findLastIndex';
    const place = (list: unknown[], item: unknown) =>
      BigInt(list[find]((other) => isDeepStrictEqual(other, item)));
    // Expressions that are not read by parseExpression call it by its written name.
    register(`list<T>.${name}(T): int`, place);
    register(`list<T>.${ownName(name)}(T): int`, place);
  }
  register('list<T>.slice(int, int): list<T>', slice);
  register('list<list<T>>.flatten(): list<T>', (list: unknown[][]) => list.flat());
  register('list.flatten(int): list<dyn>', (list: unknown[], depth: bigint) => {
    if (depth < 0n) throw new CelFault('level must be non-negative');
    return list.flat(Number(depth));
  });
  register('list<T>.distinct(): list<T>', distinct);
  register('list<T>.reverse(): list<T>', (list: unknown[]) => list.toReversed());
  registerNamespaces(environment, register);
}

/** The library looks at the first item of a list only. */
function addIntegers(a: bigint, b: unknown): bigint {
  if (typeof b !== 'bigint') throw new CelFault('no such overload');
  const sum = a + b;
  if (BigInt.asIntN(64, sum) !== sum) throw new CelFault('integer overflow');
  return sum;
}

function registerOrder(type: string, register: Register): void {
  register(`list<${type}>.isSorted(): bool`, (list: Ordered[]) =>
    list.every((item, index) => index === 0 || !(item < (list[index - 1] ?? item))),
  );
  register(`list<${type}>.sort(): list<${type}>`, (list: Ordered[]) => list.toSorted(compare));
  register(`list<${type}>.min(): ${type}`, (list: Ordered[]) => extreme(list.toSorted(compare)[0], 'min'));
  register(`list<${type}>.max(): ${type}`, (list: Ordered[]) =>
    extreme(list.toSorted(compare).at(-1), 'max'),
  );
}

/** Which of two values comes first, as a number below, at or above zero. */
export function compare(a: Ordered, b: Ordered): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function extreme(found: Ordered | undefined, name: string): Ordered {
  if (found === undefined) throw new CelFault(`${name} called on empty list`);
  return found;
}

function slice(list: unknown[], start: bigint, end: bigint): unknown[] {
  const size = BigInt(list.length);
  if (start < 0n || end < 0n) {
    throw new CelFault(`cannot slice(${String(start)}, ${String(end)}), negative indexes not supported`);
  }
  if (start > end) {
    throw new CelFault(
      `cannot slice(${String(start)}, ${String(end)}), start index must be less than or equal to end index`,
    );
  }
  if (end > size) {
    throw new CelFault(`cannot slice(${String(start)}, ${String(end)}), list is length ${String(size)}`);
  }
  return list.slice(Number(start), Number(end));
}

function distinct(list: unknown[]): unknown[] {
  return list.filter((item, index) => list.findIndex((other) => isDeepStrictEqual(other, item)) === index);
}

/** The name before the dot of `sets.contains`. */
class SetsNamespace {}
/** The name before the dot of `lists.range`. */
class ListsNamespace {}

function registerNamespaces(environment: Environment, register: Register): void {
  environment.registerType('SetsNamespace', SetsNamespace);
  environment.registerConstant('sets', 'SetsNamespace', new SetsNamespace());
  environment.registerType('ListsNamespace', ListsNamespace);
  environment.registerConstant('lists', 'ListsNamespace', new ListsNamespace());
  const has = (list: unknown[], item: unknown) => list.some((other) => isDeepStrictEqual(other, item));
  const contains = (list: unknown[], items: unknown[]) => items.every((item) => has(list, item));
  register('SetsNamespace.contains(list<T>, list<T>): bool', (_: unknown, a: unknown[], b: unknown[]) =>
    contains(a, b),
  );
  register(
    'SetsNamespace.equivalent(list<T>, list<T>): bool',
    (_: unknown, a: unknown[], b: unknown[]) => contains(a, b) && contains(b, a),
  );
  register('SetsNamespace.intersects(list<T>, list<T>): bool', (_: unknown, a: unknown[], b: unknown[]) =>
    a.some((item) => has(b, item)),
  );
  register('ListsNamespace.range(int): list<int>', (_: unknown, size: bigint) =>
    Array.from({ length: Number(size) }, (_item, index) => BigInt(index)),
  );
}
