import { idKey } from '../resources/id.ts';
import type { Resource } from '../resources/resource.ts';
import { slightlyChanged } from '../resources/slightly-changed.ts';
import { slightChange } from '../values/slight-change.ts';
import type { BuildCache } from './build-cache.ts';
import type { Resources } from './step.ts';

/**
 * The objects of a file or of a generator, those that it gave already when it was asked before as the same resources: whoever
 * went through them then need not do so again. The line counts, since errors tell it. The rest of a resource that no step has
 * touched follows from its fields.
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
    return (old && asChanged(old, each)) ?? each;
  });
}

/** A resource as an earlier one with its changes, so that what has not changed is still the same; undefined when more has. */
function asChanged(old: Resource, now: Resource): Resource | undefined {
  if (old.behavior !== now.behavior || old.hashed !== now.hashed || old.origin.file !== now.origin.file)
    return undefined;
  const change = slightChange(old.fields, now.fields);
  return change && (change.length === 0 ? old : slightlyChanged(old, change));
}

function placeKey({ origin, id }: Resource): string {
  return `${origin.line} ${idKey(id)}`;
}
