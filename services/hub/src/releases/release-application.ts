import { matchesSelector } from '@meridian/fleet';
import type { Application, Cluster, Declaration, ParsedFleetConfig, RolloutStrategy } from '@meridian/fleet';
import { labelsSeen, renderingContext } from '@meridian/kustomize';
import { canonicalJson } from '@meridian/manifests';
import { noPolicies } from '@meridian/policy';
import type { PolicySets } from '@meridian/policy';
import { renderInRevision } from '@meridian/rendering';
import type { ChartRenderer, Reads, Rendering, RenderPool, RevisionFiles } from '@meridian/rendering';
import type { BundleCache } from './bundle-cache.ts';
import type { KeptApplications } from './kept-applications.ts';
import { releasedBy } from './released.ts';
import type { Released } from './released.ts';

/** An application with its strategy and the clusters that it is placed in. */
export interface Placed {
  readonly application: Application;
  readonly strategy: RolloutStrategy;
  readonly declaration: Declaration | undefined;
  readonly clusters: readonly Cluster[];
}

/** What the renderings of one revision have in common. */
export interface RenderWork {
  readonly files: RevisionFiles;
  readonly cache: BundleCache;
  readonly pool: RenderPool;
  readonly charts: ChartRenderer;
  /** What bundles are held to; nothing unless told. */
  readonly policies?: PolicySets;
  readonly signal: AbortSignal;
}

/** What releasing the applications of one revision has in common. */
export interface ReleaseWork extends Omit<RenderWork, 'signal'> {
  readonly kept: KeptApplications;
  readonly revision: string;
  readonly slices: Slices;
  /** How many renderings of an application are under way at once. */
  readonly lanes: number;
}

/** Between slices of this length everything else on the event loop gets its turn. */
const sliceMs = 25;

/** All applications of a configuration with the clusters that their placements select, in its order. */
export function placementsOf({ config, declarations }: ParsedFleetConfig): Placed[] {
  const { applications, clusters, strategies } = config;
  return applications.flatMap((application) => {
    const strategy = strategies.find(({ name }) => name === application.rolloutStrategy);
    const inside = clusters.filter(({ labels }) => matchesSelector(application.placement, labels));
    const declaration = declarations.get(application.name);
    return strategy ? [{ application, strategy, declaration, clusters: inside }] : [];
  });
}

/** Renders an application for every cluster it is placed in, unless nothing of it differs from the last time. */
export async function releaseApplication(
  placed: Placed,
  work: ReleaseWork,
  signal: AbortSignal,
): Promise<Released> {
  const { kept, files, revision } = work;
  const known = kept.find(placed, files);
  if (known) return releasedBy(placed, revision, known);
  const found = await renderEach(placed, { ...work, signal });
  const renderings = new Map([...found].map(([cluster, { rendering: one }]) => [cluster, one] as const));
  const reads = [...found.values()].flatMap(({ reads: each }) => each ?? []);
  if (reads.length === placed.clusters.length) kept.keep(placed, files, { renderings, reads });
  return releasedBy(placed, revision, renderings);
}

/** Lets the event loop have its turn between slices, however much of the work is known already. */
export class Slices {
  #startedAt = performance.now();
  #next: Promise<void> | undefined;

  /** Gives way when the slice is over. */
  async breathe(): Promise<void> {
    if (!this.#next && performance.now() - this.#startedAt < sliceMs) return;
    this.#next ??= new Promise((resolve) => {
      setImmediate(() => {
        this.#startedAt = performance.now();
        this.#next = undefined;
        resolve();
      });
    });
    await this.#next;
  }
}

interface Rendered {
  readonly rendering: Rendering;
  /** Undefined when a limit ended it. */
  readonly reads: Reads | undefined;
}

/** A rendering that met a limit freezes its application anyhow; further ones would only cost as much again. */
async function renderEach(
  { application, clusters }: Placed,
  work: ReleaseWork & Pick<RenderWork, 'signal'>,
): Promise<ReadonlyMap<Cluster, Rendered>> {
  const found = new Map<Cluster, Rendered>();
  const rest = clusters.values();
  const limited = new AbortController();
  const within = { ...work, signal: AbortSignal.any([work.signal, limited.signal]) };
  const lane = async () => {
    for (const cluster of rest) {
      const one = await rendered(application, cluster, within);
      found.set(cluster, one);
      if (!one.rendering.ok && one.rendering.isLimit) limited.abort();
      if (limited.signal.aborted) return;
      await work.slices.breathe();
    }
  };
  const calledOff = (error: unknown) => {
    if (work.signal.aborted || !limited.signal.aborted) throw error;
  };
  const lanes = Math.min(work.lanes, clusters.length);
  await Promise.all(Array.from({ length: lanes }, () => lane().catch(calledOff)));
  return new Map(
    clusters.flatMap((cluster) => {
      const one = found.get(cluster);
      return one ? [[cluster, one] as const] : [];
    }),
  );
}

/** One rendering, the last one when everything that it looked at is still the same. */
export async function rendering(
  application: Application,
  cluster: Cluster,
  work: RenderWork,
): Promise<Rendering> {
  return (await rendered(application, cluster, work)).rendering;
}

async function rendered(application: Application, cluster: Cluster, work: RenderWork): Promise<Rendered> {
  const { files, cache, pool, charts, signal } = work;
  const key = `${application.name}/${cluster.name}`;
  const policies = work.policies?.for(application, cluster) ?? noPolicies;
  // Policies see all of the application, and say so by their digest.
  const seen = policies.digest === '' ? '' : `${policies.digest} ${canonicalJson(application)}`;
  const context = `${renderingContext(application, cluster)}${seen}`;
  const cached = cache.get(
    key,
    context,
    ({ reads, labelReads, labels }) =>
      labels === labelsSeen(labelReads, cluster.labels) && files.matches(reads),
  );
  if (cached) return cached;
  const made = await renderInRevision({ files, pool, charts }, { application, cluster, policies }, signal);
  const { reads, labelReads, rendering: found } = made;
  const labels = labelsSeen(labelReads, cluster.labels);
  if (reads) cache.set(key, { context, reads, labelReads, labels, rendering: found });
  return made;
}
