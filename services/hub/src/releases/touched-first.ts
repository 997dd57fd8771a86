import type { Application } from '@meridian/fleet';
import type { CommitTree } from '@meridian/rendering';
import { RevisionFiles } from '@meridian/rendering';
import { FaultError } from '@meridian/runtime';

/** What tells which applications a revision touches. */
export interface TouchedPorts {
  /** The revision that an application was rolled out at last; undefined when nobody knows. */
  readonly rolledOut: (application: string) => string | undefined;
  /** Everything of a revision. Throws FaultError when it cannot be read, as when it was forced away. */
  readonly tree: (revision: string, signal: AbortSignal) => Promise<CommitTree>;
}

/** So many revisions are looked at: applications that were rolled out at yet other ones count as touched. */
const mostRevisions = 16;

/**
 * The names of applications whose own directory is the same as when they were rolled out last. A hub that has just started has
 * rendered nothing yet, and these can wait: most likely nothing of them has changed. It is a guess that decides on the order
 * alone, for what they look at elsewhere may have changed.
 */
export async function untouched(
  placed: readonly { readonly application: Pick<Application, 'name' | 'path'> }[],
  files: RevisionFiles,
  { rolledOut, tree }: TouchedPorts,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const known = placed.flatMap(({ application }) => {
    const revision = rolledOut(application.name);
    return revision === undefined ? [] : [{ application, revision }];
  });
  const revisions = [...new Set(known.map(({ revision }) => revision))].slice(0, mostRevisions);
  const before = new Map<string, RevisionFiles>();
  for (const revision of revisions) {
    const found = await unlessGone(tree(revision, signal), signal);
    if (found) before.set(revision, new RevisionFiles(found, signal));
  }
  return new Set(
    known.flatMap(({ application: { name, path }, revision }) =>
      before.get(revision)?.identityBelow(path) === files.identityBelow(path) ? [name] : [],
    ),
  );
}

/** Whatever keeps a former revision from being read keeps nobody from the present one. */
async function unlessGone<T>(tree: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  try {
    return await tree;
  } catch (error) {
    if (error instanceof FaultError && !signal.aborted) return undefined;
    throw error;
  }
}
