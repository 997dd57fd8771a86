import type { OriginNote } from '../resources/resource.ts';
import type { Building } from './building.ts';
import type { Kustomization } from './kustomization.ts';
import type { Loader } from './loader.ts';
import type { Resources } from './step.ts';

/** A field whose entries are files with objects or directories with kustomizations. */
export interface Listed {
  readonly field: 'resources' | 'bases' | 'generators' | 'transformers' | 'validators';
  /** The entries that are paths, each with its index in the field. */
  readonly entries: readonly (readonly [number, string])[];
}

/** One kustomization of a build. */
export interface Target {
  readonly building: Building;
  readonly loader: Loader;
  readonly kustomization: Kustomization;
  /** Where it is, from the directory that is built; undefined unless the build keeps track of origins. */
  readonly origin: OriginNote | undefined;
  /** The objects in what a field lists. */
  readonly load: (listed: Listed) => Resources;
}
