import { isObject, itemsAt, valueAt } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';

/** Names of fields that are maps in some types and pointers to structs in others. */
const sometimesMaps = new Set(['allocatable', 'extra', 'selector', 'stringData']);

/** Fields that are maps in Go, as far as kinds that are compared have them. In pointers to structs, empty is not absent. */
const maps = new Set([
  'annotations',
  'attributes',
  'binaryData',
  'capacity',
  'data',
  'default',
  'defaultRequest',
  'deprecatedTopology',
  'hard',
  'labels',
  'limits',
  'matchLabels',
  'max',
  'maxLimitRequestRatio',
  'min',
  'nodeSelector',
  'options',
  'overhead',
  'parameters',
  'podFixed',
  'requests',
  'used',
  'userAnnotations',
  'volumeAttributes',
]);

/**
 * Whether two values of built-in kinds are equal as the API server compares them (`equality.Semantic`): a list or map that is
 * empty is as good as none.
 */
export function goEqual(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b || (isNone(a) && isNone(b))) return true;
  if (Array.isArray(a)) return Array.isArray(b) && listsEqual(a, b);
  return isObject(a) && isObject(b) && membersEqual(a, b);
}

function isNone(value: Json | undefined): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}

function listsEqual(a: readonly Json[], b: readonly Json[]): boolean {
  return a.length === b.length && a.every((item, index) => goEqual(item, b[index]));
}

function membersEqual(a: JsonObject, b: JsonObject): boolean {
  return (
    Object.keys(a).every((name) => memberEqual(name, a, b)) &&
    Object.keys(b).every((name) => Object.hasOwn(a, name) || memberEqual(name, a, b))
  );
}

function memberEqual(name: string, a: JsonObject, b: JsonObject): boolean {
  const left = Object.hasOwn(a, name) ? a[name] : undefined;
  const right = Object.hasOwn(b, name) ? b[name] : undefined;
  return goEqual(left, right) || (maps.has(name) && isEmptyMap(left) && isEmptyMap(right));
}

function isEmptyMap(value: Json | undefined): boolean {
  return value === undefined || value === null || (isObject(value) && Object.keys(value).length === 0);
}

/**
 * Whether something in an object may be a list or map that is empty, which Go tells from none until it writes the object. What
 * it shares with a known object is not looked at.
 */
export function mayHoldEmpty(value: Json | undefined, known?: Json): boolean {
  if (typeof value !== 'object' || value === null || value === known) return false;
  if (Array.isArray(value)) return value.some((item, index) => mayHoldEmpty(item, itemsAt(known)[index]));
  return Object.keys(value).some((name) => {
    const member = value[name];
    return isEmptyIn(name, member) || mayHoldEmpty(member, valueAt(known, name));
  });
}

function isEmptyIn(name: string, member: Json | undefined): boolean {
  if (Array.isArray(member)) return member.length === 0;
  return isObject(member) && Object.keys(member).length === 0 && (maps.has(name) || sometimesMaps.has(name));
}
