const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const encoded = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const replacement = 0xfffd;

/** The bytes of a text in standard base64, line breaks allowed; undefined when it is none. */
export function base64Bytes(text: string): Uint8Array | undefined {
  const digits = text.replace(/[\r\n]/g, '');
  if (!encoded.test(digits)) return undefined;
  const used = digits.replace(/=+$/, '');
  const bytes = new Uint8Array(Math.floor((used.length * 3) / 4));
  let [bits, held, at] = [0, 0, 0];
  for (const digit of used) {
    bits = ((bits << 6) | alphabet.indexOf(digit)) & 0xfff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes[at] = bits >> held;
    at += 1;
  }
  return bytes;
}

/** The text of UTF-8 bytes; every byte that belongs to no character becomes U+FFFD, as in Go. */
export function textOfUtf8(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const [code, size] = codeAt(bytes, at);
    parts.push(String.fromCodePoint(code));
    at += size;
  }
  return parts.join('');
}

function codeAt(bytes: Uint8Array, at: number): readonly [code: number, size: number] {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return [first, 1];
  if (first < 0xc2 || first > 0xf4) return [replacement, 1];
  const size = sizeOf(first);
  let code = first & (0xff >> (size + 1));
  for (let next = 1; next < size; next += 1) {
    const byte = bytes[at + next] ?? 0;
    if ((byte & 0xc0) !== 0x80) return [replacement, 1];
    code = (code << 6) | (byte & 0x3f);
  }
  return isCharacter(code, size) ? [code, size] : [replacement, 1];
}

function sizeOf(first: number): number {
  if (first >= 0xf0) return 4;
  return first >= 0xe0 ? 3 : 2;
}

/** Not written longer than needed, no half of a surrogate pair, not beyond Unicode. */
function isCharacter(code: number, size: number): boolean {
  const least = size === 4 ? 0x10000 : size === 3 ? 0x800 : 0x80;
  return code >= least && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
}
