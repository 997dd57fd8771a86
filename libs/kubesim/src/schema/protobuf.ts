import { defineMember, isObject } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';

/** A field on the wire: its name in JSON, empty when its own fields stand in the JSON around it, and its type. */
export interface WireField {
  readonly number: string;
  readonly name: string;
  /** A Go kind, `bytes`, or a struct by package and name; after `[]` for lists and `map:` for maps. */
  readonly type: string;
}

/** Fields of each struct by package and name: `k8s.io/api/core/v1.Pod`. */
export type WireTypes = Readonly<Record<string, readonly WireField[]>>;

const magic = 'k8s\0';
const unknown: readonly WireField[] = [
  { number: '1', name: 'typeMeta', type: 'typeMeta' },
  { number: '2', name: 'raw', type: 'bytes' },
];
const envelope: WireTypes = {
  unknown,
  typeMeta: [
    { number: '1', name: 'apiVersion', type: 'string' },
    { number: '2', name: 'kind', type: 'string' },
  ],
};

/**
 * Reads an object in the API's protobuf: four bytes, then an envelope that names the kind and holds the object
 * (https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding).
 * @returns undefined when the bytes are none, or of a kind that nobody knows.
 */
export function readProtobuf(bytes: Buffer, types: WireTypes, packageOf: PackageOf): JsonObject | undefined {
  if (bytes.toString('latin1', 0, magic.length) !== magic) return undefined;
  try {
    const outer = new WireReader(envelope).message(bytes.subarray(magic.length), 'unknown');
    const { apiVersion = '', kind = '' } = outer['typeMeta'] as { apiVersion?: string; kind?: string };
    const type = packageOf(apiVersion, kind);
    if (type === undefined) return undefined;
    const raw = Buffer.from(typeof outer['raw'] === 'string' ? outer['raw'] : '', 'base64');
    return { apiVersion, kind, ...new WireReader(types).message(raw, type) };
  } catch (error) {
    if (error instanceof RangeError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The struct of a kind: `k8s.io/api/apps/v1.Deployment`. */
export type PackageOf = (apiVersion: string, kind: string) => string | undefined;

const meta = 'k8s.io/apimachinery/pkg/apis/meta/v1';
const extensions = 'k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1';

/** Structs that are something else in JSON than an object of their fields. */
const special: Readonly<Record<string, (fields: JsonObject) => Json>> = {
  [`${meta}.Time`]: (fields) => timeOf(fields),
  [`${meta}.MicroTime`]: (fields) => microTimeOf(fields),
  [`${meta}.Duration`]: ({ Duration = 0 }) => `${String(Number(Duration) / 1e9)}s`,
  [`${meta}.FieldsV1`]: ({ Raw }) => rawJson(Raw),
  'k8s.io/apimachinery/pkg/runtime.RawExtension': ({ raw }) => rawJson(raw),
  'k8s.io/apimachinery/pkg/api/resource.Quantity': ({ string: text = '0' }) => text,
  'k8s.io/apimachinery/pkg/util/intstr.IntOrString': ({ type, intVal = 0, strVal = '' }) =>
    type === 1 ? strVal : intVal,
  [`${extensions}.JSON`]: ({ raw }) => rawJson(raw),
  [`${extensions}.JSONSchemaPropsOrArray`]: ({ Schema, JSONSchemas }) => Schema ?? JSONSchemas ?? null,
  [`${extensions}.JSONSchemaPropsOrBool`]: ({ Schema, Allows }) => Schema ?? Allows ?? false,
  [`${extensions}.JSONSchemaPropsOrStringArray`]: ({ Schema, Property }) => Schema ?? Property ?? [],
};

/** Their fields on the wire, which the Go types do not tell. */
const specialFields: WireTypes = {
  [`${meta}.Time`]: [
    { number: '1', name: 'seconds', type: 'int64' },
    { number: '2', name: 'nanos', type: 'int64' },
  ],
  [`${meta}.MicroTime`]: [
    { number: '1', name: 'seconds', type: 'int64' },
    { number: '2', name: 'nanos', type: 'int64' },
  ],
  [`${meta}.Duration`]: [{ number: '1', name: 'Duration', type: 'int64' }],
  [`${meta}.FieldsV1`]: [{ number: '1', name: 'Raw', type: 'bytes' }],
  'k8s.io/apimachinery/pkg/runtime.RawExtension': [{ number: '1', name: 'raw', type: 'bytes' }],
  'k8s.io/apimachinery/pkg/api/resource.Quantity': [{ number: '1', name: 'string', type: 'string' }],
  'k8s.io/apimachinery/pkg/util/intstr.IntOrString': [
    { number: '1', name: 'type', type: 'int64' },
    { number: '2', name: 'intVal', type: 'int64' },
    { number: '3', name: 'strVal', type: 'string' },
  ],
  [`${extensions}.JSON`]: [{ number: '1', name: 'raw', type: 'bytes' }],
};

class WireReader {
  readonly #types: WireTypes;

  constructor(types: WireTypes) {
    this.#types = types;
  }

  /** Reads the fields of a message. Fields that the type does not know are left out. */
  message(bytes: Buffer, type: string): JsonObject {
    const fields = specialFields[type] ?? this.#types[type] ?? [];
    const read: JsonObject = {};
    const cursor = { at: 0 };
    while (cursor.at < bytes.length) {
      const tag = Number(varint(bytes, cursor));
      const value = wireValue(bytes, cursor, tag & 7);
      const field = fields.find(({ number }) => Number(number) === tag >>> 3);
      if (field !== undefined) this.#set(read, field, value);
    }
    return read;
  }

  #set(into: JsonObject, { name, type }: WireField, value: Buffer | bigint): void {
    if (type.startsWith('[]')) this.#append(into, name, this.#value(type.slice(2), value));
    else if (typeof value === 'bigint') into[name] = this.#value(type, value);
    else if (name === '') Object.assign(into, this.message(value, type));
    else if (type.startsWith('map:')) this.#put(into, name, this.#entry(value, type.slice('map:'.length)));
    else into[name] = this.#value(type, value);
  }

  #append(into: JsonObject, name: string, item: Json): void {
    const items = into[name];
    if (Array.isArray(items)) items.push(item);
    else into[name] = [item];
  }

  #put(into: JsonObject, name: string, [key, member]: readonly [string, Json]): void {
    const present = into[name];
    const members = isObject(present) ? present : {};
    defineMember(members, key, member);
    into[name] = members;
  }

  #entry(bytes: Buffer, type: string): readonly [string, Json] {
    const entry: WireTypes = {
      entry: [
        { number: '1', name: 'key', type: 'string' },
        { number: '2', name: 'value', type },
      ],
    };
    const { key = '', value = '' } = new WireReader({ ...this.#types, ...entry }).message(bytes, 'entry');
    return [typeof key === 'string' ? key : '', value];
  }

  #value(type: string, value: Buffer | bigint): Json {
    if (typeof value === 'bigint') return type === 'bool' ? value !== 0n : Number(BigInt.asIntN(64, value));
    if (type === 'string') return value.toString('utf8');
    if (type === 'bytes') return value.toString('base64');
    if (type === 'float64') return value.length === 8 ? value.readDoubleLE(0) : 0;
    const fields = this.message(value, type);
    const show = special[type];
    return show === undefined ? fields : show(fields);
  }
}

