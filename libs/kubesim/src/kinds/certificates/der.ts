/** One value of DER: its first byte, what it holds and all of its bytes. */
export interface DerValue {
  readonly tag: number;
  readonly content: Buffer;
  readonly bytes: Buffer;
}

/** Bytes that are no DER, in the words of Go's encoding/asn1. */
export class DerError extends Error {}

/** Where the content of the value begins that bytes begin with, and how long it is said to be. */
export interface DerHead {
  readonly tag: number;
  readonly start: number;
  readonly length: number;
}

/** A tag of one byte and a length as Go shows them. */
export function goTagText({ tag, length }: DerHead): string {
  const [kind, number] = [tag >> 6, tag & 0x1f];
  return `{class:${String(kind)} tag:${String(number)} length:${String(length)} isCompound:${String((tag & 0x20) !== 0)}}`;
}

/** The values that bytes consist of, one after the other. Throws DerError. */
export function derValues(bytes: Buffer): DerValue[] {
  const values: DerValue[] = [];
  for (let at = 0; at < bytes.length; at += values.at(-1)?.bytes.length ?? 0) {
    values.push(derValue(bytes.subarray(at)));
  }
  return values;
}

/** The value that bytes begin with. Throws DerError. */
export function derValue(bytes: Buffer): DerValue {
  const { tag, start, length } = derHead(bytes);
  if (start + length > bytes.length) throw new DerError('asn1: syntax error: data truncated');
  return { tag, content: bytes.subarray(start, start + length), bytes: bytes.subarray(0, start + length) };
}

/** What a value says of itself that may be cut off. Throws DerError. */
export function derHead(bytes: Buffer): DerHead {
  const [tag, first] = bytes;
  if (tag === undefined) throw new DerError('asn1: syntax error: sequence truncated');
  const size = first === undefined || first < 0x80 ? 0 : first & 0x7f;
  if (first === undefined || size > 4 || bytes.length < 2 + size) {
    throw new DerError('asn1: syntax error: truncated tag or length');
  }
  return { tag, start: 2 + size, length: size === 0 ? first : bytes.readUIntBE(2, size) };
}
