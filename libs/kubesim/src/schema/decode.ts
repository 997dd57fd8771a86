import { canonicalQuantity, goQuote, parseQuantity, roundedToMilli } from '@meridian/cel';
import { defineMember, isObject, itemsAt, valueAt } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import { inGoOrder, inNameOrder } from './go-order.ts';
import { decodeScalar, goKindOf, zeroScalar } from './scalars.ts';
import type { FieldSchema, GoField, MixedSchema, ObjectSchema, ScalarType, Schema } from './schema.ts';

/** An object as the server holds it, with the fields that its type does not know; or why it cannot be read. */
export type Decoded =
  | {
      readonly ok: true;
      readonly object: JsonObject;
      /** `unknown field "spec.replica"` */
      readonly strict: readonly string[];
      /** Whether it has lists or maps that are empty and would not be written. */
      readonly keptEmpty?: boolean;
    }
  | { readonly ok: false; readonly message: string };

/**
 * Reads a value into the Go type that a schema describes, as the server does with what it is sent: unknown fields and nulls go,
 * zero values that Go leaves out go, structs that Go always writes appear (sigs.k8s.io/json, encoding/json). Lists and maps that
 * are there and empty stay: Go tells them from absent ones until it writes them.
 * @param known An object that was read this way before: parts of it that are in the same place are taken as they are.
 */
export function decodeObject(value: JsonObject, schema: Schema, known?: JsonObject): Decoded {
  return readWith(new Reader('held'), value, schema, known);
}

/** Reads a value as `decodeObject` does and writes it again as JSON, which leaves out lists and maps that are empty. */
export function writtenObject(value: JsonObject, schema: Schema): Decoded {
  return readWith(new Reader('written'), value, schema, undefined);
}

/**
 * What is read back of a value once it was stored. The protobuf of the store does not tell empty from absent, so that fields
 * which are always written are null then.
 */
export function storedObject(value: JsonObject, schema: Schema, known?: JsonObject): Decoded {
  return readWith(new Reader('stored'), value, schema, known);
}

/** What an object is read for. */
type Form = 'held' | 'written' | 'stored';

function readWith(reader: Reader, value: JsonObject, schema: Schema, known: JsonObject | undefined): Decoded {
  try {
    const object = reader.read(value, schema, { path: '', go: '', struct: '', fields: [], known });
    if (reader.mismatch !== undefined) return { ok: false, message: reader.mismatch };
    const { strict, keptEmpty } = reader;
    return { ok: true, object: isObject(object) ? object : {}, strict, keptEmpty };
  } catch (error) {
    if (error instanceof Unreadable) return { ok: false, message: error.message };
    throw error;
  }
}

/** A value that a type's own decoder refuses, which ends decoding at once, unlike a mismatch. */
class Unreadable extends Error {}

/** Where in the text the reader is. */
interface Place {
  /** `spec.containers[0].image` */
  readonly path: string;
  /** The Go type expected here. */
  readonly go: string;
  /** The innermost struct. */
  readonly struct: string;
  /** Names of the fields on the way here, as Go's errors list them: without indexes and keys of maps. */
  readonly fields: readonly string[];
  /** What is there in an object that was read before. */
  readonly known: Json | undefined;
}

class Reader {
  mismatch: string | undefined;
  keptEmpty = false;
  readonly strict: string[] = [];
  readonly #form: Form;

  constructor(form: Form) {
    this.#form = form;
  }

  /** @returns undefined for what leaves the zero value. */
  read(value: Json, schema: Schema, place: Place): Json | undefined {
    if (value === null) return undefined;
    return value === place.known && typeof value === 'object' ? value : this.#readNew(value, schema, place);
  }

