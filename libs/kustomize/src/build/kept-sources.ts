import { idKey } from '../resources/id.ts';
import type { Resource } from '../resources/resource.ts';
import { isSameValue } from '../values/same-value.ts';
import type { BuildCache } from './build-cache.ts';
import type { Resources } from './step.ts';

/**
 * The objects of a file or of a generator, those that it gave already when it was asked before as the same resources: whoever
 * went through them then need not do so again. The line counts, since errors tell it.
 */
export function withKeptSources(cache: BuildCache, source: string, given: Resources): Resources {
  const earlier = cache.sources.get(source);
  const resources = earlier ? known(given, earlier) : given;
  cache.sources.set(source, resources, resources.length);
  return resources;
}

function known(given: Resources, earlier: Resources): Resources {
  const byPlace = new Map(earlier.map((each) => [placeKey(each), each]));
  return given.map((each) => {
    const old = byPlace.get(placeKey(each));
    return old && isSameResource(old, each) ? old : each;
  });
}

function placeKey({ origin, id }: Resource): string {
  return `${origin.line} ${idKey(id)}`;
}

/** The rest of a resource that no step has touched follows from its fields. */
function isSameResource(left: Resource, right: Resource): boolean {
  const isSame = left.behavior === right.behavior && left.hashed === right.hashed;
  return isSame && left.origin.file === right.origin.file && isSameValue(left.fields, right.fields);
}
