import type { Accumulation } from './build/accumulation.ts';
import type { BuildOptions, Built } from './build/build.ts';
import { BuildCache } from './build/build-cache.ts';
import { Building } from './build/building.ts';
import { Loader } from './build/loader.ts';
import { writtenObject } from './build/written-object.ts';
import { defaultConfig } from './config/transformer-config.ts';
import { withRootChanges } from './overrides/root-changes.ts';
import { outcomeOf } from './refusal.ts';
import type { FileTree } from './tree.ts';

/** Objects that are not those of a kustomization. */
export interface PlainSource {
  readonly tree: FileTree;
  readonly root: string;
  /** Reads them, through a tree that notes what is looked at. */
  readonly read: (tree: FileTree) => Accumulation;
}

/** Builds objects that no kustomization is above: they stay as they are but for what an application changes. */
export function buildPlain({ tree, root, read }: PlainSource, options: BuildOptions): Built {
  const { profile = '5.5', provenance, changes } = options;
  const cache = (provenance ? undefined : options.cache) ?? new BuildCache();
  const building = new Building(tree, profile, { cache, provenance });
  const accumulate = (): Accumulation => {
    const accumulation = read(building.tree);
    accumulation.configure(defaultConfig(profile), { file: root });
    return accumulation;
  };
  return outcomeOf(() => {
    const loader = new Loader({ tree: building.tree, rootOnly: true }, root);
    const { resources } = changes ? withRootChanges({ building, loader, accumulate }, changes) : accumulate();
    provenance?.finish(tree, resources);
    return { objects: resources.map(writtenObject), warnings: building.warnings };
  }, root);
}
