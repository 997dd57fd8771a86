import type { KeyFlaw } from '@meridian/manifests';
import { keyFlaws, type Fields } from './value.ts';

/** Keeps with a new mapping which of its keys are flawed; copies of the mapping keep it too. */
export function noteKeyFlaws(fields: object, flaws: ReadonlyMap<string, KeyFlaw>): void {
  Object.defineProperty(fields, keyFlaws, { value: flaws, enumerable: true });
}

/** What is wrong with a key that a mapping has; undefined when nothing is. */
export function keyFlawOf(fields: Fields, key: string): KeyFlaw | undefined {
  return fields[keyFlaws]?.get(key);
}
