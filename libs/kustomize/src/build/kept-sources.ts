import { idKey } from '../resources/id.ts';
import type { Resource } from '../resources/resource.ts';
import { isSameValue } from '../values/same-value.ts';
import type { BuildCache } from './build-cache.ts';
import type { Resources } from './step.ts';

/**
 * The objects of a file, those that the file had already when it was read before as the same resources: whoever went through
 * them then need not do so again. The line counts, since errors tell it.
 */
export function withKeptSources(cache: BuildCache, file: string, read: Resources): Resources {
  const earlier = cache.sources.get(file);
  const resources = earlier ? known(read, earlier) : read;
  cache.sources.set(file, resources, resources.length);
  return resources;
}

function known(read: Resources, earlier: Resources): Resources {
  const byPlace = new Map(earlier.map((each) => [placeKey(each), each]));
  return read.map((each) => {
    const old = byPlace.get(placeKey(each));
    return old && isSameResource(old, each) ? old : each;
  });
}

function placeKey({ origin, id }: Resource): string {
  return `${origin.line} ${idKey(id)}`;
}

/** The rest of a resource that was just read follows from its fields. */
function isSameResource(left: Resource, right: Resource): boolean {
  return isSameValue(left.fields, right.fields);
}
