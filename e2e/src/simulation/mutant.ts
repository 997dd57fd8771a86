/** A change to one file: `from` must be there exactly once. */
export interface Patch {
  /** From the root of the repository. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** A defect that somebody could make, put into the production code for a run. */
export interface Mutant {
  readonly name: string;
  readonly patches: readonly Patch[];
  /** Lives in worlds of this focus, where it shows soon. */
  readonly focus?: string;
  /** Why no world can tell it from the code as it is; set for those that must survive. */
  readonly equivalent?: string;
}

/** A mutant of one text in one file. */
export const one = (name: string, file: string, [from, to]: readonly [string, string]): Mutant => ({
  name,
  patches: [{ file, from, to }],
});

/** The same mutant in worlds of a focus. */
export const within = (focus: string, mutant: Mutant): Mutant => ({ ...mutant, focus });
