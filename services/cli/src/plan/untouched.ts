import type { ApplicationDocuments } from '@meridian/diff';
import { canonicalJson } from '@meridian/manifests';
import type { Revision } from './revision.ts';

/**
 * Whether a change cannot matter to an application, told without rendering it: its documents, the clusters, the policies and its directory
 * are the same, and nothing in its directory can lead out of it.
 */
export function isUntouched(
  before: ApplicationDocuments | undefined,
  after: ApplicationDocuments,
  { base, head }: { readonly base: Revision; readonly head: Revision },
): boolean {
  const { path } = after.application;
  return (
    before !== undefined &&
    canonicalJson([before, base.parsed.config.clusters, base.parsed.config.policies]) ===
      canonicalJson([after, head.parsed.config.clusters, head.parsed.config.policies]) &&
    base.files.contentBelow(path) === head.files.contentBelow(path) &&
    head.files.files(path).every((file) => staysInside(file, path))
  );
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
