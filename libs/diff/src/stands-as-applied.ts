import { canonicalJson, isJsonObject } from '@meridian/manifests';
import type { Json, JsonObject, KubeObject } from '@meridian/manifests';
import { sharedFieldSet } from './field-set.ts';
import type { FieldSet } from './field-set.ts';

/**
 * Whether a live object surely is as a server-side apply of `object` by `manager` has left it, so that the same apply would
 * change nothing: the manager owns at that version exactly what the object names, and every value there is the same.
 * Where that cannot be told without a schema (lists by index, values that the server has written another way) it is false.
 */
export function standsAsApplied(object: KubeObject, live: KubeObject, manager: string): boolean {
  if (live.apiVersion !== object.apiVersion || live.kind !== object.kind) return false;
  const own = ownEntry(live, manager);
  if (own === undefined || own['apiVersion'] !== object.apiVersion) return false;
  const fields = sharedFieldSet(own['fieldsV1']);
  return fields.children.size > 0 && isSame(withoutNames(object), live, fields);
}

function ownEntry({ metadata }: KubeObject, manager: string): JsonObject | undefined {
  const entries: unknown = metadata['managedFields'];
  if (!Array.isArray(entries)) return undefined;
  return entries
    .filter(isJsonObject)
    .find(
      (entry) =>
        entry['manager'] === manager && entry['operation'] === 'Apply' && (entry['subresource'] ?? '') === '',
    );
}

/** What names an object is owned by nobody. */
function withoutNames({ apiVersion: _version, kind: _kind, metadata, ...content }: KubeObject): JsonObject {
  const { name: _name, namespace: _namespace, ...rest } = metadata;
  return { ...content, metadata: rest };
}

function isSame(wanted: Json | undefined, live: Json | undefined, fields: FieldSet): boolean {
  if (wanted === undefined || live === undefined) return false;
  if (fields.children.size === 0) return wanted === live || canonicalJson(wanted) === canonicalJson(live);
  if (isJsonObject(wanted)) return isJsonObject(live) && isSameMap(wanted, live, fields);
  return isList(wanted) && isList(live) && isSameList(wanted, live, fields);
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

/** Maps that mean the same when they are empty and when they are not there; not every server notes who has them then. */
const sayingNothing: ReadonlySet<string> = new Set(['labels', 'annotations']);

function isSameMap(wanted: JsonObject, live: JsonObject, { children }: FieldSet): boolean {
  // The server stores no empty map where that says nothing, but notes who has it. What is neither there nor ours any more may
  // have been taken away: an empty `emptyDir` makes a volume another one.
  const isDropped = (name: string): boolean =>
    isEmpty(wanted[name]) &&
    !Object.hasOwn(live, name) &&
    (children.has(`f:${name}`) || sayingNothing.has(name));
  const names = Object.keys(wanted).filter((name) => wanted[name] !== undefined && !isDropped(name));
  const owned = [...children.keys()].filter((element) => !isDropped(element.slice('f:'.length)));
  if (names.length !== owned.length) return false;
  return names.every((name) => {
    const below = children.get(`f:${name}`);
    return below !== undefined && Object.hasOwn(live, name) && isSame(wanted[name], live[name], below);
  });
}

const isEmpty = (value: Json | undefined): boolean => isJsonObject(value) && Object.keys(value).length === 0;

function isSameList(wanted: readonly Json[], live: readonly Json[], { children }: FieldSet): boolean {
  if (wanted.length !== children.size) return false;
  const taken = new Set<Json>();
  return [...children].every(([element, below]) => {
    const keys = keysOf(element);
    if (!keys) return false;
    const [there] = live.filter((item) => hasKeys(item, keys));
    // A key that the object leaves out has its default in the live one.
    const [own, other] = wanted.filter((item) => hasKeys(item, keys, { mayLack: true }));
    if (own === undefined || other !== undefined || taken.has(own)) return false;
    taken.add(own);
    return isSame(own, there, below);
  });
}

/** The keys of an item of a list that is a map by keys; undefined for lists of other kinds. */
function keysOf(element: string): JsonObject | undefined {
  if (!element.startsWith('k:')) return undefined;
  try {
    const keys = JSON.parse(element.slice('k:'.length)) as Json;
    return isJsonObject(keys) ? keys : undefined;
  } catch {
    return undefined;
  }
}

function hasKeys(item: Json, keys: JsonObject, { mayLack = false } = {}): boolean {
  if (!isJsonObject(item)) return false;
  const names = Object.keys(keys);
  const lacking = names.filter((name) => item[name] === undefined);
  if (lacking.length > 0 && (!mayLack || lacking.length === names.length)) return false;
  return names.every((name) => item[name] === undefined || item[name] === keys[name]);
}
