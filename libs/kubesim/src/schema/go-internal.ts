import { isObject, objectAt } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import { readInternalTypes } from './catalog.ts';
import type { InternalField, InternalTypes } from './catalog.ts';

let opened: InternalTypes | undefined;

/**
 * A value as Go shows it once it is of the API server's internal type, such as `core.PodSpec`: every field in its order and by
 * its Go name, with what was never set. Give it the value in the served version; it gives a tree to write as JSON.
 */
export function goInternal(value: Json | undefined, type: string): Json {
  opened ??= readInternalTypes();
  return shown(value, type, opened);
}

/** The JSON of a value as Go shows it, on one line. */
export function goInternalText(value: Json | undefined, type: string): string {
  return escaped(JSON.stringify(goInternal(value, type)));
}

/** The lines of a value as Go shows it, indented by one space each level. */
export function goInternalLines(value: Json | undefined, type: string): string[] {
  return escaped(JSON.stringify(goInternal(value, type), undefined, 1)).split('\n');
}

function escaped(text: string): string {
  return text.replaceAll('<', '\\u003c').replaceAll('>', '\\u003e').replaceAll('&', '\\u0026');
}

function shown(value: Json | undefined, type: string, types: InternalTypes): Json {
  if (type.startsWith('*')) return value === undefined ? null : shown(value, type.slice(1), types);
  if (type.startsWith('[]')) return Array.isArray(value) ? shownList(value, type.slice(2), types) : null;
  if (type.startsWith('map:')) return isObject(value) ? shownMap(value, type.slice(4), types) : null;
  return shownWhole(value, type, types);
}

function shownWhole(value: Json | undefined, type: string, types: InternalTypes): Json {
  const fields = types[type];
  if (fields === undefined) return value ?? zeroOf(type);
  return shownStruct((moved[type] ?? same)(isObject(value) ? value : {}), fields, types);
}

function shownList(items: readonly Json[], type: string, types: InternalTypes): Json[] {
  return items.map((item) => shown(item, type, types));
}

function shownMap(members: JsonObject, type: string, types: InternalTypes): JsonObject {
  const sorted = Object.entries(members).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([name, member]) => [name, shown(member, type, types)]));
}

function shownStruct(value: JsonObject, fields: readonly InternalField[], types: InternalTypes): JsonObject {
  const members = new Map(Object.entries(value).map(([name, member]) => [name.toLowerCase(), member]));
  const found: JsonObject = {};
  for (const [name, omitted, type] of fields) {
    const member = members.get(name.toLowerCase());
    if (omitted !== '' && isNothing(member, type)) continue;
    found[name] = shown(member, type, types);
  }
  return found;
}

function isNothing(member: Json | undefined, type: string): boolean {
  if (member === undefined) return true;
  if (Array.isArray(member)) return member.length === 0;
  return type.startsWith('map:') && isObject(member) && Object.keys(member).length === 0;
}

function zeroOf(type: string): Json {
  if (type === 'string') return '';
  if (type === 'bool') return false;
  if (type === 'Quantity') return '0';
  return type === 'Time' || type === 'MicroTime' ? null : 0;
}

function same(value: JsonObject): JsonObject {
  return value;
}

const hostFields = ['hostNetwork', 'hostPID', 'hostIPC', 'shareProcessNamespace', 'hostUsers'];

/** What stands elsewhere in the internal type than in the served one. */
const moved: Readonly<Record<string, (value: JsonObject) => JsonObject>> = {
  'core.PodTemplateSpec': ({ metadata, spec }) => ({ ...(isObject(metadata) ? metadata : {}), spec }),
  'core.PodSpec': (spec) => ({
    ...spec,
    securityContext: {
      ...objectAt(spec, 'securityContext'),
      ...Object.fromEntries(hostFields.map((field) => [field, spec[field]])),
    },
  }),
};
