import type { KeyFlaw } from '@meridian/manifests';
import { plainTag } from './scalars.ts';
import { keyFlaws, withField, type Fields, type Value } from './value.ts';

/** Keeps with a new mapping which of its keys are flawed; copies of the mapping keep it too. */
export function noteKeyFlaws(fields: object, flaws: ReadonlyMap<string, KeyFlaw>): void {
  Object.defineProperty(fields, keyFlaws, { value: flaws, enumerable: true });
}

/** What is wrong with a key that a mapping has; undefined when nothing is. */
export function keyFlawOf(fields: Fields, key: string): KeyFlaw | undefined {
  return fields[keyFlaws]?.get(key);
}

/**
 * The mapping with a field set whose key kustomize writes without quotes or tag: a new key that then reads as a number or
 * a boolean is no text any more, and the object cannot be written.
 */
export function withBareKey(fields: Fields, key: string, value: Value): Fields {
  const after = withField(fields, key, value);
  if (Object.hasOwn(fields, key) || plainTag(key) === '!!str') return after;
  const message = `a key must be a text, this one is ${key}`;
  noteKeyFlaws(after, new Map([...(fields[keyFlaws] ?? []), [key, { kind: 'scalar', message }]]));
  return after;
}

/** A mapping made of fields whose keys kustomize writes without quotes or tags. */
export function bareFieldsOf(fields: { readonly [key: string]: Value }): Fields {
  const keys = Object.keys(fields);
  if (keys.every((key) => plainTag(key) === '!!str')) return fields;
  return keys.reduce<Fields>((bare, key) => withBareKey(bare, key, fields[key] ?? null), {});
}
