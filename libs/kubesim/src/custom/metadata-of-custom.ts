import { isObject } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import { writtenObject } from '../schema/decode.ts';
import type { Schema } from '../schema/schema.ts';
import { memberSchema } from './custom-schema.ts';
import type { CustomSchema } from './custom-schema.ts';

/** Metadata as Go's ObjectMeta reads and writes it, with the paths that it does not know; or why it cannot be read. */
export type CoercedMetadata =
  | { readonly ok: true; readonly metadata: JsonObject; readonly unknown: readonly string[] }
  | { readonly ok: false; readonly message: string };

const unknownField = /^unknown field "(.*)"$/;

/** Reads metadata into its Go type. */
export function coerceMetadata(metadata: Json, type: Schema): CoercedMetadata {
  if (metadata === null) return { ok: true, metadata: {}, unknown: [] };
  if (!isObject(metadata)) {
    const found = Array.isArray(metadata)
      ? 'array'
      : typeof metadata === 'boolean'
        ? 'bool'
        : typeof metadata;
    const message = `json: cannot unmarshal ${found} into Go value of type v1.ObjectMeta`;
    return { ok: false, message };
  }
  const decoded = writtenObject(metadata, type);
  if (!decoded.ok) return { ok: false, message: decoded.message };
  const unknown = decoded.strict.map((found) => `metadata.${unknownField.exec(found)?.[1] ?? found}`);
  return { ok: true, metadata: decoded.object, unknown };
}

/** What became of the objects of the API inside of an object. */
export interface CoercedResources {
  /** Paths that no type knows, sorted. */
  readonly unknown: readonly string[];
  /** The first field that cannot be read. */
  readonly refusal: { readonly field: string; readonly value: Json; readonly message: string } | undefined;
}

/** Reads the metadata of the objects of the API inside of a draft into its Go type. */
export function coerceResources(draft: Json, schema: CustomSchema, metadata: Schema): CoercedResources {
  const coercion = new Coercion(metadata);
  coercion.walk(draft, schema, '');
  return { unknown: coercion.unknown.sort(), refusal: coercion.refusal };
}

class Coercion {
  readonly unknown: string[] = [];
  refusal: CoercedResources['refusal'];
  readonly #metadata: Schema;

  constructor(metadata: Schema) {
    this.#metadata = metadata;
  }

  walk(value: Json, schema: CustomSchema | undefined, path: string): void {
    if (schema === undefined || this.refusal !== undefined) return;
    if (Array.isArray(value)) {
      value.forEach((item, index) => this.walk(item, schema.items, `${path}[${String(index)}]`));
    } else if (isObject(value)) this.#object(value, schema, path);
  }

  #object(object: JsonObject, schema: CustomSchema, path: string): void {
    for (const [name, member] of Object.entries(object)) {
      const at = path === '' ? name : `${path}.${name}`;
      if (schema.isResource) this.#ofResource(object, name, at);
      const isNamed = schema.properties.has(name);
      this.walk(member ?? null, memberSchema(schema, name), isNamed ? at : `${path}[${name}]`);
    }
  }

  #ofResource(object: JsonObject, name: string, path: string): void {
    const value = object[name] ?? null;
    if (name === 'apiVersion' || name === 'kind') {
      if (typeof value !== 'string') this.refusal ??= { field: path, value, message: 'must be a string' };
    } else if (name === 'metadata') this.#ofMetadata(object, value, path);
  }

  #ofMetadata(object: JsonObject, value: Json, path: string): void {
    const coerced = coerceMetadata(value, this.#metadata);
    if (!coerced.ok) {
      this.refusal ??= { field: path, value, message: coerced.message };
      return;
    }
    const parent = path.slice(0, -'metadata'.length);
    this.unknown.push(...coerced.unknown.map((found) => `${parent}${found}`));
    object['metadata'] = coerced.metadata;
  }
}
