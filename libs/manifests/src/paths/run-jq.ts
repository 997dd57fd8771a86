import { isJsonObject } from '../manifests.ts';
import type { Json } from '../object.ts';
import { applyFunction, holds, isList, isOfType, isTrue, orderOf } from './jq-functions.ts';
import type { JqTree } from './jq-tree.ts';
import type { Meter } from './meter.ts';

/** One step from a value into it: the name of a field or the index of an item. */
export type Step = string | number;

/** A value and where it is; without a place when it was made of others. */
export interface Found {
  readonly value: Json;
  readonly place: readonly Step[] | undefined;
}

/**
 * What an expression finds in a value, one after the other. Where jq would end with an error, because a value has no such
 * fields or items, nothing is found and the rest goes on. Throws PathCostFault when the meter has run out.
 */
export function* runJq(tree: JqTree, from: Found, meter: Meter): Generator<Found, void, undefined> {
  meter.spend(1);
  switch (tree.op) {
    case 'here':
      return yield from;
    case 'below':
      return yield* below(from, meter);
    case 'value':
      return yield { value: tree.value, place: undefined };
    case 'field':
    case 'step':
    case 'each':
      for (const found of runJq(tree.of, from, meter)) yield* inside(tree, found, { from, meter });
      return;
    case 'call':
      return yield* call(tree, from, meter);
    default:
      return yield* joined(tree, from, meter);
  }
}

type Inside = JqTree & { readonly op: 'field' | 'step' | 'each' };

/** What a term means in one value. As in jq, a key in brackets is looked for in what the whole term was given. */
function* inside(
  tree: Inside,
  found: Found,
  { from, meter }: { readonly from: Found; readonly meter: Meter },
): Generator<Found, void, undefined> {
  if (tree.op === 'each') return yield* items(found, meter);
  if (tree.op === 'step') {
    const isIndex = isList(found.value) && /^(?:0|[1-9][0-9]{0,8})$/.test(tree.name);
    return yield* orNothing(at(found, isIndex ? Number(tree.name) : tree.name));
  }
  for (const { value: step } of runJq(tree.key, from, meter))
    if (typeof step === 'string' || typeof step === 'number') yield* orNothing(at(found, step));
}

type Joined = Exclude<JqTree, Inside | { readonly op: 'here' | 'below' | 'value' | 'call' }>;

function* joined(tree: Joined, from: Found, meter: Meter): Generator<Found, void, undefined> {
  switch (tree.op) {
    case 'pipe':
      for (const found of runJq(tree.left, from, meter)) yield* runJq(tree.right, found, meter);
      return;
    case 'comma':
      yield* runJq(tree.left, from, meter);
      return yield* runJq(tree.right, from, meter);
    case 'alternative':
      return yield* alternatives(tree, from, meter);
    case 'and':
    case 'or':
      return yield* decided(tree, tree.op === 'or', { from, meter });
    case 'compare':
      for (const left of runJq(tree.left, from, meter))
        for (const right of runJq(tree.right, from, meter))
          yield made(holds(tree.sign, orderOf(left.value, right.value, meter)));
  }
}

const made = (value: Json): Found => ({ value, place: undefined });

const orNothing = (found: Found | undefined): readonly Found[] => (found ? [found] : []);

function at({ value, place }: Found, step: Step): Found | undefined {
  if (value === null) return { value, place: place && [...place, step] };
  const next = typeof step === 'number' ? indexIn(value, step) : isJsonObject(value) ? step : undefined;
  if (next === undefined) return undefined;
  return { value: valueAt(value, next), place: place && [...place, next] };
}

/** Counted from the end when it is below zero, as in jq. */
function indexIn(value: Json, step: number): number | undefined {
  if (!isList(value)) return undefined;
  const index = step < 0 ? value.length + step : step;
  return Number.isInteger(index) && index >= 0 ? index : undefined;
}

function valueAt(value: Json, step: Step): Json {
  if (typeof step === 'number') return (isList(value) ? value[step] : undefined) ?? null;
  return (isJsonObject(value) && Object.hasOwn(value, step) ? value[step] : undefined) ?? null;
}

function* items(from: Found, meter: Meter): Generator<Found, void, undefined> {
  const { value } = from;
  const steps: Iterable<Step> = isList(value) ? value.keys() : isJsonObject(value) ? Object.keys(value) : [];
  // A place is as long as it is deep.
  const cost = 1 + ((from.place?.length ?? 0) >> 3);
  for (const step of steps) {
    meter.spend(cost);
    const found = at(from, step);
    if (found) yield found;
  }
}

function* below(from: Found, meter: Meter): Generator<Found, void, undefined> {
  yield from;
  for (const item of items(from, meter)) yield* below(item, meter);
}

function* alternatives(
  { left, right }: { readonly left: JqTree; readonly right: JqTree },
  from: Found,
  meter: Meter,
): Generator<Found, void, undefined> {
  let isFound = false;
  for (const found of runJq(left, from, meter)) {
    if (!isTrue(found.value)) continue;
    isFound = true;
    yield found;
  }
  if (!isFound) yield* runJq(right, from, meter);
}

/** `or` is decided by a left side that is true, `and` by one that is not. */
function* decided(
  { left, right }: { readonly left: JqTree; readonly right: JqTree },
  by: boolean,
  { from, meter }: { readonly from: Found; readonly meter: Meter },
): Generator<Found, void, undefined> {
  for (const { value } of runJq(left, from, meter)) {
    if (isTrue(value) === by) yield made(by);
    else for (const other of runJq(right, from, meter)) yield made(isTrue(other.value));
  }
}

type Call = JqTree & { readonly op: 'call' };

function* call(tree: Call, from: Found, meter: Meter): Generator<Found, void, undefined> {
  const { name, args } = tree;
  if (name === 'recurse') yield* below(from, meter);
  else if (name === 'any' || name === 'all') yield made(everyOrSome(tree, from, meter));
  else if (isOfType(name, from.value)) yield from;
  else yield* applied(name, args[0], { from, meter });
}

function* applied(
  name: Call['name'],
  argument: JqTree | undefined,
  { from, meter }: { readonly from: Found; readonly meter: Meter },
): Generator<Found, void, undefined> {
  for (const found of argument ? runJq(argument, from, meter) : [made(null)]) {
    if (name === 'first') return yield found;
    if (name === 'select' && isTrue(found.value)) yield from;
    const result = applyFunction(name, { value: from.value, argument: found.value, meter });
    if (result !== undefined) yield made(result);
  }
}

function everyOrSome({ name, args: [condition] }: Call, from: Found, meter: Meter): boolean {
  for (const item of items(from, meter))
    for (const { value } of condition ? runJq(condition, item, meter) : [item])
      if (isTrue(value) === (name === 'any')) return name === 'any';
  return name === 'all';
}
