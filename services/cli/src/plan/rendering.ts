import type { Application, Cluster } from '@meridian/fleet';
import { resolveApplication, type BuildCache, type ResolvedApplication } from '@meridian/kustomize';
import { canonicalJson } from '@meridian/manifests';
import { FaultError } from '@meridian/runtime';
import type { Reads, Revision } from './revision.ts';

/** An application in a cluster at a revision, rendered, and what that looked at. */
export interface Rendering {
  readonly resolved: ResolvedApplication;
  readonly reads: Reads;
}

/** What is rendered, and for whom. */
export interface Placement {
  readonly application: Application;
  readonly cluster: Cluster;
}

/** A resolver that looks outside its application is given what it looked at and asked again, at most this often. */
const mostRounds = 20;

/** Renders an application for a cluster at a revision. Throws FaultError `exhausted` when it always wants more files. */
export async function render(
  { files }: Revision,
  placement: Placement,
  cache: BuildCache,
): Promise<Rendering> {
  await files.need([placement.application.path]);
  for (let round = 0; round < mostRounds; round += 1) {
    const { tree, reads, misses } = files.look();
    const resolved = resolveApplication({ tree, ...placement, cache });
    if (misses.size === 0) return { resolved, reads };
    await files.need([...misses].map((path) => path.slice(0, Math.max(0, path.lastIndexOf('/'))) || path));
  }
  const { name } = placement.application;
  const message = `${name} refers to more than ${mostRounds} levels of directories outside its own`;
  throw new FaultError('exhausted', message, { retry: 'never' });
}

/** Whether a rendering of the base is that of the head, too: everything that it was made of is the same. */
export function isSameRendering(
  { files }: Revision,
  { reads }: Rendering,
  [before, after]: readonly [Placement, Placement],
): boolean {
  return canonicalJson(before) === canonicalJson(after) && files.matches(reads);
}
