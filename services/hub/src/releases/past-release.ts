import { parseFleetConfig } from '@meridian/fleet';
import type { GitTree } from '@meridian/git';
import { PolicySets } from '@meridian/policy';
import { RevisionFiles } from '@meridian/rendering';
import type { ChartRenderer, RenderPool } from '@meridian/rendering';
import { FaultError } from '@meridian/runtime';
import { BundleCache } from './bundle-cache.ts';
import { KeptApplications } from './kept-applications.ts';
import { lanesOf } from './lanes.ts';
import { readConfig } from './read-config.ts';
import { placementsOf, releaseApplication, Slices } from './release-application.ts';
import type { ReleasedApplication } from './released.ts';

/** What makes releases of the past again. */
export interface PastReleasePorts {
  readonly tree: (revision: string, signal: AbortSignal) => Promise<GitTree>;
  readonly fleetPath: string;
  readonly pool: RenderPool;
  readonly charts: ChartRenderer;
}

/**
 * Makes the release of one application at a revision of the past again, without a trace in what is known of the newest
 * one. Throws FaultError: `not_found` when that revision does not have the application, `conflict` when it cannot be
 * rendered any more or gives another release than it gave then, and whatever reading the revision throws.
 */
export async function pastRelease(
  ports: PastReleasePorts,
  wanted: { readonly application: string; readonly revision: string; readonly digest: string },
  signal: AbortSignal,
): Promise<ReleasedApplication> {
  const { application, revision, digest } = wanted;
  const { pool, charts, fleetPath } = ports;
  const files = new RevisionFiles(await ports.tree(revision, signal), signal);
  const parsed = await readConfig(files, fleetPath, parseFleetConfig);
  const placed = placementsOf(parsed).find((one) => one.application.name === application);
  const at = `revision ${revision.slice(0, 7)}`;
  if (!placed)
    throw new FaultError('not_found', `${at} has no application ${application}`, { retry: 'never' });
  await files.need([placed.application.path]);
  const work = {
    files,
    cache: new BundleCache(0),
    pool,
    charts,
    policies: new PolicySets(parsed.config.policies),
    kept: new KeptApplications(),
    revision,
    lanes: lanesOf(1),
    slices: new Slices(),
  };
  const released = await releaseApplication(placed, work, signal);
  if ('problems' in released) {
    const why = released.problems[0]?.message ?? '';
    throw conflict(`${application} cannot be rendered at ${at} any more: ${why}`);
  }
  if (released.release.digest !== digest)
    throw conflict(
      `${application} renders at ${at} to something else than it did then, so it cannot go back there; revert in git instead`,
    );
  return released;
}

function conflict(message: string): FaultError {
  return new FaultError('conflict', message, { retry: 'never' });
}
