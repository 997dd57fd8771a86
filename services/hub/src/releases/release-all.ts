import { matchesSelector } from '@meridian/fleet';
import type {
  Application,
  Cluster,
  ParsedFleetConfig,
  Problem,
  Release,
  RolloutStrategy,
} from '@meridian/fleet';
import { canonicalJson, sha256Digest } from '@meridian/manifests';
import { renderInRevision } from '@meridian/rendering';
import type {
  ChartRenderer,
  RenderedBundle,
  Rendering,
  RenderPool,
  RevisionFiles,
} from '@meridian/rendering';
import type { BundleCache } from './bundle-cache.ts';
import { mergedProblems } from './problems.ts';

/** An application that was resolved for every cluster it is placed in. */
export interface ReleasedApplication {
  readonly application: Application;
  readonly strategy: RolloutStrategy;
  readonly release: Release;
  readonly labels: { readonly [cluster: string]: { readonly [key: string]: string } };
  readonly bundles: ReadonlyMap<string, RenderedBundle>;
}

/** What the renderings of one revision have in common. */
export interface RenderWork {
  readonly files: RevisionFiles;
  readonly cache: BundleCache;
  readonly pool: RenderPool;
  readonly charts: ChartRenderer;
  readonly revision: string;
  readonly signal: AbortSignal;
}

/** An application's release, or what freezes it. */
export type Released = ReleasedApplication | { readonly problems: readonly Problem[] };

/** Between slices of this length everything else on the event loop gets its turn. */
const sliceMs = 25;
/** Renderings of one application under way at once: enough that no thread waits for the hub, and that more than one is started. */
const mostUnderWay = 64;

/**
 * Renders every application of a revision for every cluster it is placed in, all of them beside each other, and gives them in
 * the order of the configuration. When one throws, the others are called off and that is thrown.
 */
export async function releaseAll(parsed: ParsedFleetConfig, work: RenderWork): Promise<Released[]> {
  const { applications, clusters, strategies } = parsed.config;
  const placed = applications.flatMap((application) => {
    const strategy = strategies.find(({ name }) => name === application.rolloutStrategy);
    const inside = clusters.filter(({ labels }) => matchesSelector(application.placement, labels));
    return strategy ? [{ application, strategy, clusters: inside }] : [];
  });
  await work.files.need(placed.map(({ application }) => application.path));
  const stopping = new AbortController();
  const signal = AbortSignal.any([work.signal, stopping.signal]);
  const slices = new Slices();
  try {
    return await Promise.all(
      placed.map(async (one) => {
        const renderings = await renderEach(one, { ...work, signal }, slices);
        return released(one.application, one.strategy, { renderings, revision: work.revision });
      }),
    );
  } finally {
    stopping.abort();
  }
}

/** Lets the event loop have its turn between slices, however much of the work is known already. */
class Slices {
  #startedAt = performance.now();
  #next: Promise<void> | undefined;

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

/** A rendering that met a limit freezes its application anyhow; further ones would only cost as much again. */
async function renderEach(
  { application, clusters }: { readonly application: Application; readonly clusters: readonly Cluster[] },
  work: RenderWork,
  slices: Slices,
): Promise<ReadonlyMap<Cluster, Rendering>> {
  const renderings = new Map<Cluster, Rendering>();
  const rest = clusters.values();
  let isLimited = false;
  const lane = async () => {
    for (const cluster of rest) {
      if (isLimited) return;
      const found = await rendering(application, cluster, work);
      renderings.set(cluster, found);
      isLimited ||= !found.ok && found.isLimit === true;
      await slices.breathe();
    }
  };
  await Promise.all(Array.from({ length: Math.min(mostUnderWay, clusters.length) }, lane));
  return new Map(
    clusters.flatMap((cluster) => {
      const found = renderings.get(cluster);
      return found ? [[cluster, found] as const] : [];
    }),
  );
}

function released(
  application: Application,
  strategy: RolloutStrategy,
  { renderings, revision }: { renderings: ReadonlyMap<Cluster, Rendering>; revision: string },
): Released {
  const errors = [...renderings.values()].flatMap((one) => (one.ok ? [] : one.errors));
  if (errors.length > 0) return { problems: mergedProblems(application.name, revision, errors) };
  const bundles = new Map<string, RenderedBundle>();
  for (const [cluster, one] of renderings) if (one.ok) bundles.set(cluster.name, one.bundle);
  const refs = [...bundles].map(
    ([name, { digest, keys }]) => [name, { digest, objects: keys.length }] as const,
  );
  const content = { application: application.name, revision, bundles: Object.fromEntries(refs) };
  return {
    application,
    strategy,
    labels: Object.fromEntries([...renderings.keys()].map(({ name, labels }) => [name, labels])),
    release: { digest: sha256Digest(canonicalJson(content)), ...content },
    bundles,
  };
}

/** One rendering, the last one when everything that it looked at is still the same. */
export async function rendering(
  application: Application,
  cluster: Cluster,
  { files, cache, pool, charts, signal }: RenderWork,
): Promise<Rendering> {
  const key = `${application.name}/${cluster.name}`;
  const context = canonicalJson({ application, cluster });
  const cached = cache.get(key, context, (reads) => files.matches(reads));
  if (cached) return cached;
  const { reads, rendering: found } = await renderInRevision(
    { files, pool, charts },
    { application, cluster },
    signal,
  );
  if (reads) cache.set(key, { context, reads, rendering: found });
  return found;
}
