/** Distinguished Encoding Rules (ITU-T X.690), as far as an X.509 certificate needs them. */
function element(tag: number, content: Uint8Array): Buffer {
  const size = content.length;
  if (size < 0x80) return Buffer.concat([Buffer.of(tag, size), content]);
  if (size < 0x100) return Buffer.concat([Buffer.of(tag, 0x81, size), content]);
  return Buffer.concat([Buffer.of(tag, 0x82, size >> 8, size & 0xff), content]);
}

/** SEQUENCE of encoded elements. */
export const sequence = (...items: Uint8Array[]): Buffer => element(0x30, Buffer.concat(items));

/** SET of encoded elements. */
export const set = (...items: Uint8Array[]): Buffer => element(0x31, Buffer.concat(items));

/** INTEGER from big-endian bytes that stand for a positive number. */
export const integer = (bytes: Uint8Array): Buffer =>
  element(0x02, (bytes[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes);

/** BOOLEAN true; false is left out by DEFAULT rules. */
export const yes = (): Buffer => element(0x01, Buffer.of(0xff));

/** OCTET STRING. */
export const octets = (bytes: Uint8Array): Buffer => element(0x04, bytes);

/** BIT STRING; `unusedBits` counts from the low end of the last byte. */
export const bits = (bytes: Uint8Array, unusedBits = 0): Buffer =>
  element(0x03, Buffer.concat([Buffer.of(unusedBits), bytes]));

/** UTF8String. */
export const text = (value: string): Buffer => element(0x0c, Buffer.from(value, 'utf8'));

/** A context-specific element: constructed when it holds other elements, primitive when it holds plain bytes. */
export const tagged = (number: number, content: Uint8Array, form: 'constructed' | 'primitive'): Buffer =>
  element((form === 'constructed' ? 0xa0 : 0x80) | number, content);

/** UTCTime until 2049, GeneralizedTime after (RFC 5280 §4.1.2.5). */
export function time(atMs: number): Buffer {
  const digits = new Date(atMs).toISOString().replace(/[-:T]/g, '').slice(0, 14);
  return Number(digits.slice(0, 4)) < 2050
    ? element(0x17, Buffer.from(`${digits.slice(2)}Z`))
    : element(0x18, Buffer.from(`${digits}Z`));
}

/** OBJECT IDENTIFIER from its dotted form. */
export function identifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const encoded = [first * 40 + second, ...rest].flatMap((value) => {
    const groups = [value & 0x7f];
    for (let left = value >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80);
    return groups;
  });
  return element(0x06, Buffer.from(encoded));
}
