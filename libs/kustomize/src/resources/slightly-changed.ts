import { placeOf, withMappingAt, type SlightChange } from '../values/slight-change.ts';
import type { Fields } from '../values/value.ts';
import { withFields, type Resource } from './resource.ts';

/** By what a resource has become and what it was, which is not kept by that: each was another one before, and so on. */
const noted = new WeakMap<Resource, WeakMap<Resource, SlightChange>>();

/**
 * A resource after a slight change, which shares everything else with it; undefined where one of the mappings that have changed
 * is not what it was. That it has changed so is known of the new resource from then on.
 */
export function slightlyChanged(before: Resource, change: SlightChange): Resource | undefined {
  let fields: Fields = before.fields;
  for (const mapping of change) {
    const place = placeOf(before.fields, mapping);
    if (!place) return undefined;
    fields = withMappingAt(fields, place, mapping.now);
  }
  const after = withFields(before, fields);
  noted.set(after, new WeakMap([[before, change]]));
  return after;
}

/** How a resource has become another one, if that is known to be by a slight change. */
export function changeBetween(before: Resource, after: Resource): SlightChange | undefined {
  return noted.get(after)?.get(before);
}
