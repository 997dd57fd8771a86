import { isObject } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';

// Writes protobuf (https://protobuf.dev/programming-guides/encoding) from JSON by small parts: a part writes a value as the
// field of a number. What a part does not understand, and what is the default of its type, it leaves out.

/** Writes a value as the field of this number; gives no bytes for what need not be written. */
export type Part = (number: number, value: Json | undefined) => Buffer;

/** The fields of a message by their names in JSON. */
export type Fields = Readonly<Record<string, readonly [number: number, part: Part]>>;

const nothing = Buffer.alloc(0);

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return Buffer.from([...bytes, rest]);
}

/** Bytes with their length before them. */
export function sized(number: number, content: Buffer): Buffer {
  return Buffer.concat([varint(number * 8 + 2), varint(content.length), content]);
}

/** A string. */
export const text: Part = (number, value) =>
  typeof value === 'string' && value !== '' ? sized(number, Buffer.from(value)) : nothing;

/** A bool. */
export const truth: Part = (number, value) =>
  value === true ? Buffer.concat([varint(number * 8), varint(1)]) : nothing;

/** An int64 that is not negative. */
export const whole: Part = (number, value) =>
  typeof value === 'number' && value > 0 ? Buffer.concat([varint(number * 8), varint(value)]) : nothing;

/** A double. */
export const real: Part = (number, value) => {
  if (typeof value !== 'number' || value === 0) return nothing;
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return Buffer.concat([varint(number * 8 + 1), bytes]);
};

/** A repeated field. */
export function list(part: Part): Part {
  return (number, value) =>
    Array.isArray(value) ? Buffer.concat(value.map((item) => part(number, item))) : nothing;
}

/** A message that has the value in its field `at` and nothing else. */
export function inside(at: number, part: Part): Part {
  return (number, value) => (value === undefined ? nothing : sized(number, part(at, value)));
}

/** A message whose repeated field `at` has the members of an object, each as a message of its name and its value. */
export function members(at: number, part: Part): Part {
  return (number, value) => {
    if (!isObject(value)) return nothing;
    const entries = Object.entries(value).map(([name, member]) => named(at, name, part(2, member)));
    return sized(number, Buffer.concat(entries));
  };
}

/** A message of a name, and of a value that is written already as field 2. */
export function named(number: number, name: string, value: Buffer): Buffer {
  return sized(number, Buffer.concat([text(1, name), value]));
}

/** A message of fields; `more` writes members that have no field of their own. */
export function message(fields: () => Fields, more?: (name: string, value: Json) => Buffer): Part {
  return (number, value) => (isObject(value) ? sized(number, contentOf(value, fields(), more)) : nothing);
}

/** The content of a message, without number and length. */
export function contentOf(
  value: JsonObject,
  fields: Fields,
  more: (name: string, value: Json) => Buffer = () => nothing,
): Buffer {
  return Buffer.concat(
    Object.entries(value).map(([name, member = null]) => {
      const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
      return field === undefined ? more(name, member) : field[1](field[0], member);
    }),
  );
}
