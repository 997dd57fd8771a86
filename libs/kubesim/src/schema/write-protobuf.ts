import { isObject } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import type { WireField, WireTypes } from './protobuf.ts';
import { sized } from './wire-writer.ts';

const meta = 'k8s.io/apimachinery/pkg/apis/meta/v1';
const extensions = 'k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1';
const schemaProps = `${extensions}.JSONSchemaProps`;

/** A list that Go has in a message of its own, where protobuf has no lists: as the value of a map, and as verbs. */
const wrapped = 'wrapped list';

/** Structs that are served and have no schema of their own. */
const partial: WireTypes = {
  [`${meta}.PartialObjectMetadata`]: [{ number: '1', name: 'metadata', type: `${meta}.ObjectMeta` }],
  [`${meta}.PartialObjectMetadataList`]: [
    { number: '1', name: 'metadata', type: `${meta}.ListMeta` },
    { number: '2', name: 'items', type: `[]${meta}.PartialObjectMetadata` },
  ],
};

const nothing = Buffer.alloc(0);

/** Writes objects in the API's protobuf, byte by byte as Go's generated code does. */
export class ProtobufWriter {
  readonly #types: WireTypes;
  readonly #isPointer: (struct: string, field: string) => boolean;
  readonly #sorted = new Map<string, readonly WireField[]>();

  /** Takes the fields of all structs, and which of them are pointers, since those are left out where others are written as zero. */
  constructor(types: WireTypes, isPointer: (struct: string, field: string) => boolean) {
    this.#types = { ...types, ...partial };
    this.#isPointer = isPointer;
  }

  /** The object in the envelope that names its kind, with the four bytes before it; undefined when the struct is unknown. */
  envelope(object: JsonObject, struct: string): Buffer | undefined {
    if (this.#types[struct] === undefined) return undefined;
    const { apiVersion, kind } = object;
    const typeMeta = Buffer.concat([sizedText(1, apiVersion), sizedText(2, kind)]);
    // The two that are empty say how the content is encoded.
    const parts = [
      sized(1, typeMeta),
      sized(2, this.message(object, struct)),
      sized(3, nothing),
      sized(4, nothing),
    ];
    return Buffer.concat([Buffer.from('k8s\0'), ...parts]);
  }

  /** The fields of a struct. Those of a struct inside of it are told by the one around it whether they are pointers. */
  message(object: JsonObject, struct: string, outer = struct): Buffer {
    return Buffer.concat(this.#fieldsOf(struct).map((field) => this.#field(object, field, outer)));
  }

  #fieldsOf(struct: string): readonly WireField[] {
    const known = this.#sorted.get(struct);
    if (known !== undefined) return known;
    const fields = (this.#types[struct] ?? []).map((field) =>
      struct === `${meta}.APIResource` && field.name === 'verbs' ? { ...field, type: wrapped } : field,
    );
    const sorted = fields.toSorted((a, b) => Number(a.number) - Number(b.number));
    this.#sorted.set(struct, sorted);
    return sorted;
  }

  #field(object: JsonObject, { number, name, type }: WireField, outer: string): Buffer {
    const at = Number(number);
    if (name === '') return sized(at, this.message(object, type, outer));
    const value = object[name];
    if (type.startsWith('[]')) return this.#list(at, value, type.slice(2));
    if (type.startsWith('map:')) return this.#map(at, value, type.slice('map:'.length));
    const canBeNil = type === 'bytes' || type === wrapped || this.#isPointer(outer, name);
    return canBeNil && (value ?? null) === null ? nothing : this.#value(at, value ?? null, type);
  }

  #list(number: number, value: Json | undefined, type: string): Buffer {
    const items = Array.isArray(value) ? value : [];
    return Buffer.concat(items.map((item) => this.#value(number, item, type)));
  }

  #map(number: number, value: Json | undefined, type: string): Buffer {
    if (!isObject(value)) return nothing;
    const names = Object.keys(value).sort();
    const entries = names.map((name) => {
      const member = this.#value(2, value[name] ?? null, type === '[]string' ? wrapped : type);
      return sized(number, Buffer.concat([sizedText(1, name), member]));
    });
    return Buffer.concat(entries);
  }

