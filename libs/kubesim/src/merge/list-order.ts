import { isObject, memberOf } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import { goPrint } from './go-print.ts';
import { PatchRefusal } from './patch-result.ts';

/** How the items of a list that merges are told apart: by a member, or by themselves when `mergeKey` is empty. */
export interface ListIdentity {
  readonly mergeKey: string;
  /** Whether the items are objects. */
  readonly objects: boolean;
}

/** An error that the server has no code for: it answers 500 and says it. */
export function unexpected(message: string): PatchRefusal {
  return new PatchRefusal(500, message);
}

/** The refusal of a `$setElementOrder` that does not fit. */
export function badElementOrder(): PatchRefusal {
  return new PatchRefusal(400, 'invalid patch format of setElementOrder list');
}

/** The item as an object that has the merge key. */
export function keyOf(item: Json, mergeKey: string): Json {
  if (!isObject(item)) {
    throw unexpected(`expected a map[string]interface {}, but received a ${goTypeOf(item)}`);
  }
  const key = memberOf(item, mergeKey);
  if (key === undefined) {
    throw unexpected(`map: ${goPrint(item)} does not contain declared merge key: ${mergeKey}`);
  }
  return key;
}

/** The Go type that JSON decodes to. */
export function goTypeOf(value: Json): string {
  if (Array.isArray(value)) return '[]interface {}';
  if (value === null) return '%!s(<nil>)';
  if (typeof value === 'object') return 'map[string]interface {}';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  return typeof value === 'boolean' ? 'bool' : 'string';
}

/** Where an item with this key is in a list of objects, -1 when it is not. */
export function indexByKey(list: readonly Json[], mergeKey: string, key: Json): number {
  return list.findIndex((item, index) => {
    if (!isObject(item)) throw unexpected(`value for key ${String(index)} is not a map`);
    return memberOf(item, mergeKey) === key;
  });
}

/** Whether the items of some lists are objects; all of them must be of one type. */
export function holdObjects(...lists: readonly (readonly Json[])[]): boolean {
  const [first, ...others] = lists.flat().map(goTypeOf);
  if (first === undefined) throw unexpected('no elements in any of the given slices');
  if (first === '[]interface {}') {
    throw new PatchRefusal(422, 'the server rejected our request due to an error in our request');
  }
  if (others.some((type) => type !== first)) {
    throw unexpected(`list element types are not identical: ${goPrint(lists.map((list) => [...list]))}`);
  }
  return first === 'map[string]interface {}';
}

/**
 * The merged items in their final order: those that the patch names as it orders them, those that only the server has as
 * the server orders them, woven together by the order of the live list.
 */
export function ordered(
  merged: readonly Json[],
  patchOrder: readonly Json[],
  serverOrder: readonly Json[],
  identity: ListIdentity,
): Json[] {
  const isNamed = (item: Json) =>
    identity.mergeKey === ''
      ? patchOrder.includes(item)
      : indexByKey(patchOrder, identity.mergeKey, keyOf(item, identity.mergeKey)) >= 0;
  const named = sortedBy(merged.filter(isNamed), patchOrder, identity);
  const others = sortedBy(
    merged.filter((item) => !isNamed(item)),
    serverOrder,
    identity,
  );
  return woven(others, named, (item) => indexIn(serverOrder, item, identity));
}

function sortedBy(items: readonly Json[], order: readonly Json[], identity: ListIdentity): Json[] {
  if (identity.objects) for (const item of [...items, ...order]) keyOf(item, identity.mergeKey);
  const place = (item: Json) => indexIn(order, item, identity);
  return [...items].sort((a, b) => (place(a) >= 0 && place(b) >= 0 ? place(a) - place(b) : 0));
}

function indexIn(order: readonly Json[], item: Json, { mergeKey, objects }: ListIdentity): number {
  if (!objects) return order.indexOf(item);
  const key = isObject(item) ? memberOf(item, mergeKey) : undefined;
  return order.findIndex((other) => isObject(other) && memberOf(other, mergeKey) === key);
}

function woven(left: readonly Json[], right: readonly Json[], place: (item: Json) => number): Json[] {
  const result: Json[] = [];
  let taken = 0;
  for (const item of right) {
    while (taken < left.length && isBefore(place(left[taken] ?? null), place(item))) {
      result.push(left[taken] ?? null);
      taken++;
    }
    result.push(item);
  }
  return [...result, ...left.slice(taken)];
}

function isBefore(left: number, right: number): boolean {
  return left >= 0 && right >= 0 && left < right;
}

/** Refuses a patch whose items do not come in the order that its own `$setElementOrder` says. */
export function checkElementOrder(patch: readonly Json[], order: readonly Json[], mergeKey: string): void {
  if (patch.length === 0 || order.length === 0) return;
  const said = patch.filter((item) => !(isObject(item) && memberOf(item, '$patch') !== undefined));
  let next = 0;
  for (const place of order) {
    const item = said[next];
    if (item === undefined) return;
    if (isSame(item, place, mergeKey)) next++;
  }
  if (next < said.length) {
    throw unexpected(
      `The order in patch list:\n${goPrint([...patch])}\n doesn't match $setElementOrder list:\n${goPrint([...order])}\n`,
    );
  }
}

function isSame(item: Json, other: Json, mergeKey: string): boolean {
  return mergeKey === '' ? item === other : keyOf(item, mergeKey) === keyOf(other, mergeKey);
}

/** An object of a patch without the items and members that hold a `$patch`, undefined when it is one itself. */
export function withoutDirectives(value: Json): Json | undefined {
  if (Array.isArray(value)) {
    return value.map(withoutDirectives).filter((item) => item !== undefined);
  }
  if (!isObject(value)) return value;
  if (memberOf(value, '$patch') !== undefined) return undefined;
  return mapMembers(value, withoutDirectives);
}

/** A patch's new value: null members are left out, in the objects of lists too. */
export function withoutNullMembers(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutNullMembers);
  if (!isObject(value)) return value;
  return mapMembers(value, (member) => (member === null ? undefined : withoutNullMembers(member)));
}

function mapMembers(object: JsonObject, change: (member: Json) => Json | undefined): JsonObject {
  const entries = Object.entries(object).flatMap(([name, member]) => {
    const changed = member === undefined ? undefined : change(member);
    return changed === undefined ? [] : [[name, changed] as const];
  });
  return Object.fromEntries(entries);
}
