import type { ParsedFleetConfig } from '@meridian/fleet';
import type { GitTree, Repository } from '@meridian/git';
import { PolicySets } from '@meridian/policy';
import { RevisionFiles } from '@meridian/rendering';
import { parsedFleet } from '../fleet-files.ts';

/** A revision with its fleet configuration. */
export interface Revision {
  readonly id: string;
  readonly files: RevisionFiles;
  /** The same files, for those who read without asking a rendering to look there. */
  readonly tree: GitTree;
  readonly parsed: ParsedFleetConfig;
  readonly policies: PolicySets;
}

/** Which commit, and the directory of its fleet configuration. */
export interface Named {
  readonly id: string;
  readonly fleetPath: string;
}

/** Reads the fleet configuration of a commit; it is that of `known` where the files are the same. */
export async function openRevision(
  repository: Repository,
  { id, fleetPath, known }: Named & { readonly known?: Revision },
  signal: AbortSignal,
): Promise<Revision> {
  const tree = await repository.tree(id, signal);
  const files = new RevisionFiles(tree, signal);
  await files.need([fleetPath]);
  if (known && files.identityBelow(fleetPath) === known.files.identityBelow(fleetPath))
    return { ...known, id, files, tree };
  const parsed = parsedFleet(files.files(fleetPath), fleetPath);
  return { id, files, tree, parsed, policies: new PolicySets(parsed.config.policies) };
}
