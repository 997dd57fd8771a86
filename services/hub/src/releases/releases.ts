import { parseFleetConfig, withDeclaredPlace } from '@meridian/fleet';
import type { FleetConfig, ParsedFleetConfig, Problem } from '@meridian/fleet';
import type { GitTree } from '@meridian/git';
import type { KubeObject } from '@meridian/manifests';
import { PolicySets } from '@meridian/policy';
import { RevisionFiles } from '@meridian/rendering';
import type { ChartRenderer, RenderedBundle, RenderPool } from '@meridian/rendering';
import { FaultError, errorText, systemClock } from '@meridian/runtime';
import type { Clock } from '@meridian/runtime';
import { BundleCache } from './bundle-cache.ts';
import { mergedProblems } from './problems.ts';
import type { KnownConfiguration } from './problems.ts';
import { KeptApplications } from './kept-applications.ts';
import { lanesOf } from './lanes.ts';
import { memoizedParse, readConfig } from './read-config.ts';
import { pastRelease } from './past-release.ts';
import { placementsOf, releaseApplication, rendering, Slices } from './release-application.ts';
import type { RenderWork } from './release-application.ts';
import type { ReleasedApplication } from './released.ts';
import { RevisionWork } from './revision-work.ts';
import { untouched } from './touched-first.ts';
import type { TouchedPorts } from './touched-first.ts';

/** Everything one revision says. An application that is not in `released` is frozen, and `problems` say why. */
export interface RevisionReleases {
  readonly revision: string;
  readonly config: FleetConfig;
  readonly released: readonly ReleasedApplication[];
  readonly problems: readonly Problem[];
  /** Applications that are still being rendered; they are frozen until then. */
  readonly pending: readonly string[];
  /** What is worth a warning in what is released. */
  readonly warnings: readonly Problem[];
  readonly known: KnownConfiguration;
}

export type { ReleasedApplication } from './released.ts';

/** One rendered application in one cluster, or why it cannot be rendered. */
export type Render =
  | {
      readonly ok: true;
      readonly revision: string;
      readonly digest: string;
      readonly objects: readonly KubeObject[];
    }
  | { readonly ok: false; readonly revision: string; readonly problems: readonly Problem[] };

/** A bundle that is looked for, and the revision that it was made at. */
export interface WantedBundle {
  readonly application: string;
  readonly cluster: string;
  readonly digest: string;
  readonly revision: string;
}

/** Resolves revisions of the fleet repo to releases. */
export interface Releases {
  /**
   * The releases of a revision; without those of applications that take long, which `latest` has when they are done. Throws
   * FaultError when the revision cannot be read.
   */
  at(revision: string, signal: AbortSignal): Promise<RevisionReleases>;
  /** What was resolved last, for views; undefined before the first time. */
  latest(): RevisionReleases | undefined;
  /** Calls `tell` whenever `latest` has changed without being asked for, until the signal aborts. */
  onMore(tell: () => void, signal: AbortSignal): void;
  /** Ends what is under way. */
  stop(): void;
  /** Why the revision that was asked for last could not be read at all; undefined when it could. */
  failure(): Problem | undefined;
  /** The clusters and the last good document of every application, frozen ones too, as far as this process has seen them. */
  configuration(): Pick<FleetConfig, 'clusters' | 'applications'>;
  /** Renders one application for one cluster at a revision, the newest resolved one unless told. Throws FaultError `not_found`. */
  render(application: string, cluster: string, revision?: string): Promise<Render>;
  /**
   * Makes a bundle again: as resolved last when that has the digest, else rendered at its revision, which changes nothing
   * of what is `latest`. Undefined when that gives another digest or none. Throws FaultError when the revision cannot be read.
   */
  bundle(wanted: WantedBundle, signal: AbortSignal): Promise<RenderedBundle | undefined>;
  /** Makes the release of one application at a revision of the past again. Throws as `pastRelease` does. */
  past(wanted: Parameters<typeof pastRelease>[1], signal: AbortSignal): Promise<ReleasedApplication>;
}

