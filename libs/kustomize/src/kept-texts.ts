import { canonicalJson } from '@meridian/manifests';
import { mostBundleBytes, sizeOf } from './bundle-size.ts';
import type { Plain } from './values/plain.ts';

/** The canonical JSON of parts of objects that are in many bundles; '' until somebody asks for it. */
const texts = new WeakMap<object, string>();

/**
 * Has the canonical JSON of a value's parts kept once it is asked for: of those that JSON clients can hold and that a bundle
 * has room for. Gives whether the value is one that they can hold, so without an integer beyond 2^53.
 */
export function keepTexts(value: Plain): boolean {
  if (typeof value !== 'object' || value === null) return typeof value !== 'bigint';
  if (texts.has(value)) return true;
  let isExact = true;
  for (const part of Object.values<Plain>(value)) isExact = keepTexts(part) && isExact;
  if (isExact && sizeOf(value) <= mostBundleBytes) texts.set(value, '');
  return isExact;
}

/** Has the canonical JSON of an object kept that JSON clients can hold. */
export function keepText(object: object): void {
  if (!texts.has(object) && sizeOf(object) <= mostBundleBytes) texts.set(object, '');
}

/** The canonical JSON of a part, if it is one that is kept. */
export function keptText(part: object): string | undefined {
  const known = texts.get(part);
  if (known !== '') return known;
  const text = canonicalJson(part);
  texts.set(part, text);
  return text;
}
