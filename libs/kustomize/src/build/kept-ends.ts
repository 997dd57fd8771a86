import type { TransformerConfig } from '../config/transformer-config.ts';
import { outcomeOf } from '../refusal.ts';
import { isSameId, type Id } from '../resources/id.ts';
import { applyReferences, referencesReach } from '../transforms/references.ts';
import { changedPositions, withChanged, type ChangedPosition } from './changed-positions.ts';
import { ended, labelledAndAnnotated, stepOf, type Accumulated, type EndOptions } from './end.ts';
import { isLocal } from './finish.ts';
import type { Kustomization } from './kustomization.ts';
import { KnownReach } from './passed-on.ts';
import type { Resources } from './step.ts';
import type { Target } from './target.ts';
import { writtenAgain, writtenObject, type BuiltObject } from './written-object.ts';

/** The objects at the end of a build, and everything that this depended on. */
export interface KeptEnd {
  readonly kustomization: Kustomization;
  readonly config: TransformerConfig;
  readonly before: Resources;
  readonly hashed: Resources;
  /** What names each object of `before` in the end. */
  readonly ids: readonly Id[];
  /** Where each of them is in `objects`; -1 for what is for no cluster. */
  readonly places: readonly number[];
  readonly objects: readonly BuiltObject[];
  readonly looks: number;
  readonly reach: KnownReach;
}

/** What the end of a build is made of. */
interface End {
  readonly target: Target;
  readonly accumulated: Accumulated;
  readonly options: EndOptions;
}

/**
 * The finished objects of a build. An object is taken over from the last build of the root when it is the same and so are the
 * names of all others, present and past: nothing else of them can be seen in it as long as there are no vars. Hashes are a part
 * of names, so what changed must have none. Whatever is more than that is done for all objects.
 */
export function keptOrEnded(
  target: Target,
  accumulated: Accumulated,
  options: EndOptions,
): readonly BuiltObject[] {
  const { building, loader } = target;
  const end = { target, accumulated, options };
  if (building.provenance || target.origin || accumulated.vars.size > 0) return wholeEnd(end).objects;
  const { reorder = 'none', managedByLabel = false } = options;
  const key = `${building.profile} ${reorder} ${String(managedByLabel)} ${loader.root}`;
  const kept = building.cache.ends.get(key);
  const { warned } = building.counts;
  const made = (kept && takenOver(kept, end)) ?? wholeEnd(end);
  if (building.counts.warned === warned) building.cache.ends.set(key, made, made.before.length);
  return made.objects;
}

function wholeEnd({ target, accumulated, options }: End): KeptEnd {
  const { config, resources } = accumulated;
  const { building, kustomization } = target;
  const before = building.looks;
  const { hashed, settled, order, final } = ended(target, accumulated, options);
  building.provenance?.finish(building.tree, final);
  const objects = final.map(writtenObject);
  const ids = settled.map(({ id }) => id);
  const places = settled.map(() => -1);
  for (const [place, at] of order.entries()) places[at] = place;
  return {
    kustomization,
    config,
    before: [...resources],
    hashed,
    ids,
    places,
    objects,
    looks: building.looks - before,
    reach: new KnownReach(),
  };
}

function takenOver(kept: KeptEnd, end: End): KeptEnd | undefined {
  const { kustomization } = end.target;
  const { config, resources } = end.accumulated;
  if (kept.kustomization !== kustomization || kept.config !== config) return undefined;
  const changed = changedPositions(kept.before, resources);
  if (!changed || changed.some(({ at, now }) => now.hashed || kept.before[at]?.hashed === true))
    return undefined;
  const made = changed.length === 0 ? kept : withChanges(kept, changed, end);
  const isCounted = made && end.target.building.recount({ files: 0, visits: 0, looks: made.looks });
  return isCounted === true ? made : undefined;
}

/** What is kept, with changes put in place that nothing at the end is about, and other objects brought to their end again. */
function withChanges(kept: KeptEnd, changed: readonly ChangedPosition[], end: End): KeptEnd | undefined {
  const objects = [...kept.objects];
  const rest = changed.filter((each) => {
    const place = kept.places[each.at] ?? -1;
    const object = objects[place];
    const again = object && passedOn(kept, { ...each, object }, end);
    if (again) objects[place] = again;
    return !again;
  });
  const before = [...end.accumulated.resources];
  const some = changed.map(({ now }) => now);
  const made = { ...kept, before, objects, hashed: withChanged(kept.hashed, changed, some) };
  return rest.length === 0 ? made : withParts(made, rest, end);
}

/** A finished object with a change in it that nothing at the end is about; undefined where it must be finished again. */
function passedOn(
  kept: KeptEnd,
  { object, ...position }: ChangedPosition & { readonly object: BuiltObject },
  { accumulated }: End,
): BuiltObject | undefined {
  const old = kept.before[position.at];
  const change = kept.reach.passedOn(kept.before, position, (ways, now) =>
    referencesReach(ways, accumulated.config.nameReference, now),
  );
  return old && change && writtenAgain(object, old, change);
}

/** What is kept with changed objects brought to their end; undefined where they have more to tell or do not end alike. */
function withParts(kept: KeptEnd, changed: readonly ChangedPosition[], end: End): KeptEnd | undefined {
  const { target, accumulated, options } = end;
  const { building } = target;
  const some = changed.map(({ now }) => now);
  const places = changed.map(({ at }) => kept.places[at] ?? -1);
  const counted = building.counts;
  const run = outcomeOf(() => {
    const settled = applyReferences(some, accumulated.config.nameReference, stepOf(target), kept.hashed);
    const areAlike = settled.every((each, index) => {
      const id = kept.ids[changed[index]?.at ?? -1];
      return id !== undefined && isSameId(each.id, id) && isLocal(each) === (places[index] === -1);
    });
    const final = areAlike ? labelledAndAnnotated(target, settled, options) : [];
    return final.map((each, index) => (places[index] === -1 ? undefined : writtenObject(each)));
  });
  const isWarned = building.counts.warned > counted.warned;
  const looks = kept.looks + building.looks - counted.looks;
  building.takeBack(counted);
  if ('errors' in run || isWarned || run.length < some.length) return undefined;
  const objects = [...kept.objects];
  for (const [index, place] of places.entries()) {
    const object = run[index];
    if (object) objects[place] = object;
  }
  return { ...kept, objects, looks };
}
