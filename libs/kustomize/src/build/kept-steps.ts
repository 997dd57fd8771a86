import type { TransformerConfig } from '../config/transformer-config.ts';
import { builtInSchema, type MergeSchema } from '../merge/schema.ts';
import { outcomeOf } from '../refusal.ts';
import type { Resource } from '../resources/resource.ts';
import { haveSameNames, keepsId } from '../resources/same-names.ts';
import { slightlyChanged } from '../resources/slightly-changed.ts';
import type { Accumulation } from './accumulation.ts';
import { isUnchanged, type Reads } from './build-cache.ts';
import type { Recounted } from './building.ts';
import { changedPositions, withChanged, type ChangedPosition } from './changed-positions.ts';
import type { Kustomization } from './kustomization.ts';
import { KnownReach } from './passed-on.ts';
import type { Resources } from './step.ts';
import type { Target } from './target.ts';
import type { PerObjectTransformer, Transformer } from './transformers.ts';

/** What the steps of a target made of its objects, and everything that this depended on. */
export interface KeptSteps {
  readonly kustomization: Kustomization;
  readonly config: TransformerConfig;
  readonly schema: MergeSchema;
  readonly reads: Reads;
  readonly before: Resources;
  /** What became of each object of `before`. */
  readonly after: Resources;
  readonly counts: Recounted;
  readonly isBuiltInLoaded: boolean;
  readonly reach: KnownReach;
}

/** Steps of a target that work object by object, and how one of them is run. */
export interface Steps {
  readonly target: Target;
  readonly accumulation: Accumulation;
  /** Makes the steps, which need not be there for what is taken over without them. */
  readonly transformersOf: () => readonly PerObjectTransformer[];
  readonly apply: (transformer: Transformer) => void;
}

/**
 * Runs steps that work object by object. What they made of an object in the last build of the target is taken over as long
 * as the kustomization, its configuration, the schema and the files that the steps read are the same, and as long as the
 * objects that did change have the ids that they had: what steps ask across objects is about ids alone (which one a patch is
 * for, whether two have become one). A change that they only pass on is put into what they made. Whatever is more than that, a
 * warning, a refusal, an object that goes away or is renamed by a patch, is left to a run with all objects, so that everything
 * is told as in a fresh build.
 */
export function runPerObject(steps: Steps): void {
  const { target, accumulation, transformersOf, apply } = steps;
  const { building, loader } = target;
  if (building.provenance || target.origin || building.tree.real) return transformersOf().forEach(apply);
  const key = `${building.profile} ${String(loader.isRootOnly)} ${loader.way}`;
  const kept = building.cache.steps.get(key);
  const known = kept && isStateOf(kept, steps) ? takenOver(kept, steps) : undefined;
  if (known) accumulation.transform(() => known.after);
  const made = known ?? wholeRun(steps);
  if (made) building.cache.steps.set(key, made, made.before.length);
}

function isStateOf(kept: KeptSteps, { target, accumulation }: Steps): boolean {
  return (
    kept.kustomization === target.kustomization &&
    kept.config === accumulation.config &&
    kept.schema === target.building.schema &&
    isUnchanged(kept.reads, target.building.tree)
  );
}

/** What is kept, with what changed gone through again; undefined where only a whole run can tell what becomes of it. */
function takenOver(kept: KeptSteps, steps: Steps): KeptSteps | undefined {
  const { building } = steps.target;
  const { resources } = steps.accumulation;
  const changed = changedPositions(kept.before, resources);
  if (!changed) return undefined;
  const passed = changed.map((each) => passedOn(kept, each, steps));
  const rest = changed.filter((_, index) => !passed[index]);
  const part = partRun(steps, rest);
  if (part?.made.length !== rest.length) return undefined;
  if (!rest.every(({ at }, index) => haveSameNames(kept.after[at], part.made[index]))) return undefined;
  const others = part.made.values();
  const made = passed.flatMap((each) => each ?? others.next().value ?? []);
  // What the steps looked for in the objects as they were is counted still: nobody knows how much of it that was.
  const counts = { ...kept.counts, looks: kept.counts.looks + part.looks };
  if (!building.recount(counts)) return undefined;
  building.isBuiltInLoaded ||= kept.isBuiltInLoaded;
  if (changed.length === 0) return kept;
  return { ...kept, before: [...resources], after: withChanged(kept.after, changed, made), counts };
}

interface Part {
  readonly made: Resources;
  readonly looks: number;
}

/** What steps made of an object with a change in it that they only pass on; undefined where they do more. */
function passedOn(kept: KeptSteps, position: ChangedPosition, steps: Steps): Resource | undefined {
  const { building } = steps.target;
  const made = kept.after[position.at];
  // The keys that tell items of lists apart are known of the built-in schema.
  if (!made || kept.schema !== builtInSchema) return undefined;
  const change = kept.reach.passedOn(kept.before, position, (ways) => {
    const counted = building.counts;
    const asked = outcomeOf(() => ({ is: steps.transformersOf().some(({ reaches }) => reaches(ways)) }));
    building.takeBack(counted);
    return 'errors' in asked || asked.is;
  });
  if (!change) return undefined;
  return made === kept.before[position.at] ? position.now : slightlyChanged(made, change);
}

/** Some of the objects after all steps; undefined when these have more to tell. */
function partRun(
  { target: { building }, transformersOf }: Steps,
  changed: readonly ChangedPosition[],
): Part | undefined {
  if (changed.length === 0) return { made: [], looks: 0 };
  const some: Resources = changed.map(({ now }) => now);
  const transformers = transformersOf();
  const counted = building.counts;
  building.isPart = true;
  try {
    const made = outcomeOf(() => transformers.reduce((resources, { run }) => run(resources), some));
    const { looks, warned } = building.counts;
    return 'errors' in made || warned > counted.warned ? undefined : { made, looks: looks - counted.looks };
  } finally {
    building.isPart = false;
    building.takeBack(counted);
  }
}

/** Runs all steps with all objects; what is given is worth keeping. */
function wholeRun({ target, accumulation, transformersOf, apply }: Steps): KeptSteps | undefined {
  const { building, kustomization } = target;
  const { config, resources: before } = accumulation;
  const counted = building.counts;
  const wasLoaded = building.isBuiltInLoaded;
  building.isBuiltInLoaded = false;
  const { result: isPlain, reads } = building.tree.recorded(() =>
    transformersOf().reduce((soFar, transformer) => {
      const { resources } = accumulation;
      apply(transformer);
      return soFar && isPlainStep(transformer, resources, accumulation.resources);
    }, true),
  );
  const { isBuiltInLoaded } = building;
  building.isBuiltInLoaded ||= wasLoaded;
  const { files, visits, looks, warned } = building.counts;
  if (!isPlain || warned > counted.warned) return undefined;
  const counts = {
    files: files - counted.files,
    visits: visits - counted.visits,
    looks: looks - counted.looks,
  };
  const { schema } = building;
  return {
    kustomization,
    config,
    schema,
    reads,
    before: [...before],
    after: [...accumulation.resources],
    counts,
    isBuiltInLoaded,
    reach: new KnownReach(),
  };
}

const renaming: ReadonlySet<string> = new Set([
  'NamespaceTransformer',
  'PrefixTransformer',
  'SuffixTransformer',
]);

/** Whether ids before and after all steps tell the ids in between: only the steps that are there for it rename. */
function isPlainStep({ kind }: Transformer, before: Resources, after: Resources): boolean {
  if (after === before) return true;
  const mayRename = renaming.has(kind);
  return after.length === before.length && after.every((each, at) => keepsId(before[at], each, mayRename));
}