  #readNew(value: Exclude<Json, null>, schema: Schema, place: Place): Json | undefined {
    switch (schema.kind) {
      case 'any':
        return this.#any(value, schema.mixed, place);
      case 'scalar':
        return this.#scalar(value, schema.type, place);
      case 'list':
        if (Array.isArray(value)) return this.#list(value, schema.item, place);
        break;
      case 'map':
        if (isObject(value)) return this.#map(value, schema.value, place);
        break;
      case 'object':
        if (isObject(value)) return this.#object(value, schema, place);
    }
    return this.#mismatched(goKindOf(value), place);
  }

  #scalar(value: Json, type: ScalarType, place: Place): Json | undefined {
    const result = decodeScalar(type, value);
    if (result.is === 'refused') throw new Unreadable(result.message);
    if (result.is === 'mistyped') throw new Unreadable(mismatch(result.found, place, result.wanted));
    return result.is === 'value' ? result.value : this.#mismatched(result.found, place);
  }

  /**
   * Types with code of their own read what is inside of them apart: nobody hears of unknown fields there, and what cannot be read
   * there ends everything.
   */
  #any(value: Json, mixed: MixedSchema | undefined, place: Place): Json | undefined {
    if (mixed === undefined) return value;
    const inner = new Reader(this.#form);
    const found = inner.#mixed(value, mixed, place);
    if (inner.mismatch !== undefined) throw new Unreadable(inner.mismatch);
    this.keptEmpty ||= inner.keptEmpty;
    return found;
  }

  #mixed(value: Json, { object, or }: MixedSchema, place: Place): Json | undefined {
    const at = { ...place, go: object.kind === 'object' ? `v1.${object.typeName}` : '' };
    const read = (one: Json) => this.read(one, object, at) ?? {};
    if (isObject(value)) return read(value);
    if (or === 'list') return Array.isArray(value) && value.length > 0 ? value.map(read) : undefined;
    if (or === 'boolean' && typeof value !== 'boolean') this.mismatch = 'boolean or JSON schema expected';
    return value;
  }

  #list(items: readonly Json[], item: Schema, place: Place): Json[] {
    return items.map((value, index) => {
      const path = `${place.path}[${String(index)}]`;
      const at = { ...place, path, go: itemType(place.go), known: itemsAt(place.known)[index] };
      return this.read(value, item, at) ?? zeroOf(item);
    });
  }

  #map(members: JsonObject, value: Schema, place: Place): JsonObject {
    const read: JsonObject = {};
    const go = place.go.replace(/^map\[[^\]]*\]/, '');
    for (const [name, member] of Object.entries(members)) {
      const at = { ...place, path: joined(place.path, name), go, known: valueAt(place.known, name) };
      const found = this.read(member ?? null, value, at) ?? zeroOf(value);
      defineMember(read, name, place.go === 'v1.ResourceList' ? asResource(found) : found);
    }
    return inNameOrder(read);
  }

  #object(members: JsonObject, schema: ObjectSchema, place: Place): JsonObject {
    const read: JsonObject = {};
    for (const [name, member] of Object.entries(members)) {
      const field = schema.fields.get(name);
      const path = joined(place.path, name);
      if (field === undefined) {
        this.strict.push(`unknown field ${goQuote(path)}`);
        continue;
      }
      const found = this.read(member ?? null, field.schema, {
        path,
        go: field.go?.type ?? '',
        struct: schema.typeName,
        fields: [...place.fields, ...embeddedIn(name, field, schema), name],
        known: valueAt(place.known, name),
      });
      if (found !== undefined && !this.#isLeftOut(found, field)) defineMember(read, name, found);
    }
    return inGoOrder(withAlwaysWritten(read, schema), schema);
  }

  /** Whether Go leaves a field out because of its value; a pointer to a zero value is written. */
  #isLeftOut(value: Json, { go, schema }: FieldSchema): boolean {
    if (go === undefined || go.kind === 'ptr') return false;
    if (go.kind === 'struct') return go.omit === 'zero' && isZeroStruct(value, schema);
    if (isEmptyContainer(value)) return this.#isEmptyLeftOut(go);
    return go.omit !== 'never' && isZeroScalar(value);
  }

  #isEmptyLeftOut({ kind, omit }: GoField): boolean {
    const isKnown = kind === 'slice' || kind === 'map';
    if (isKnown && this.#form === 'held') {
      this.keptEmpty = true;
      return false;
    }
    return omit === 'never' ? isKnown && this.#form === 'stored' : true;
  }

  /** Go notes the first mismatch and reads on; nothing of the value remains. */
  #mismatched(found: string, place: Place): undefined {
    this.mismatch ??= mismatch(found, place, place.go.replace(/^\*/, ''));
    return undefined;
  }
}

/** The Go type of the items of a list; one with a name of its own is called by the plural of theirs. */
function itemType(list: string): string {
  return list.includes('[]') ? list.replace('[]', '') : list.replace(/s$/, '');
}

function mismatch(found: string, place: Place, type: string): string {
  const field = [place.struct, ...place.fields].join('.');
  return `json: cannot unmarshal ${found} into Go struct field ${field} of type ${type}`;
}

/** Go's errors name the struct inside of a struct that a field is of, although nothing in the text does. */
function embeddedIn(name: string, { go }: FieldSchema, { fields }: ObjectSchema): readonly string[] {
  if (go?.embedded !== undefined) return [go.embedded];
  return typeMeta.has(name) && fields.has('metadata') ? ['TypeMeta'] : [];
}

const typeMeta = new Set(['apiVersion', 'kind']);

/** Adds what Go writes although it was never set: structs, and fields that are never left out. */
function withAlwaysWritten(object: JsonObject, schema: ObjectSchema): JsonObject {
  for (const [name, always] of alwaysWritten(schema)) {
    if (object[name] === undefined) object[name] = always();
  }
  return object;
}

const alwaysWrittenBy = new WeakMap<ObjectSchema, readonly (readonly [string, () => Json])[]>();

/** Fields of a type that Go writes even when nothing was set, with what it writes; each time a new value. */
function alwaysWritten(schema: ObjectSchema): readonly (readonly [string, () => Json])[] {
  let found = alwaysWrittenBy.get(schema);
  if (found === undefined) {
    found = [...schema.fields]
      .filter(([, { go }]) => go !== undefined && isAlwaysWritten(go))
      .map(([name, field]) => [name, () => zeroField(field)] as const);
    alwaysWrittenBy.set(schema, found);
  }
  return found;
}

function isAlwaysWritten(go: GoField): boolean {
  return go.omit === 'never' || (go.omit === 'empty' && go.kind === 'struct');
}

function zeroField({ schema, go }: FieldSchema): Json {
  return go !== undefined && ['ptr', 'slice', 'map', 'interface'].includes(go.kind) ? null : zeroOf(schema);
}

/** What Go writes for the zero value of a type. */
function zeroOf(schema: Schema): Json {
  if (schema.kind === 'scalar') return zeroScalar(schema.type);
  return schema.kind === 'object' ? withAlwaysWritten({}, schema) : null;
}

function isZeroStruct(value: Json, schema: Schema): boolean {
  return JSON.stringify(value) === JSON.stringify(zeroOf(schema));
}

function isZeroScalar(value: Json): boolean {
  return value === false || value === 0 || value === '';
}

function isEmptyContainer(value: Json): boolean {
  return Array.isArray(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0;
}

/** Amounts of resources are rounded up to thousandths and rewritten, as the defaults of v1.ResourceList do. */
function asResource(amount: Json): Json {
  const quantity = typeof amount === 'string' ? parseQuantity(amount) : undefined;
  return quantity === undefined ? amount : canonicalQuantity(roundedToMilli(quantity));
}

function joined(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
