import type { LocatedError } from '@meridian/fleet';
import type { ChartOutputs } from '../charts/chart-request.ts';
import { builtInSchema, type MergeSchema } from '../merge/schema.ts';
import { refuse } from '../refusal.ts';
import { idOf } from '../resources/resource.ts';
import { hasKnownScope } from '../resources/scope.ts';
import type { Provenance } from '../explain/provenance.ts';
import type { FileTree } from '../tree.ts';
import type { BuildCache } from './build-cache.ts';
import { RecordingTree } from './recording-tree.ts';
import type { Kustomization } from './kustomization.ts';
import type { Loader } from './loader.ts';
import type { Place, Profile, Resources, Step } from './step.ts';
import { TargetStep } from './target-step.ts';

/** How much one build may take on; a tree that wants more is refused with the kustomization that went too far. */
const limits = {
  depth: 64,
  targets: 2_000,
  objects: 10_000,
  files: 20_000,
  visits: 2_000_000,
  looks: 10_000_000,
};

/** More warnings than this say nothing new. */
const mostWarnings = 500;

/** What a build has counted. */
export interface Counts {
  readonly files: number;
  readonly visits: number;
  readonly looks: number;
  /** Warnings of steps, also those that nobody is told any more. */
  readonly warned: number;
  readonly warnings: number;
}

/** What is counted once more when the work itself is not done again. */
export type Recounted = Pick<Counts, 'files' | 'visits' | 'looks'>;

/** What all targets of one build share. */
export class Building {
  readonly profile: Profile;
  readonly warnings: LocatedError[] = [];
  /** The one that the first `openapi` on the way asked for: it counts for all that comes after (openapi.SetSchema). */
  schema: MergeSchema;
  isSchemaChosen = false;
  /** Kustomize has loaded its built-in schema, which then stays beside one that is chosen later (openapi initSchema). */
  isBuiltInLoaded = false;
  /** Directories of the kustomizations that were entered. */
  readonly roots: string[] = [];
  readonly tree: RecordingTree;
  readonly cache: BuildCache;
  /** Notes what every step did; only there when somebody wants to know. */
  readonly provenance: Provenance | undefined;
  /** Undefined when charts are refused. */
  readonly charts: ChartOutputs | undefined;
  /** A chart has no output yet, so that the result is only good for asking for more. */
  isWaiting = false;
  /** Steps get only some of the objects they went through in an earlier build; what fits none of them fits another one. */
  isPart = false;
  /** Its steps looked for too many fields, as far as those are known that an earlier build looked for. */
  hasLookedTooMuch = false;
  #files = 0;
  #visits = 0;
  #looks = 0;
  #warned = 0;

  constructor(
    tree: FileTree,
    profile: Profile,
    {
      cache,
      provenance,
      charts,
    }: {
      readonly cache: BuildCache;
      readonly provenance?: Provenance | undefined;
      readonly charts?: ChartOutputs | undefined;
    },
  ) {
    this.tree = new RecordingTree(tree);
    this.profile = profile;
    this.schema = builtInSchema;
    this.cache = cache;
    this.provenance = provenance;
    this.charts = charts;
  }

  /** Counts a kustomization and refuses one too many, or one too deep. */
  enter({ file }: Kustomization, loader: Loader): void {
    this.roots.push(loader.root);
    if (loader.depth >= limits.depth)
      refuse({ file, message: `bases nest deeper than ${limits.depth} levels`, fix: 'flatten the bases' });
    if (this.roots.length > limits.targets)
      refuse({
        file,
        message: `the build reads more than ${limits.targets} kustomizations`,
        fix: 'split the application',
      });
  }

  /** Counts a file and refuses one too many. */
  countFile(place: Place): void {
    this.#files += 1;
    if (this.#files > limits.files)
      refuse({
        ...place,
        message: `the build reads more than ${limits.files} files`,
        fix: 'split the application',
      });
  }

  /** How often steps have gone through an object. */
  get visits(): number {
    return this.#visits;
  }

  /** What was counted so far. */
  get counts(): Counts {
    return {
      files: this.#files,
      visits: this.#visits,
      looks: this.#looks,
      warned: this.#warned,
      warnings: this.warnings.length,
    };
  }

  /** Goes back to what was counted at a moment before; whatever was warned of since then is forgotten. */
  takeBack({ files, visits, looks, warned, warnings }: Counts): void {
    this.#files = files;
    this.#visits = visits;
    this.#looks = looks;
    this.#warned = warned;
    this.warnings.length = warnings;
  }

  /** Counts what an earlier build counted, as if it were done again; gives false, and counts nothing, when that is too much. */
  recount({ files, visits, looks }: Recounted): boolean {
    const all = { files: this.#files + files, visits: this.#visits + visits, looks: this.#looks + looks };
    if (all.files > limits.files || all.visits > limits.visits || all.looks > limits.looks) return false;
    this.#files = all.files;
    this.#visits = all.visits;
    this.#looks = all.looks;
    return true;
  }

  /** Counts objects that a step goes through: thousands of patches of thousands of objects are refused. */
  visit(objects: number, place: Place): void {
    this.#visits += objects;
    if (this.#visits > limits.visits)
      refuse({
        ...place,
        message: `the steps of the build go through its objects more than ${limits.visits} times in all`,
        fix: 'split the application, or let one patch do what many do',
      });
  }

  /** How often steps have looked for a field. */
  get looks(): number {
    return this.#looks;
  }

  /** Counts fields that a step looks for: tens of thousands of them in each of thousands of objects are refused. */
  look(fields: number, place: Place): void {
    this.#looks += fields;
    this.hasLookedTooMuch ||= this.#looks > limits.looks;
    if (this.#looks > limits.looks)
      refuse({
        ...place,
        message: `the steps of the build look for fields of its objects more than ${limits.looks} times in all`,
        fix: 'split the application, or name fewer fields in configurations',
      });
  }

  /** Refuses more objects than a build may hold. */
  checkSize(resources: Resources, place: Place): void {
    if (resources.length > limits.objects)
      refuse({
        ...place,
        message: `the build holds more than ${limits.objects} objects`,
        fix: 'split the application',
      });
  }

  /** Takes note of kinds whose scope kustomize looks up in its schema, which must be usable then. */
  noteKinds(resources: Resources): void {
    if (this.isBuiltInLoaded && !this.isSchemaChosen) return;
    if (resources.some((resource) => !hasKnownScope(idOf(resource)))) this.mergeSchema();
  }

  /** The schema for a merge, which is loaded with that. */
  mergeSchema(): MergeSchema {
    this.isBuiltInLoaded = true;
    this.schema.load?.();
    return this.schema;
  }

  /** Counts a warning, and keeps it unless there are many. */
  warn(warning: LocatedError): void {
    this.#warned += 1;
    if (this.warnings.length < mostWarnings) this.warnings.push(warning);
  }

  /** What a generator or a transformer of a target may use. */
  step(loader: Loader, place: Place): Step {
    return new TargetStep(this, loader, place);
  }
}
