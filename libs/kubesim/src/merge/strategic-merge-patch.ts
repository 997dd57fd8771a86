import { goQuote } from '@meridian/cel';
import { defineMember, isObject, memberOf } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import type { FieldSchema, Schema } from '../schema/schema.ts';
import { goPrint } from './go-print.ts';
import {
  badElementOrder,
  checkElementOrder,
  goTypeOf,
  holdObjects,
  indexByKey,
  keyOf,
  ordered,
  unexpected,
  withoutDirectives,
  withoutNullMembers,
} from './list-order.ts';
import { memberNames, removeMember } from './members.ts';
import { goJsonType, PatchRefusal, patchResultOf } from './patch-result.ts';
import type { PatchResult } from './patch-result.ts';

const directive = '$patch';
const retainKeys = '$retainKeys';
const deletionPrefix = '$deleteFromPrimitiveList';
const orderPrefix = '$setElementOrder';

/**
 * Applies a strategic merge patch: objects merge, lists merge by the merge key of their field when its strategy says so,
 * and directives (`$patch`, `$retainKeys`, `$deleteFromPrimitiveList/x`, `$setElementOrder/x`) say the rest.
 */
export function strategicMergePatch(target: JsonObject, patch: Json, schema: Schema): PatchResult {
  return patchResultOf(() => {
    if (patch === null) return target;
    if (isObject(patch)) return mergeObjects(target, patch, schema);
    throw new PatchRefusal(
      400,
      `json: cannot unmarshal ${goJsonType(patch)} into Go value of type map[string]interface {}`,
    );
  });
}

function mergeObjects(original: JsonObject, patch: JsonObject, schema: Schema): JsonObject {
  const said = memberOf(patch, directive);
  if (said !== undefined) return directed(said, patch);
  const changes = { ...patch };
  const result = retained(original, changes);
  for (const name of memberNames(changes)) {
    if (name.startsWith(orderPrefix)) mergeOrdered(result, changes, name, schema);
  }
  for (const name of memberNames(changes)) mergeMember(result, name, changes[name] ?? null, schema);
  return result;
}

function directed(said: Json, patch: JsonObject): JsonObject {
  if (said === 'delete') return {};
  if (said !== 'replace') {
    throw unexpected(`unknown patch type: ${goPrint(said)} in map: ${goPrint(patch)}`);
  }
  const result = { ...patch };
  removeMember(result, directive);
  return result;
}

/** The members that `$retainKeys` lets stay. It has to name all that the patch sets. */
function retained(original: JsonObject, changes: JsonObject): JsonObject {
  const said = memberOf(changes, retainKeys);
  if (said === undefined) return { ...original };
  removeMember(changes, retainKeys);
  const isSetting = (name: string) =>
    changes[name] !== null && !name.startsWith(deletionPrefix) && !name.startsWith(orderPrefix);
  if (!Array.isArray(said) || memberNames(changes).some((name) => isSetting(name) && !said.includes(name))) {
    throw new PatchRefusal(400, 'invalid patch format of retainKeys');
  }
  const result = { ...original };
  for (const name of Object.keys(result)) if (!said.includes(name)) removeMember(result, name);
  return result;
}

/** Merges one list whose order the patch says, and takes it from the changes. */
function mergeOrdered(result: JsonObject, changes: JsonObject, orderName: string, schema: Schema): void {
  const order = listOf(changes[orderName]) ?? [];
  removeMember(changes, orderName);
  if (!orderName.startsWith(`${orderPrefix}/`)) throw badElementOrder();
  const name = orderName.slice(orderPrefix.length + 1);
  const live = listOf(memberOf(result, name));
  const patch = listOf(memberOf(changes, name));
  const field = lookUp(schema, name);
  const mergeKey = field.patch.mergeKey ?? '';
  checkElementOrder(patch ?? [], order, mergeKey);
  if (live === undefined && patch === undefined) return;
  const merged = mergedForOrder(live, patch, field);
  const objects = holdObjects(live ?? [], patch ?? []);
  defineMember(result, name, ordered(merged, order, live ?? [], { mergeKey, objects }));
  removeMember(changes, name);
}

function mergedForOrder(
  live: Json[] | undefined,
  patch: Json[] | undefined,
  field: FieldSchema,
): readonly Json[] {
  if (patch === undefined) return live ?? [];
  if (live === undefined) return listOf(withoutDirectives(patch)) ?? [];
  return strategyOf(field) === 'merge' ? mergeLists(live, patch, field) : patch;
}

function listOf(value: Json | undefined): Json[] | undefined {
  if (value === undefined || Array.isArray(value)) return value;
  throw unexpected(`expected a []interface {}, but received a ${goTypeOf(value)}`);
}

