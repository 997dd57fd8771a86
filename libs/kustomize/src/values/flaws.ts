import type { KeyFlaw } from '@meridian/manifests';
import { plainTag } from './scalars.ts';
import { fieldOf, keyFlaws, type AnyScalar, type Fields, type Value } from './value.ts';

/** Keeps with a new mapping which of its keys are flawed; copies of the mapping keep it too. */
export function noteKeyFlaws(fields: object, flaws: ReadonlyMap<string, KeyFlaw<AnyScalar>>): void {
  Object.defineProperty(fields, keyFlaws, { value: flaws, enumerable: true });
}

/** What is wrong with a key that a mapping has; undefined when nothing is. */
export function keyFlawOf(fields: Fields, key: string): KeyFlaw<AnyScalar> | undefined {
  return fields[keyFlaws]?.get(key);
}

/** The fields of a mapping as a Go map has them: of a key that is there twice the last one counts. */
export function lastEntries(fields: Fields): [key: string, value: Value][] {
  const flaws = fields[keyFlaws];
  const entries = Object.entries(fields);
  return flaws ? entries.map(([key, value]) => [key, flaws.get(key)?.later?.at(-1) ?? value]) : entries;
}

/**
 * The mapping with fields set whose keys kustomize writes without quotes or tags: a new key that then reads as a number or
 * a boolean is no text any more, and the object cannot be written. The same mapping when it has those very values.
 */
export function withBareFields(fields: Fields, entries: { readonly [key: string]: Value }): Fields {
  const keys = Object.keys(entries);
  if (keys.every((key) => fieldOf(fields, key) === entries[key])) return fields;
  const after = { ...fields, ...entries };
  const flawed = keys.filter((key) => plainTag(key) !== '!!str' && !Object.hasOwn(fields, key));
  if (flawed.length > 0) noteKeyFlaws(after, new Map([...(fields[keyFlaws] ?? []), ...flawed.map(bareFlaw)]));
  return after;
}

function bareFlaw(key: string): readonly [key: string, flaw: KeyFlaw<AnyScalar>] {
  return [key, { kind: 'scalar', message: `a key must be a text, this one is ${key}` }];
}

/** A mapping made of fields whose keys kustomize writes without quotes or tags. */
export function bareFieldsOf(fields: { readonly [key: string]: Value }): Fields {
  return Object.keys(fields).every((key) => plainTag(key) === '!!str') ? fields : withBareFields({}, fields);
}
