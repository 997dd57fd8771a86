import type { LocatedError } from '@meridian/fleet';
import type { MergeSchema } from '../merge/schema.ts';
import type { Resource } from '../resources/resource.ts';

/** Whose behaviour a build has: that of kustomize v5.5.0 or of v5.8.2. */
export type Profile = '5.5' | '5.8';

/** Where a kustomization asks for something. */
export interface Place {
  readonly file: string;
  /** Counted from 1. */
  readonly line?: number;
  /** Such as `patches[2]`. */
  readonly field?: string;
}

/** The resources of a target in their order; never changed in place. */
export type Resources = readonly Resource[];

/** What every generator and transformer may use. */
export interface Step {
  /** The entry of the kustomization that asked for the step, for errors. */
  readonly place: Place;
  readonly profile: Profile;
  /** How lists merge in strategic merge patches. */
  readonly schema: MergeSchema;
  /** Text of a file of YAML or JSON by its path relative to the kustomization; refuses what may not be read or is not there. */
  readonly readText: (path: string) => string;
  /** Content of any file, read alike: its text, or its bytes when it is no UTF-8. */
  readonly readContent: (path: string) => string | Uint8Array;
  /**
   * Whether the step is given only those objects that differ from an earlier build, in which it found everything that it
   * looks for: what it misses now is among the others.
   */
  readonly isPart: boolean;
  /** Counts objects that are gone through, and refuses what a build can never need. */
  readonly visit: (objects: number) => void;
  /** Counts fields that are looked for in objects, and refuses what a build can never need. */
  readonly look: (fields: number) => void;
  /** Takes note of something that kustomize does and its user hardly means. */
  readonly warn: (warning: LocatedError) => void;
}
