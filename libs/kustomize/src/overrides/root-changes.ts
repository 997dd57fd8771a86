import type { Cluster } from '@meridian/fleet';
import { Accumulation } from '../build/accumulation.ts';
import type { Building } from '../build/building.ts';
import { keptOrAccumulated } from '../build/kept-bases.ts';
import type { Loader } from '../build/loader.ts';
import { withLayers, type Layers } from './override-layers.ts';
import { withVariables } from './variables.ts';

/** What an application does to the objects of an overlay, in a cluster. */
export interface RootChanges {
  readonly layers: Layers;
  /** The cluster whose variables are replaced; undefined when they are off. */
  readonly variablesOf: Cluster | undefined;
  /** Whether other clusters have the same overlay, so that what is made of it is worth keeping. */
  readonly isShared: boolean;
}

/** Where a build is when it changes what its root has accumulated. */
export interface Root {
  readonly building: Building;
  readonly loader: Loader;
  /** Everything below; it reads all that it depends on. */
  readonly accumulate: () => Accumulation;
}

/** What the root of a build accumulates, with the changes of an application. Names and hashes are not settled yet. */
export function withRootChanges(root: Root, changes: RootChanges): Accumulation {
  const layered = withoutVariables(root, changes);
  const { variablesOf: cluster, layers } = changes;
  if (!cluster) return layered;
  // What is kept must not change, so that the next cluster gets it as it is.
  const accumulation = new Accumulation();
  const place = { file: layers.directory, field: 'spec.source.variables' };
  accumulation.merge(layered, place);
  accumulation.transform((resources) => {
    const after = resources.map((resource) => withVariables(resource, cluster));
    root.building.provenance?.noteStep(resources, after, { by: 'Variables', place });
    return after;
  });
  return accumulation;
}

/** Clusters with the same overlay and the same overrides share the result, and those with other overrides the overlay. */
function withoutVariables({ building, loader, accumulate }: Root, changes: RootChanges): Accumulation {
  const { layers, isShared } = changes;
  const kept = (kind: string, make: () => Accumulation): Accumulation =>
    isShared ? keptOrAccumulated(building, loader, make, kind) : make();
  const below = (): Accumulation => kept('root', accumulate);
  if (layers.overrides.length === 0) return below();
  const key = JSON.stringify([layers.directory, layers.overrides]);
  return kept(`overridden ${key}`, () => withLayers(below(), layers, building));
}
