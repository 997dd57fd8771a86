import { isJsonObject } from '@meridian/manifests';
import type { Json, JsonObject, KubeObject } from '@meridian/manifests';
import { managedFieldsOf, unionOf } from './field-set.ts';
import type { FieldSet, ManagedFields } from './field-set.ts';
import { itemTest, keysOf } from './list-items.ts';
import { readable } from './project.ts';

/** Who owns fields: the name of a manager, and the subresource through which it wrote, '' for the object itself. */
export type FieldOwner = Pick<ManagedFields, 'manager' | 'subresource'>;

/** What is left of an object when others have their way. */
export interface Yielded {
  readonly object: KubeObject;
  /** What was left out, each as a readable path with the manager that has it. */
  readonly left: readonly { readonly path: string; readonly manager: string }[];
}

/**
 * The object without the fields that some managers own in the `live` one, whatever values they have there: what it does not
 * say, an apply leaves to them. A map that becomes empty goes too; an item of a list keeps the keys that name it.
 */
export function yieldFields(
  object: KubeObject,
  live: KubeObject,
  yieldsTo: (owner: FieldOwner) => boolean,
): Yielded {
  const entries = managedFieldsOf(live);
  const all = entries.map(({ fields }) => fields).reduce(unionOf, nothing);
  let content: Json = object;
  const left: { path: string; manager: string }[] = [];
  for (const entry of entries.filter(yieldsTo)) {
    const found: string[] = [];
    content = strip(content, { owned: entry.fields, all, path: '' }, found) ?? {};
    left.push(...found.map((path) => ({ path, manager: entry.manager })));
  }
  if (left.length === 0 || !isJsonObject(content)) return { object, left: [] };
  const { apiVersion, kind, metadata } = object;
  const stripped = isJsonObject(content['metadata']) ? content['metadata'] : {};
  return { object: { ...content, apiVersion, kind, metadata: { ...stripped, name: metadata.name } }, left };
}

const nothing: FieldSet = { self: false, children: new Map() };

interface Place {
  /** What is to be left out below this place. */
  readonly owned: FieldSet;
  /** What anybody owns below it; tells a map whose fields have owners from one that has an owner as a whole. */
  readonly all: FieldSet | undefined;
  readonly path: string;
}

/** What remains of a value; undefined when nothing does. */
function strip(value: Json, place: Place, found: string[]): Json | undefined {
  if (place.owned.children.size === 0) {
    const isParted = place.all !== undefined && place.all.children.size > 0;
    if (isParted) return value;
    found.push(place.path);
    return undefined;
  }
  if (Array.isArray(value)) return stripList(value, place, found);
  return isJsonObject(value) ? stripMap(value, place, found) : value;
}

const below = ({ all, path }: Place, element: string, owned: FieldSet): Place => ({
  owned,
  all: all?.children.get(element),
  path: path + readable(element, path === ''),
});

function stripMap(map: JsonObject, place: Place, found: string[]): JsonObject | undefined {
  const kept = new Map(Object.entries(map));
  for (const [element, owned] of place.owned.children) {
    const name = element.slice(2);
    const value = element.startsWith('f:') ? kept.get(name) : undefined;
    if (value === undefined) continue;
    const rest = strip(value, below(place, element, owned), found);
    if (rest === undefined) kept.delete(name);
    else kept.set(name, rest);
  }
  return kept.size === 0 ? undefined : Object.fromEntries(kept);
}

function stripList(list: readonly Json[], place: Place, found: string[]): readonly Json[] | undefined {
  let kept = [...list];
  for (const [element, owned] of place.owned.children) {
    const fits = itemTest(element);
    const at = below(place, element, owned);
    const isValue = element.startsWith('v:');
    if (isValue && kept.some(fits)) found.push(at.path);
    if (isValue) kept = kept.filter((item) => !fits(item));
    else if (owned.children.size > 0)
      kept = kept.map((item) =>
        isJsonObject(item) && fits(item) ? stripItem(item, element, at, found) : item,
      );
  }
  return kept.length === 0 ? undefined : kept;
}

function stripItem(item: JsonObject, element: string, at: Place, found: string[]): JsonObject {
  const keys = keysOf(element);
  const names = new Set(Object.keys(keys).map((key) => `f:${key}`));
  const children = new Map([...at.owned.children].filter(([name]) => !names.has(name)));
  if (children.size === 0) return item;
  const named = Object.fromEntries(Object.entries(item).filter(([key]) => Object.hasOwn(keys, key)));
  return { ...named, ...stripMap(item, { ...at, owned: { self: false, children } }, found) };
}