/** Options of `createReleases`. */
export interface ReleasesOptions {
  readonly tree: (revision: string, signal: AbortSignal) => Promise<GitTree>;
  readonly fleetPath: string;
  /** Where rendering runs, beside the event loop. */
  readonly pool: RenderPool;
  /** What renders Helm charts. */
  readonly charts: ChartRenderer;
  /** The revision that an application was rolled out at last, as far as anybody knows: what differs from it is rendered first. */
  readonly rolledOut?: TouchedPorts['rolledOut'];
  /** Needed for that. */
  readonly directoryIds?: TouchedPorts['directoryIds'];
  /** Bytes of rendered bundles kept in memory; 512 MiB unless told: what is resolved is held anyhow, and a fleet of 20,000 bundles takes 200. */
  readonly cacheBytes?: number;
  readonly clock?: Pick<Clock, 'wait' | 'monotonicMs'>;
  /** How long applications are waited for once others are done; 2 s unless told. */
  readonly patienceMs?: number;
  /** Called with the seconds that a revision took. */
  readonly onResolved?: (seconds: number) => void;
}

const renderTimeoutMs = 30_000;
/** Long enough that what a commit touches is mostly done, and little beside what a rollout takes. */
const defaultPatienceMs = 2_000;

/** Makes releases. One revision is resolved at a time; asking for the same one again gives the same answer. */
export function createReleases(options: ReleasesOptions): Releases {
  const cache = new BundleCache(options.cacheBytes ?? 512 * 1024 * 1024);
  const { pool, charts } = options;
  const parse = memoizedParse();
  const kept = new KeptApplications();
  const clock = options.clock ?? systemClock;
  const listeners = new Set<() => void>();
  let work: RevisionWork | undefined;
  let latest: RevisionReleases | undefined;
  let failure: Problem | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  let seen: Seen = { clusters: [], applications: [] };

  /** The work goes on when whoever asked for it has gone with what was there by then, so it has a signal of its own. */
  const open = async (revision: string, stopping: AbortController) => {
    const { signal } = stopping;
    const files = new RevisionFiles(await options.tree(revision, signal), signal);
    const parsed = await readConfig(files, options.fleetPath, parse);
    const placed = placementsOf(parsed);
    await files.need(placed.map(({ application }) => application.path));
    kept.retain(new Set(placed.map(({ application }) => application.name)));
    const policies = new PolicySets(parsed.config.policies);
    const lanes = lanesOf(placed.length);
    const cold = placed.filter(({ application }) => !kept.has(application.name));
    const { rolledOut, directoryIds } = options;
    const later =
      rolledOut && directoryIds
        ? await untouched(cold, revision, { rolledOut, directoryIds }, signal)
        : new Set<string>();
    const shared = { files, cache, pool, charts, policies, kept, revision, lanes, slices: new Slices() };
    const begun = new RevisionWork({
      revision,
      placed,
      later,
      stopping,
      clock,
      release: (one, within) => releaseApplication(one, shared, within),
      onMore: () => {
        latest = releasesOf(parsed, begun, { revision, fleetPath: options.fleetPath });
        for (const tell of listeners) tell();
      },
    });
    return { parsed, begun };
  };

  const resolve = async (revision: string, signal: AbortSignal): Promise<RevisionReleases> => {
    if (latest?.revision === revision && work) {
      failure = undefined;
      return latest;
    }
    signal.throwIfAborted();
    const started = performance.now();
    const stopping = new AbortController();
    const stop = () => stopping.abort(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    try {
      const { parsed, begun } = await open(revision, stopping);
      work?.stop();
      work = undefined;
      await begun.begin(options.patienceMs ?? defaultPatienceMs, signal);
      work = begun;
      latest = releasesOf(parsed, begun, { revision, fleetPath: options.fleetPath });
      seen = seenIn(parsed, seen);
    } finally {
      signal.removeEventListener('abort', stop);
    }
    failure = undefined;
    options.onResolved?.((performance.now() - started) / 1000);
    return latest;
  };

  return {
    latest: () => latest,
    onMore(tell, signal) {
      if (signal.aborted) return;
      listeners.add(tell);
      signal.addEventListener('abort', () => listeners.delete(tell), { once: true });
    },
    stop: () => work?.stop(),
    failure: () => failure,
    configuration: () => seen,
    at(revision, signal) {
      const result = turn
        .then(() => resolve(revision, signal))
        .catch((error: unknown) => {
          if (error instanceof FaultError && !signal.aborted) {
            const message = `revision ${revision.slice(0, 7)} cannot be read: ${errorText(error)}`;
            failure = { file: options.fleetPath, revision, message, fix: 'push a commit that can be read' };
          }
          throw error;
        });
      turn = result.catch(() => undefined);
      return result;
    },
    async render(name, clusterName, revision = latest?.revision) {
      if (revision === undefined) {
        throw new FaultError('unavailable', 'no revision of the fleet repo has been read yet', {
          retry: 'later',
        });
      }
      const signal = AbortSignal.timeout(renderTimeoutMs);
      const files = new RevisionFiles(await options.tree(revision, signal), signal);
      const parsed = await readConfig(files, options.fleetPath, parseFleetConfig);
      const source = { files, cache: new BundleCache(0), pool, charts, signal };
      return renderOne(parsed, source, { name, clusterName, revision }).catch((error: unknown) => {
        if (!signal.aborted || error instanceof FaultError) throw error;
        throw new FaultError('timeout', `${name} was not rendered in ${renderTimeoutMs} ms`, {
          retry: 'later',
        });
      });
    },
    past: (wanted, signal) => pastRelease(options, wanted, signal),
    async bundle({ application: name, cluster: clusterName, digest, revision }, signal) {
      const last = latest?.released.find(({ application }) => application.name === name);
      const known = last?.bundles.get(clusterName);
      if (known?.digest === digest) return known;
      const files = new RevisionFiles(await options.tree(revision, signal), signal);
      const { config } = await readConfig(files, options.fleetPath, parseFleetConfig);
      const application = config.applications.find((one) => one.name === name);
      const cluster = config.clusters.find((one) => one.name === clusterName);
      if (!application || !cluster) return undefined;
      const found = await rendering(application, cluster, {
        files,
        cache: new BundleCache(0),
        pool,
        charts,
        signal,
      });
      return found.ok && found.bundle.digest === digest ? found.bundle : undefined;
    },
  };
}

type Seen = Pick<FleetConfig, 'clusters' | 'applications'>;

function seenIn({ config, incomplete }: ParsedFleetConfig, before: Seen): Seen {
  return {
    clusters: merged(config.clusters, incomplete ? before.clusters : []),
    applications: merged(config.applications, before.applications),
  };
}

function releasesOf(
  parsed: ParsedFleetConfig,
  { results, pending }: RevisionWork,
  { revision, fleetPath }: { readonly revision: string; readonly fleetPath: string },
): RevisionReleases {
  const { config, origins, problems, incomplete } = parsed;
  const names = [...Object.keys(origins), ...config.applications.map(({ name }) => name)];
  return {
    revision,
    config,
    released: results.flatMap((result) => ('release' in result ? [result] : [])),
    problems: [
      ...problems.map((problem) => ({ ...problem, revision })),
      ...results.flatMap((result) => ('problems' in result ? result.problems : [])),
    ],
    pending,
    warnings: results.flatMap((result) => ('release' in result ? result.warnings : [])),
    known: { revision, fleetPath, named: new Set(names), incomplete },
  };
}

/** The new ones, and those of before that have no successor. */
function merged<T extends { readonly name: string }>(now: readonly T[], before: readonly T[]): T[] {
  const names = new Set(now.map(({ name }) => name));
  return [...now, ...before.filter(({ name }) => !names.has(name))];
}

async function renderOne(
  parsed: ParsedFleetConfig,
  work: RenderWork,
  { name, clusterName, revision }: { name: string; clusterName: string; revision: string },
): Promise<Render> {
  const application = parsed.config.applications.find((one) => one.name === name);
  const cluster = parsed.config.clusters.find((one) => one.name === clusterName);
  const problems = parsed.problems.filter(
    (problem) => problem.application === undefined || problem.application === name,
  );
  if (!application && problems.length > 0) return { ok: false, revision, problems };
  if (!application) throw notFound(`there is no application ${name} at revision ${revision.slice(0, 7)}`);
  if (!cluster) throw notFound(`there is no cluster ${clusterName} at revision ${revision.slice(0, 7)}`);
  const found = await rendering(application, cluster, work);
  if (!found.ok) {
    const declaration = parsed.declarations.get(name);
    const errors = found.errors.map((error) => withDeclaredPlace(error, application.path, declaration));
    return { ok: false, revision, problems: mergedProblems(name, revision, errors) };
  }
  const { objects } = JSON.parse(new TextDecoder().decode(found.bundle.bytes)) as {
    objects: readonly KubeObject[];
  };
  return { ok: true, revision, digest: found.bundle.digest, objects };
}

function notFound(message: string): FaultError {
  return new FaultError('not_found', message, { retry: 'never' });
}
