import { fieldOf, isFields, isScalar, textOf, type List, type Value } from '../values/value.ts';

/** Fields that tell the items of Kubernetes' lists apart, in the order in which they are tried. */
const keys = [
  'name',
  'containerPort',
  'port',
  'mountPath',
  'devicePath',
  'ip',
  'uid',
  'key',
  'topologyKey',
  'type',
];

/** A field that an item has and no other of its list has alike. */
export interface ItemKey {
  readonly name: string;
  readonly text: string;
}

/** The items of a list by what may name them, each with its index; an index below 0 stands for several items. */
interface Index {
  readonly byValue: ReadonlyMap<Value, number>;
  readonly byKey: ReadonlyMap<string, number>;
}

const several = -1;
const indexes = new WeakMap<List, Index>();

function indexOf(list: List): Index {
  const known = indexes.get(list);
  if (known) return known;
  const byValue = new Map<Value, number>();
  const byKey = new Map<string, number>();
  for (const [index, item] of list.entries()) {
    if (!byValue.has(item)) byValue.set(item, index);
    for (const name of keys) {
      const text = textAt(item, name);
      if (text !== undefined) byKey.set(`${name}=${text}`, byKey.has(`${name}=${text}`) ? several : index);
    }
  }
  const index = { byValue, byKey };
  indexes.set(list, index);
  return index;
}

/** How an item is named in its list; undefined when only its index names it. */
export function itemKeyIn(list: List, index: number): ItemKey | undefined {
  const { byKey } = indexOf(list);
  for (const name of keys) {
    const text = textAt(list[index], name);
    if (text !== undefined && byKey.get(`${name}=${text}`) === index) return { name, text };
  }
  return undefined;
}

/**
 * Where the item of a list is in another state of the list: the very same item, the one with its name or, when it has none
 * and both lists are as long, the one at its index.
 */
export function indexOfSame(list: List, index: number, other: List): number | undefined {
  const item = list[index];
  if (item === undefined) return undefined;
  if (other[index] === item) return index;
  const { byValue, byKey } = indexOf(other);
  const same = byValue.get(item);
  if (same !== undefined) return same;
  const key = itemKeyIn(list, index);
  if (!key) return list.length === other.length ? index : undefined;
  const named = byKey.get(`${key.name}=${key.text}`) ?? several;
  return named === several ? undefined : named;
}

/** The text of a scalar field of an item. */
function textAt(item: Value | undefined, key: string): string | undefined {
  const value = isFields(item) ? fieldOf(item, key) : undefined;
  return value === undefined || value === null || !isScalar(value) ? undefined : textOf(value);
}
