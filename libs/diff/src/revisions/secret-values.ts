import { base64Text, isJsonObject, masked, type Json, type KubeObject } from '@meridian/manifests';
import type { PlacedChange } from './field-changes.ts';

/** Shorter values are words such as `true` or `5432`, which occur everywhere; they are masked in Secrets only. */
const shortestElsewhere = 8;

/** Values of Secrets, plain and in base64, that must not be shown anywhere. */
export type SecretValues = readonly string[];

/** Every value of the Secrets among some objects, longest first, so that one that holds another is masked whole. */
export function secretValuesOf(objects: readonly KubeObject[]): SecretValues {
  const values = new Set<string>();
  for (const object of objects) {
    if (!isSecret(object)) continue;
    for (const text of textsIn(object['stringData'])) values.add(text).add(base64Text(text));
    for (const text of textsIn(object['data'])) values.add(text).add(plainText(text));
  }
  return [...values]
    .filter(({ length }) => length >= shortestElsewhere)
    .sort((left, right) => right.length - left.length || (left < right ? -1 : 1));
}

/**
 * A change as it may be shown: values below `data` and `stringData` of a Secret are masked, and so is the value of any
 * Secret that turns up elsewhere, for example because it moved into a ConfigMap.
 */
export function maskChange(change: PlacedChange, object: KubeObject, secrets: SecretValues): PlacedChange {
  const isHidden = isSecret(object) && isSecretField(change.steps);
  const show = (value: Json): Json => (isHidden ? maskLeaves(value) : maskTexts(value, secrets));
  return {
    ...change,
    ...(change.before === undefined ? {} : { before: show(change.before) }),
    ...(change.after === undefined ? {} : { after: show(change.after) }),
  };
}

function isSecret(object: KubeObject): boolean {
  return object.kind === 'Secret' && object.apiVersion === 'v1';
}

const copyOfData = 'kubectl.kubernetes.io/last-applied-configuration';

function isSecretField([first, second, third]: readonly string[]): boolean {
  if (first === 'data' || first === 'stringData') return true;
  return first === 'metadata' && second === 'annotations' && (third === undefined || third === copyOfData);
}

function maskLeaves(value: Json): Json {
  return isJsonObject(value) ? mapped(value, maskLeaves) : masked;
}

function maskTexts(value: Json, secrets: SecretValues): Json {
  if (typeof value === 'string')
    return secrets.reduce<string>((text, secret) => text.replaceAll(secret, masked), value);
  if (Array.isArray(value)) return value.map((item: Json) => maskTexts(item, secrets));
  return isJsonObject(value) ? mapped(value, (item) => maskTexts(item, secrets)) : value;
}

function mapped(map: { readonly [key: string]: Json }, change: (value: Json) => Json): Json {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value)]));
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).filter((text) => typeof text === 'string');
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** The text in base64, for as far as it is one; bytes that are no UTF-8 give no text that could be met elsewhere. */
function plainText(base64: string): string {
  const bytes: number[] = [];
  let group = 0;
  let bits = 0;
  for (const character of base64) {
    const digit = alphabet.indexOf(character);
    if (digit < 0) continue;
    group = ((group << 6) | digit) & 0xff_ff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((group >> bits) & 0xff);
  }
  const escaped = bytes.map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
  try {
    return decodeURIComponent(escaped);
  } catch {
    return '';
  }
}
