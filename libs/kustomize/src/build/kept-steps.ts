import type { TransformerConfig } from '../config/transformer-config.ts';
import type { MergeSchema } from '../merge/schema.ts';
import { outcomeOf } from '../refusal.ts';
import { haveSameNames, keepsId } from '../resources/same-names.ts';
import type { Accumulation } from './accumulation.ts';
import { isUnchanged, type Reads } from './build-cache.ts';
import type { Building, Recounted } from './building.ts';
import { changedPositions, withChanged } from './changed-positions.ts';
import type { Kustomization } from './kustomization.ts';
import type { Resources } from './step.ts';
import type { Target } from './target.ts';
import type { Transformer } from './transformers.ts';

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
}

/** Steps of a target that work object by object, and how one of them is run. */
export interface Steps {
  readonly target: Target;
  readonly accumulation: Accumulation;
  readonly transformers: readonly Transformer[];
  readonly apply: (transformer: Transformer) => void;
}

/**
 * Runs steps that work object by object. What they made of an object in the last build of the target is taken over as long
 * as the kustomization, its configuration, the schema and the files that the steps read are the same, and as long as the
 * objects that did change have the ids that they had: what steps ask across objects is about ids alone (which one a patch is
 * for, whether two have become one). Whatever is more than that, a warning, a refusal, an object that goes away or is renamed
 * by a patch, is left to a run with all objects, so that everything is told as in a fresh build.
 */
export function runPerObject(steps: Steps): void {
  const { target, accumulation, transformers, apply } = steps;
  const { building, loader } = target;
  const mayKeep = !building.provenance && !target.origin && !building.tree.real;
  if (!mayKeep || transformers.length === 0) return transformers.forEach(apply);
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
function takenOver(kept: KeptSteps, { target, accumulation, transformers }: Steps): KeptSteps | undefined {
  const { building } = target;
  const { resources } = accumulation;
  const changed = changedPositions(kept.before, resources);
  if (!changed) return undefined;
  const part = partRun(
    building,
    transformers,
    changed.map(({ now }) => now),
  );
  if (part?.made.length !== changed.length) return undefined;
  const { made } = part;
  if (!changed.every(({ at }, index) => haveSameNames(kept.after[at], made[index]))) return undefined;
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

/** Some of the objects after all steps; undefined when these have more to tell. */
function partRun(
  building: Building,
  transformers: readonly Transformer[],
  some: Resources,
): Part | undefined {
  if (some.length === 0) return { made: some, looks: 0 };
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
function wholeRun({ target, accumulation, transformers, apply }: Steps): KeptSteps | undefined {
  const { building, kustomization } = target;
  const { config, resources: before } = accumulation;
  const counted = building.counts;
  const wasLoaded = building.isBuiltInLoaded;
  building.isBuiltInLoaded = false;
  const { result: isPlain, reads } = building.tree.recorded(() =>
    transformers.reduce((soFar, transformer) => {
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
