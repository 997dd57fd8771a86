import { isObject } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import { memberSchema } from './custom-schema.ts';
import type { CustomSchema } from './custom-schema.ts';

const metaFields: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);

/**
 * Takes from a draft of an object what its schema does not name. @returns the paths of what was taken, sorted:
 * `spec.stages[0].bogus`.
 */
export function pruneUnknown(draft: JsonObject, schema: CustomSchema): string[] {
  const taken: string[] = [];
  pruneValue(draft, { ...schema, isResource: true }, { path: '', taken });
  return taken.sort(byBytes);
}

/** Where pruning is, and what it took so far. */
interface Pruning {
  readonly path: string;
  readonly taken: string[];
}

/** Takes from any value what its schema does not name; without a schema every member goes. */
export function pruneValue(value: Json, schema: CustomSchema | undefined, pruning: Pruning): void {
  if (Array.isArray(value)) {
    const keepsItems = schema?.keepsUnknown === true;
    value.forEach((item, index) => {
      const at = { ...pruning, path: `${pruning.path}[${String(index)}]` };
      if (keepsItems) pruneKept(item, schema.items, at);
      else pruneValue(item, schema?.items, at);
    });
  } else if (isObject(value)) pruneMembers(value, schema, pruning);
}

/** The items of a list that keeps unknown fields keep theirs only when their schema says so too, or there is none. */
function pruneKept(item: Json, schema: CustomSchema | undefined, pruning: Pruning): void {
  if (schema !== undefined) pruneValue(item, { ...schema, keepsUnknown: true }, pruning);
}

function pruneMembers(object: JsonObject, schema: CustomSchema | undefined, pruning: Pruning): void {
  for (const name of Object.keys(object)) {
    if (schema?.isResource === true && metaFields.has(name)) continue;
    const at = { ...pruning, path: pruning.path === '' ? name : `${pruning.path}.${name}` };
    if (knows(schema, name)) pruneValue(object[name] ?? null, memberSchema(schema, name), at);
    else if (schema?.keepsUnknown !== true) take(object, name, at);
  }
}

/** The fields of every object are written again by the server, so their going is not told. */
function take(object: JsonObject, name: string, { path, taken }: Pruning): void {
  if (path !== name || !metaFields.has(name)) taken.push(path);
  Reflect.deleteProperty(object, name);
}

function knows(schema: CustomSchema | undefined, name: string): boolean {
  return schema !== undefined && (schema.properties.has(name) || schema.additional !== undefined);
}

/** Takes nulls where there may be none, but for those that a default will replace. */
export function pruneNulls(value: Json, schema: CustomSchema | undefined): void {
  if (Array.isArray(value)) value.forEach((item) => pruneNulls(item, schema?.items));
  if (!isObject(value)) return;
  for (const [name, member] of Object.entries(value)) {
    const type = memberSchema(schema, name);
    if (member === null && type?.nullable === false && type.default === undefined) {
      Reflect.deleteProperty(value, name);
    } else pruneNulls(member ?? null, type);
  }
}

/** Go sorts texts by their bytes. */
function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
