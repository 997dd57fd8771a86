import { catFile } from './read-blobs.ts';
import type { ReadBlobsOptions } from './read-blobs.ts';

/** A directory of a commit. */
export interface PlaceInCommit {
  /** Full id of the commit. */
  readonly revision: string;
  /** From the root of the commit; empty for the root itself. */
  readonly path: string;
}

/** A line of `cat-file --batch-check` about what is there; commit, blob and what is missing are no directory. */
const directoryLine = /^([0-9a-f]{40,64}) tree \d+$/;
const mostOfLine = 8_192;
/** The id of no object. */
const nothing = '0'.repeat(40);

/**
 * The tree ids of directories, in the order asked for, of any number of commits in one process: two directories with one id are the
 * same in every file. Undefined for a commit or a path that is not here or is no directory. Throws FaultError when git fails.
 */
export async function directoryIds(
  places: readonly PlaceInCommit[],
  { dir, place }: Omit<ReadBlobsOptions, 'totalCapBytes'>,
  signal: AbortSignal,
): Promise<(string | undefined)[]> {
  const asked = places.map(({ revision, path }) => {
    const name = `${revision}:${path}`;
    // Git reads a line for each, so a path that holds a line break cannot be asked for.
    return name.includes('\n') || name.length > mostOfLine ? nothing : name;
  });
  if (asked.length === 0) return [];
  const capBytes = asked.length * 2 * mostOfLine;
  const { output } = await catFile(
    { batch: '--batch-check', names: asked, capBytes },
    { dir, place },
    signal,
  );
  const lines = output.toString('utf8').split('\n');
  return asked.map((_, index) => directoryLine.exec(lines[index] ?? '')?.[1]);
}
