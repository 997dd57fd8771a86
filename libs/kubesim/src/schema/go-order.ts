import { defineMember, isObject } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import type { KubeObject, ObjectMeta } from '../kube-object.ts';
import type { ObjectSchema } from './schema.ts';

type Compare = (a: string, b: string) => number;

/** The members of a struct in the order in which Go writes its fields; the object itself when it has that order. */
export function inGoOrder(object: JsonObject, schema: ObjectSchema): JsonObject {
  const places = placesOf(schema);
  return inOrder(object, (a, b) => placeIn(places, a) - placeIn(places, b));
}

/** The members of a map in the order in which Go writes them; the map itself when it has that order. */
export function inNameOrder(map: JsonObject): JsonObject {
  return inOrder(map, (a, b) => (a < b ? -1 : 1));
}

/** An object without a Go type as Go writes it: the members of all that is in it are sorted. The object itself when they are. */
export function withNamesInOrder(object: KubeObject): KubeObject {
  const fields = membersInOrder(object);
  const { apiVersion, kind } = object;
  const { metadata } = fields;
  return fields === object
    ? object
    : { ...fields, apiVersion, kind, metadata: isObject(metadata) ? metadata : {} };
}

function namesInOrder(value: Json): Json {
  if (isObject(value)) return membersInOrder(value);
  if (!Array.isArray(value)) return value;
  const items = value.map(namesInOrder);
  return items.every((item, index) => item === value[index]) ? value : items;
}

function membersInOrder(object: JsonObject): JsonObject {
  const next: JsonObject = {};
  let isSame = true;
  for (const name of Object.keys(object)) {
    const member = object[name];
    if (member === undefined) continue;
    const ordered = namesInOrder(member);
    isSame &&= ordered === member;
    defineMember(next, name, ordered);
  }
  return inNameOrder(isSame ? object : next);
}

/** Metadata in Go's order, which writes add to in their own; the metadata itself when it has that order. */
export function metadataInOrder(metadata: ObjectMeta): ObjectMeta {
  const compare: Compare = (a, b) => placeIn(metadataPlaces, a) - placeIn(metadataPlaces, b);
  if (isOrdered(metadata, compare)) return metadata;
  const next: ObjectMeta = {};
  addInOrder(next, metadata, compare);
  return next;
}

const metadataPlaces = new Map(
  [
    'name',
    'generateName',
    'namespace',
    'selfLink',
    'uid',
    'resourceVersion',
    'generation',
    'creationTimestamp',
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
    'labels',
    'annotations',
    'ownerReferences',
    'finalizers',
    'managedFields',
  ].map((name, place) => [name, place]),
);

function placeIn(places: ReadonlyMap<string, number>, name: string): number {
  return places.get(name) ?? places.size;
}

function inOrder(object: JsonObject, compare: Compare): JsonObject {
  if (isOrdered(object, compare)) return object;
  const next: JsonObject = {};
  addInOrder(next, object, compare);
  return next;
}

function isOrdered(object: JsonObject, compare: Compare): boolean {
  let before: string | undefined;
  for (const name of Object.keys(object)) {
    if (before !== undefined && compare(before, name) > 0) return false;
    before = name;
  }
  return true;
}

function addInOrder(next: JsonObject, object: JsonObject, compare: Compare): void {
  for (const name of Object.keys(object).sort(compare)) {
    const member = object[name];
    if (member !== undefined) defineMember(next, name, member);
  }
}

const known = new WeakMap<ObjectSchema, ReadonlyMap<string, number>>();

function placesOf(schema: ObjectSchema): ReadonlyMap<string, number> {
  let places = known.get(schema);
  if (places === undefined) {
    places = new Map([...schema.fields.keys()].map((name, place) => [name, place]));
    known.set(schema, places);
  }
  return places;
}