/** Throws RangeError when the bytes end too early. */
function varint(bytes: Buffer, cursor: { at: number }): bigint {
  let value = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = bytes.readUInt8(cursor.at);
    cursor.at += 1;
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  throw new RangeError('a number on the wire is too long');
}

/** Wire types: 0 is a number, 1 eight bytes, 2 bytes with a length, 5 four bytes. */
function wireValue(bytes: Buffer, cursor: { at: number }, wire: number): Buffer | bigint {
  if (wire === 0) return varint(bytes, cursor);
  const length = wire === 1 ? 8 : wire === 5 ? 4 : Number(varint(bytes, cursor));
  if (![1, 2, 5].includes(wire) || cursor.at + length > bytes.length) throw new RangeError('cut short');
  cursor.at += length;
  return bytes.subarray(cursor.at - length, cursor.at);
}

function timeOf({ seconds = 0, nanos = 0 }: JsonObject): Json {
  if (typeof seconds !== 'number' || typeof nanos !== 'number' || seconds <= 0) return null;
  return new Date(seconds * 1_000 + Math.floor(nanos / 1e6)).toISOString();
}

function microTimeOf(fields: JsonObject): Json {
  const time = timeOf(fields);
  const { nanos = 0 } = fields;
  if (typeof time !== 'string' || typeof nanos !== 'number') return time;
  return time.replace(/\.\d+Z$/, `.${String(Math.floor(nanos / 1_000)).padStart(6, '0')}Z`);
}

function rawJson(raw: Json | undefined): Json {
  if (typeof raw !== 'string' || raw === '') return null;
  return JSON.parse(Buffer.from(raw, 'base64').toString('utf8')) as Json;
}
