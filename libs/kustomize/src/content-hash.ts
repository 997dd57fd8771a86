import { canonicalJson, sha256Hex } from '@meridian/manifests';
import { fieldOf, isFields, type Fields, type Value } from './value.ts';

/**
 * The suffix kustomize gives to the name of a generated ConfigMap or Secret. Its hasher looks the name up under a key
 * that never exists, so the name counts as empty (api/hasher/hasher.go).
 */
export function contentHash(fields: Fields): string {
  const part = (key: string): Value => fieldOf(fields, key) ?? '';
  const kind = fields['kind'] === 'Secret' ? 'Secret' : 'ConfigMap';
  const hashed: Fields = { kind, name: '', data: part('data') };
  if (kind === 'Secret') hashed['type'] = part('type');
  const extra = kind === 'Secret' ? 'stringData' : 'binaryData';
  if (isFields(part(extra))) hashed[extra] = part(extra);
  return encode(sha256Hex(goJson(hashed)));
}

/** Go's encoder writes the characters that are special in HTML and JavaScript as escapes. */
function goJson(value: Value): string {
  return canonicalJson(value).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

const lookAlikes: Readonly<Record<string, string>> = { '0': 'g', '1': 'h', '3': 'k', a: 'm', e: 't' };

/** Ten characters without look-alikes and without vowels. */
function encode(hex: string): string {
  return hex.slice(0, 10).replace(/[013ae]/g, (char) => lookAlikes[char] ?? char);
}
