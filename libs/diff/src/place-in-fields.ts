import { isJsonObject } from '@meridian/manifests';
import type { Json, Step } from '@meridian/manifests';
import type { FieldSet } from './field-set.ts';
import { itemTest } from './list-items.ts';

/** A place in the words of managed fields, and the steps that go on inside of what is owned as a whole. */
export interface PlaceInFields {
  readonly elements: readonly string[];
  readonly rest: readonly Step[];
}

/**
 * Says a place of an object in the words of the fields that have owners: items of lists by their keys. `rest` is what is left
 * of it where a list or map is owned as a whole, or by nobody. Undefined when the item of the place is not among the owned.
 */
export function placeInFields(
  object: Json,
  place: readonly Step[],
  owned: FieldSet,
): PlaceInFields | undefined {
  const elements: string[] = [];
  let here: Json | undefined = object;
  let set: FieldSet | undefined = owned;
  for (const [index, step] of place.entries()) {
    const isOwnedWhole: boolean = set !== undefined && set.children.size === 0;
    if (isOwnedWhole || (Array.isArray(here) && !hasItems(set)))
      return { elements, rest: place.slice(index) };
    const element: string | undefined = elementFor(here, step, set);
    if (element === undefined) return undefined;
    elements.push(element);
    set = set?.children.get(element);
    here = below(here, step);
  }
  return { elements, rest: [] };
}

function hasItems(set: FieldSet | undefined): boolean {
  return [...(set?.children.keys() ?? [])].some((element) => /^[kv]:/.test(element));
}

function elementFor(value: Json | undefined, step: Step, set: FieldSet | undefined): string | undefined {
  if (!Array.isArray(value)) return `f:${step}`;
  const item = below(value, step);
  if (item === undefined) return undefined;
  return [...(set?.children.keys() ?? [])].find((element) => itemTest(element)(item));
}

function below(value: Json | undefined, step: Step): Json | undefined {
  if (Array.isArray(value)) return typeof step === 'number' ? (value as readonly Json[])[step] : undefined;
  return isJsonObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
}