  #value(number: number, value: Json, type: string): Buffer {
    const simple = scalars[type];
    if (simple !== undefined) return simple(number, value);
    return sized(number, special[type]?.(value, this) ?? this.message(isObject(value) ? value : {}, type));
  }
}

/** What is sent for an event of a watch: its length in four bytes, its type, and its object as it would be answered. */
export function watchFrame(type: string, object: Buffer): Buffer {
  const event = Buffer.concat([sizedText(1, type), sized(2, sized(1, object))]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(event.length);
  return Buffer.concat([length, event]);
}

function sizedText(number: number, value: Json | undefined): Buffer {
  return sized(number, Buffer.from(typeof value === 'string' ? value : ''));
}

function tagged(number: number, wire: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from(varint(BigInt(number * 8 + wire))), content]);
}

function varint(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return [...bytes, Number(rest)];
}

function whole(number: number, value: Json): Buffer {
  const count = typeof value === 'number' ? Math.trunc(value) : 0;
  return tagged(number, 0, Buffer.from(varint(BigInt(count))));
}

function bool(number: number, value: Json): Buffer {
  return whole(number, value === true ? 1 : 0);
}

function real(number: number, value: Json): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(typeof value === 'number' ? value : 0);
  return tagged(number, 1, bytes);
}

const scalars: Readonly<Record<string, (number: number, value: Json) => Buffer>> = {
  string: sizedText,
  bytes: (number, value) => sized(number, Buffer.from(typeof value === 'string' ? value : '', 'base64')),
  bool,
  int32: whole,
  int64: whole,
  float64: real,
  [wrapped]: (number, value) =>
    sized(number, Buffer.concat((Array.isArray(value) ? value : []).map((item) => sizedText(1, item)))),
};

/** Structs that are something else in JSON than an object of their fields: their content on the wire. */
const special: Readonly<Record<string, (value: Json, writer: ProtobufWriter) => Buffer>> = {
  [`${meta}.Time`]: (value) => timeOf(value, 0),
  [`${meta}.MicroTime`]: (value) => timeOf(value, microseconds(value)),
  [`${meta}.FieldsV1`]: rawOf,
  'k8s.io/apimachinery/pkg/runtime.RawExtension': rawOf,
  [`${extensions}.JSON`]: (value) => sized(1, Buffer.from(JSON.stringify(value))),
  'k8s.io/apimachinery/pkg/api/resource.Quantity': (value) =>
    sizedText(1, typeof value === 'number' ? String(value) : (value ?? '0')),
  'k8s.io/apimachinery/pkg/util/intstr.IntOrString': (value) =>
    Buffer.concat([whole(1, typeof value === 'string' ? 1 : 0), whole(2, value), sizedText(3, value)]),
  [`${extensions}.JSONSchemaPropsOrArray`]: (value, writer) =>
    Array.isArray(value)
      ? Buffer.concat(value.map((item) => sized(2, schemaOf(item, writer))))
      : sized(1, schemaOf(value, writer)),
  [`${extensions}.JSONSchemaPropsOrBool`]: (value, writer) =>
    isObject(value) ? Buffer.concat([bool(1, true), sized(2, schemaOf(value, writer))]) : bool(1, value),
  [`${extensions}.JSONSchemaPropsOrStringArray`]: (value, writer) =>
    Array.isArray(value)
      ? Buffer.concat(value.map((item) => sizedText(2, item)))
      : sized(1, schemaOf(value, writer)),
};

function schemaOf(value: Json, writer: ProtobufWriter): Buffer {
  return writer.message(isObject(value) ? value : {}, schemaProps);
}

function rawOf(value: Json): Buffer {
  return value === null ? nothing : sized(1, Buffer.from(JSON.stringify(value)));
}

/** No time at all has no content. */
function timeOf(value: Json, nanoseconds: number): Buffer {
  if (typeof value !== 'string' || value === '') return nothing;
  return Buffer.concat([whole(1, Math.floor(Date.parse(value) / 1_000)), whole(2, nanoseconds)]);
}

function microseconds(value: Json): number {
  const [, digits = ''] = /\.(\d{1,6})/.exec(typeof value === 'string' ? value : '') ?? [];
  return Number(digits.padEnd(6, '0')) * 1_000;
}
