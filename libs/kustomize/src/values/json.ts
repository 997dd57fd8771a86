import type { Plain } from './plain.ts';

const special = /[\u0000-\u001f"\\<>&\u2028\u2029\ud800-\udfff]/;
const specials = /[\u0000-\u001f"\\<>&\u2028\u2029]|[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]/g;
const named: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

/** A value as Go's encoding/json writes it: keys in the order of their UTF-8 bytes, `<`, `>` and `&` escaped. */
export function goJson(plain: Plain): string {
  if (typeof plain === 'string') return goJsonText(plain);
  if (typeof plain !== 'object' || plain === null) return String(plain);
  if (isPlainList(plain)) return `[${plain.map(goJson).join(',')}]`;
  const fields = Object.keys(plain)
    .sort(byUtf8)
    .map((key) => `${goJsonText(key)}:${goJson(plain[key] ?? null)}`);
  return `{${fields.join(',')}}`;
}

/** A text as encoding/json writes it, in its quotes; half a surrogate pair becomes `\ufffd`. */
export function goJsonText(text: string): string {
  return special.test(text) ? `"${text.replace(specials, escaped)}"` : `"${text}"`;
}

/** Whether a plain value is a list. */
export function isPlainList(plain: Plain): plain is readonly Plain[] {
  return Array.isArray(plain);
}

/** The order of two texts by their UTF-8 bytes, which is the order of their code points and not that of JavaScript. */
export function byUtf8(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at += 1) {
    const [a, b] = [left.charCodeAt(at), right.charCodeAt(at)];
    if (a !== b) return rank(a) - rank(b);
  }
  return left.length - right.length;
}

/** Halves of surrogate pairs stand for characters beyond all others. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

function escaped(part: string): string {
  if (part.length === 2) return part;
  const code = part.charCodeAt(0);
  if (code >= 0xd800 && code <= 0xdfff) return '\\ufffd';
  return named[part] ?? `\\u${code.toString(16).padStart(4, '0')}`;
}
