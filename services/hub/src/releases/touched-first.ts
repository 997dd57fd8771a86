import type { Application } from '@meridian/fleet';
import type { PlaceInCommit } from '@meridian/git';
import { FaultError } from '@meridian/runtime';

/** What tells which applications a revision touches. */
export interface TouchedPorts {
  /** The revision that an application was rolled out at last; undefined when nobody knows. */
  readonly rolledOut: (application: string) => string | undefined;
  /**
   * Ids of directories that are the same when all in them is, in the order asked for; undefined for one that is not there, as when
   * its revision was forced away. Throws FaultError when git fails.
   */
  readonly directoryIds: (
    places: readonly PlaceInCommit[],
    signal: AbortSignal,
  ) => Promise<readonly (string | undefined)[]>;
}

/**
 * The names of applications whose own directory is the same as when they were rolled out last. A hub that has just started has
 * rendered nothing yet, and these can wait: most likely nothing of them has changed. It is a guess that decides on the order
 * alone, for what they look at elsewhere may have changed.
 */
export async function untouched(
  placed: readonly { readonly application: Pick<Application, 'name' | 'path'> }[],
  revision: string,
  { rolledOut, directoryIds }: TouchedPorts,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const known = placed.flatMap(({ application: { name, path } }) => {
    const before = rolledOut(name);
    return before === undefined ? [] : [{ name, path, before }];
  });
  if (known.length === 0) return new Set();
  const now = known.map(({ path }) => ({ revision, path }));
  const then = known.map(({ path, before }) => ({ revision: before, path }));
  const ids = await unlessGone(directoryIds([...now, ...then], signal), signal);
  return new Set(
    known.flatMap(({ name }, index) => {
      const id = ids?.[index];
      return id !== undefined && id === ids?.[known.length + index] ? [name] : [];
    }),
  );
}

/** Whatever keeps former revisions from being read keeps nobody from the present one. */
async function unlessGone<T>(ids: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  try {
    return await ids;
  } catch (error) {
    if (error instanceof FaultError && !signal.aborted) return undefined;
    throw error;
  }
}
