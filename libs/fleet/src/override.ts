import type { HelmSource, LabelSelector } from './documents.ts';

/** What an application changes in the clusters that a selector fits, on top of their overlays. */
export interface Override {
  /** Its place in the list of its document, from 0; errors name it. */
  readonly index: number;
  readonly clusters: LabelSelector;
  readonly patches: readonly OverridePatch[];
  readonly images: readonly OverrideImage[];
  readonly replicas: readonly { readonly name: string; readonly count: number }[];
  /** Values over those that the application's chart gets without it. */
  readonly helm?: Pick<HelmSource, 'values'>;
}

/** A patch as a kustomization has it: an object to merge or operations of JSON Patch. Exactly one of `patch` and `path` is there. */
export interface OverridePatch {
  /** The text itself. */
  readonly patch?: string;
  /** A file below the directory of the application. */
  readonly path?: string;
  readonly target?: PatchTarget;
}

/** Which objects a patch is for; texts are patterns of Go, what is missing fits everything. */
export interface PatchTarget {
  readonly group?: string;
  readonly version?: string;
  readonly kind?: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly annotationSelector?: string;
}

/** Another name, tag or digest for the images of a name, as a kustomization has it. */
export interface OverrideImage {
  readonly name: string;
  readonly newName?: string;
  readonly newTag?: string;
  readonly tagSuffix?: string;
  readonly digest?: string;
}
