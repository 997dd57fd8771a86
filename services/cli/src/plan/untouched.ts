import { canonicalJson } from '@meridian/manifests';
import type { Comparison, Documents } from './compare-clusters.ts';
import type { PlacedCluster, Placement } from './rendering.ts';

/**
 * The clusters in which a change can matter to an application, told without rendering it. They are all of them unless its documents
 * and its directory are the same and nothing in its directory can lead out of it; else those that differ themselves, or in what
 * policies hold them to.
 */
export async function touchedPlacements(
  documents: Documents,
  placements: readonly PlacedCluster[],
  comparison: Comparison,
): Promise<readonly PlacedCluster[]> {
  return (await isSameEverywhere(documents, comparison))
    ? placements.filter((placed) => !isSamePlace(placed))
    : placements;
}

async function isSameEverywhere(
  { before, after }: Documents,
  { base, head: { files, tree }, tools: { signal } }: Comparison,
): Promise<boolean> {
  const { path } = after.application;
  if (!before || base.files.identityBelow(path) !== files.identityBelow(path)) return false;
  if (canonicalJson(before) !== canonicalJson(after)) return false;
  await tree.read([path], signal);
  return files.files(path).every((file) => staysInside(file, path));
}

function isSamePlace(placed: PlacedCluster): boolean {
  const [before, after] = [placeText(placed.before), placeText(placed.after)];
  return before === after;
}

function placeText(placement: Placement | undefined): string | undefined {
  return placement && `${placement.policies.digest} ${canonicalJson(placement.cluster)}`;
}

/** YAML escapes could hide dots, and a built configuration could be put together from parts of others. */
const unclear = /\\[xuU\r\n]|generators|transformers|validators/;

/**
 * A path in a file is relative to the directory of its kustomization, so it leads out only when the file has more `..` than
 * there are directories to climb. All of the file are counted: that is more than any one path can have.
 */
function staysInside(
  { path, text }: { readonly path: string; readonly text: string | undefined },
  dir: string,
): boolean {
  if (text === undefined) return true;
  const depth = path.slice(dir.length + 1).split('/').length - 1;
  return (text.match(/\.\./g)?.length ?? 0) <= depth && !unclear.test(text);
}
