import type { LocatedError } from '@meridian/fleet';
import type { ChartOutputs } from '../charts/chart-request.ts';
import type { Provenance } from '../explain/provenance.ts';
import { withRootChanges, type RootChanges } from '../overrides/root-changes.ts';
import { outcomeOf, refuse } from '../refusal.ts';
import type { FileTree } from '../tree.ts';
import { accumulate, chooseSchema, openRoot } from './accumulate.ts';
import type { Accumulation } from './accumulation.ts';
import { BuildCache } from './build-cache.ts';
import { Building } from './building.ts';
import type { EndOptions } from './end.ts';
import { keptOrEnded } from './kept-ends.ts';
import { Loader } from './loader.ts';
import type { Profile } from './step.ts';
import type { Target } from './target.ts';
import type { BuiltObject } from './written-object.ts';

/** How a build is run; kustomize's own defaults but for the order, which a fleet has no use for. */
export interface BuildOptions extends EndOptions {
  readonly profile?: Profile;
  readonly loadRestrictor?: 'LoadRestrictionsRootOnly' | 'LoadRestrictionsNone';
  /** What builds may share; a cache must only see builds with the same restriction. */
  readonly cache?: BuildCache;
  /** Is told what every step does, and how the build ends; such a build uses no cache. */
  readonly provenance?: Provenance;
  /** Outputs of charts; without it charts are refused. A cache must only see builds with outputs of the same helm. */
  readonly charts?: ChartOutputs;
  /** What an application changes in the objects, before names and hashes are settled. */
  readonly changes?: RootChanges | undefined;
}

/** What a build gives: finished objects in order, or every reason why there are none; and what is worth a warning. */
export type Built =
  | { readonly objects: readonly BuiltObject[]; readonly warnings: readonly LocatedError[] }
  | { readonly errors: readonly LocatedError[] };

/**
 * Builds the kustomization in directory `root` of a tree as `kustomize build` does. It is pure: the same tree gives the
 * same objects. Remote bases, plugins that are not built in and paths out of the tree are refused, never ignored.
 */
export function buildKustomization(tree: FileTree, root: string, options: BuildOptions = {}): Built {
  const { provenance } = options;
  const cache = provenance ? undefined : options.cache;
  const { built, isSure } = attempted(tree, root, { ...options, cache: cache ?? new BuildCache() });
  return isSure || !cache ? built : attempted(tree, root, { ...options, cache: new BuildCache() }).built;
}

type Attempt = BuildOptions & { readonly cache: BuildCache };

/** Of what is taken over from other builds, looks for fields are counted too high, so a refusal for them is not sure. */
function attempted(
  tree: FileTree,
  root: string,
  options: Attempt,
): { readonly built: Built; readonly isSure: boolean } {
  const { profile = '5.5', loadRestrictor = 'LoadRestrictionsRootOnly' } = options;
  const { cache, provenance, charts } = options;
  const building = new Building(tree, profile, { cache, provenance, charts });
  const built = outcomeOf((): Built => {
    const rootOnly = loadRestrictor === 'LoadRestrictionsRootOnly';
    const loader = new Loader({ tree: building.tree, rootOnly }, root);
    const target = openRoot(building, loader);
    chooseSchema(target);
    return { objects: finished(target, options), warnings: building.warnings };
  }, root);
  return { built, isSure: !building.hasLookedTooMuch };
}

function finished(target: Target, options: BuildOptions): readonly BuiltObject[] {
  const accumulation = accumulatedRoot(target, options);
  const { building } = target;
  if (building.isWaiting) refuseUnrendered(target);
  // What was read before a schema was chosen is looked up in it later: kustomize gathers all objects anew above a base.
  if (building.isSchemaChosen) building.noteKinds(accumulation.resources);
  return keptOrEnded(target, accumulation, options);
}

function accumulatedRoot(target: Target, { changes }: BuildOptions): Accumulation {
  if (!changes) return accumulate(target);
  const { building, loader, kustomization } = target;
  const read = (): Accumulation => {
    // The kustomization is read already, and what is kept depends on it and on there being no other.
    loader.names();
    building.tree.identity(kustomization.file);
    return accumulate(target);
  };
  // Origins are told from the directory that is built, so that they differ in a base.
  const isShared = changes.isShared && target.origin === undefined;
  return withRootChanges({ building, loader, accumulate: read }, { ...changes, isShared });
}

/** Who gave outputs of charts knows which are wanted, renders them and builds again. */
function refuseUnrendered({ kustomization }: Target): never {
  refuse({
    file: kustomization.file,
    message: 'a Helm chart of this build is not rendered yet',
    fix: 'render it and build again',
  });
}
