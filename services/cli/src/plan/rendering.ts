import type { Application, Cluster } from '@meridian/fleet';
import type { ChartBook } from '@meridian/helm';
import {
  chartFiles,
  labelsSeen,
  renderingContext,
  type BuildCache,
  type ChartRequest,
  type ResolvedApplication,
} from '@meridian/kustomize';
import { canonicalJson } from '@meridian/manifests';
import { resolveUnderPolicies, type Judge, type PolicySet } from '@meridian/policy';
import { FaultError } from '@meridian/runtime';
import type { Reads, Revision } from './revision.ts';

/** An application in a cluster at a revision, rendered, and what that looked at. */
export interface Rendering {
  readonly resolved: ResolvedApplication;
  readonly reads: Reads;
}

/** What is rendered, for whom, and what it is held to. */
export interface Placement {
  readonly application: Application;
  readonly cluster: Cluster;
  readonly policies: PolicySet;
}

/** A resolver that looks outside its application is given what it looked at and asked again, at most this often. */
const mostRounds = 20;

/** What renderings share. */
export interface RenderTools {
  readonly cache: BuildCache;
  readonly judge: Judge;
  readonly charts: ChartBook;
  readonly signal: AbortSignal;
}

/** Renders an application for a cluster at a revision. Throws FaultError `exhausted` when it always wants more files. */
export async function render(
  { files }: Revision,
  { policies: { policies }, ...placement }: Placement,
  { cache, judge, charts, signal }: RenderTools,
): Promise<Rendering> {
  await files.need([placement.application.path]);
  for (let round = 0; round < mostRounds; round += 1) {
    const { tree, reads, misses } = files.look();
    const resolved = await charts.build(
      {
        // What it asks for while files are missing may not be all that they ask for.
        build: (outputOf) =>
          resolveUnderPolicies(
            {
              tree,
              ...placement,
              cache,
              charts: (request) => (misses.size > 0 ? undefined : outputOf(request)),
            },
            policies,
            judge,
          ),
        contentOf: async (request: ChartRequest) => {
          await files.need([request.dir]);
          return chartFiles(files.look().tree, request);
        },
      },
      signal,
    );
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
  { reads, resolved: { labelReads } }: Rendering,
  [before, after]: readonly [Placement, Placement],
): boolean {
  const [old, now] = [before, after].map(({ application, cluster, policies }) =>
    [
      renderingContext(application, cluster),
      policies.digest,
      policies.digest === '' ? '' : canonicalJson(application),
      labelsSeen(labelReads, cluster.labels),
    ].join(' '),
  );
  return old === now && files.matches(reads);
}