function mergeMember(result: JsonObject, patchName: string, change: Json, schema: Schema): void {
  const isDeletion = patchName.startsWith(deletionPrefix);
  const name = isDeletion ? deletionTarget(patchName) : patchName;
  if (change === null) {
    removeMember(result, name);
    return;
  }
  const live = memberOf(result, name);
  if (isDeletion) {
    if (Array.isArray(live) && Array.isArray(change)) {
      defineMember(result, name, withoutItems(live, change));
    }
    return;
  }
  const merged = mergeValues(live, change, () => lookUp(schema, name));
  if (merged === undefined) removeMember(result, name);
  else defineMember(result, name, merged);
}

function deletionTarget(name: string): string {
  if (name.startsWith(`${deletionPrefix}/`)) return name.slice(deletionPrefix.length + 1);
  throw new PatchRefusal(400, 'invalid patch format of primitive list');
}

function withoutItems(live: readonly Json[], gone: readonly Json[]): Json[] {
  if (live.length > 0 || gone.length > 0) holdObjects(live, gone);
  return live.filter((item) => !gone.includes(item));
}

function mergeValues(live: Json | undefined, change: Json, field: () => FieldSchema): Json | undefined {
  if (isObject(live) && isObject(change)) return mergeMaps(live, change, field());
  if (Array.isArray(live) && Array.isArray(change)) {
    const schema = field();
    return strategyOf(schema) === 'merge' ? mergeLists(live, change, schema) : change;
  }
  return withoutDirectives(withoutNullMembers(change));
}

function mergeMaps(live: JsonObject, change: JsonObject, field: FieldSchema): JsonObject {
  return strategyOf(field) === 'replace' ? change : mergeObjects(live, change, field.schema);
}

function strategyOf(field: FieldSchema): string {
  return field.patch.strategies.find((strategy) => strategy !== 'retainKeys') ?? '';
}

/** The field that says how a member merges, as the server finds it in its Go types. */
function lookUp(schema: Schema, name: string): FieldSchema {
  if (schema.kind === 'object') {
    const field = schema.fields.get(name);
    if (field !== undefined) return field;
  }
  if (schema.kind === 'object' || schema.kind === 'any') {
    const typeName = schema.kind === 'object' ? schema.typeName : 'RawExtension';
    throw unexpected(`unable to find api field in struct ${typeName} for the json field ${goQuote(name)}`);
  }
  const kind = schema.kind === 'list' ? 'slice' : schema.kind === 'map' ? 'map' : 'string';
  throw unexpected(`merging an object in json but data type is not struct, instead is: ${kind}`);
}

function mergeLists(live: readonly Json[], patch: readonly Json[], field: FieldSchema): Json[] {
  if (live.length === 0 && patch.length === 0) return [];
  const objects = holdObjects(live, patch);
  const mergeKey = field.patch.mergeKey ?? '';
  if (!objects) return ordered([...new Set([...live, ...patch])], patch, live, { mergeKey: '', objects });
  if (mergeKey === '') throw unexpected('cannot merge lists without merge key for struct');
  const { kept, changes } = carryOutDirectives(live, patch, mergeKey);
  const item = field.schema.kind === 'list' ? field.schema.item : field.schema;
  const merged = mergeItems(kept, changes, mergeKey, item);
  return ordered(merged, changes, kept, { mergeKey, objects });
}

/** Deletes and replaces as the patch's special items say; the other items remain to be merged. */
function carryOutDirectives(
  live: readonly Json[],
  patch: readonly Json[],
  mergeKey: string,
): { kept: readonly Json[]; changes: readonly Json[] } {
  const isSpecial = (item: Json) => isObject(item) && memberOf(item, directive) !== undefined;
  const special = patch.filter(isObject).filter(isSpecial);
  const changes = patch.filter((item) => !isSpecial(item));
  let kept = live;
  for (const item of special) {
    if (memberOf(item, directive) === 'delete') kept = withoutKey(kept, mergeKey, keyOf(item, mergeKey));
    else checkListDirective(item);
  }
  return special.some((item) => item[directive] === 'replace')
    ? { kept: changes, changes: [] }
    : { kept, changes };
}

function checkListDirective(item: JsonObject): void {
  const said = memberOf(item, directive);
  if (said === 'merge') throw unexpected('merging lists cannot yet be specified in the patch');
  if (said !== 'replace') {
    throw unexpected(`unknown patch type: ${goPrint(said)} in map: ${goPrint(item)}`);
  }
}

function withoutKey(list: readonly Json[], mergeKey: string, key: Json): readonly Json[] {
  return list.filter((item) => !(isObject(item) && memberOf(item, mergeKey) === key));
}

function mergeItems(
  live: readonly Json[],
  changes: readonly Json[],
  mergeKey: string,
  schema: Schema,
): readonly Json[] {
  const result = [...live];
  for (const change of changes) {
    const index = indexByKey(result, mergeKey, keyOf(change, mergeKey));
    const found = result[index];
    if (isObject(found) && isObject(change)) result[index] = mergeObjects(found, change, schema);
    else result.push(change);
  }
  return result;
}
