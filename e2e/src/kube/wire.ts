import type { Value } from './transcript.ts';

const magic = Buffer.from('k8s\0');

/**
 * What an answer in the API's protobuf holds, field by field in the order in which they are written, without knowing their names.
 * Texts that are numbers and moments are told as such: they are chance.
 */
export function readWire(bytes: Buffer): Value {
  if (bytes.subarray(0, magic.length).equals(magic)) {
    return { envelope: fieldsOf(bytes.subarray(magic.length)) ?? bytes.toString('base64') };
  }
  return contentOf(bytes);
}

/** The events of a watch: frames that begin with their length. */
export function readFrames(bytes: Buffer): Value[] {
  const events: Value[] = [];
  for (let at = 0; at + 4 <= bytes.length;) {
    const end = at + 4 + bytes.readUInt32BE(at);
    events.push(readWire(bytes.subarray(at + 4, end)));
    at = end;
  }
  return events;
}

/** A message begins with the tag of a field, which texts that people write do not look like. */
function contentOf(bytes: Buffer): Value {
  const text = bytes.toString('utf8');
  if (/^([\x20-\x7e\u00a0-\ufffd][\n\t\x20-\x7e\u00a0-\ufffd]*)?$/u.test(text)) return textOf(text);
  return fieldsOf(bytes) ?? bytes.toString('base64');
}

function textOf(text: string): Value {
  if (/^\d+$/.test(text)) return '<digits>';
  if (!text.startsWith('{')) return text;
  try {
    return JSON.parse(text) as Value;
  } catch {
    return text;
  }
}

/** @returns undefined when the bytes are no message. */
function fieldsOf(bytes: Buffer): Value[] | undefined {
  const fields: Value[] = [];
  try {
    const cursor = { at: 0 };
    while (cursor.at < bytes.length) {
      const tag = Number(varint(bytes, cursor));
      if (tag < 8) return undefined;
      fields.push({ [tag >>> 3]: valueOf(bytes, cursor, tag & 7) });
    }
    return fields;
  } catch {
    return undefined;
  }
}

function valueOf(bytes: Buffer, cursor: { at: number }, wire: number): Value {
  if (wire === 0) {
    const number = varint(bytes, cursor);
    return number > 1_600_000_000n && number < 3_000_000_000n ? '<time>' : String(number);
  }
  if (wire !== 1 && wire !== 2) throw new RangeError('no field');
  const length = wire === 1 ? 8 : Number(varint(bytes, cursor));
  const content = bytes.subarray(cursor.at, cursor.at + length);
  if (content.length < length) throw new RangeError('cut short');
  cursor.at += length;
  return wire === 1 ? content.readDoubleLE(0) : readWire(content);
}

function varint(bytes: Buffer, cursor: { at: number }): bigint {
  let value = 0n;
  for (let shift = 0n; ; shift += 7n) {
    const byte = bytes.readUInt8(cursor.at);
    cursor.at += 1;
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
}
