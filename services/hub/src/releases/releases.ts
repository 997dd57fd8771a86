import { parseFleetConfig } from '@meridian/fleet';
import type { FleetConfig, ParsedFleetConfig, Problem } from '@meridian/fleet';
import type { GitTree } from '@meridian/git';
import type { KubeObject } from '@meridian/manifests';
import { RevisionFiles } from '@meridian/rendering';
import type { ChartRenderer, RenderedBundle, RenderPool } from '@meridian/rendering';
import { FaultError, errorText } from '@meridian/runtime';
import { BundleCache } from './bundle-cache.ts';
import { mergedProblems } from './problems.ts';
import type { KnownConfiguration } from './problems.ts';
import { releaseAll, rendering } from './release-all.ts';
import type { ReleasedApplication, RenderWork } from './release-all.ts';

/** Everything one revision says. An application that is not in `released` is frozen, and `problems` say why. */
export interface RevisionReleases {
  readonly revision: string;
  readonly config: FleetConfig;
  readonly released: readonly ReleasedApplication[];
  readonly problems: readonly Problem[];
  readonly known: KnownConfiguration;
}

export type { ReleasedApplication } from './release-all.ts';

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
  /** The releases of a revision. Throws FaultError when the revision cannot be read. */
  at(revision: string, signal: AbortSignal): Promise<RevisionReleases>;
  /** What was resolved last, for views; undefined before the first time. */
  latest(): RevisionReleases | undefined;
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
}

/** Options of `createReleases`. */
export interface ReleasesOptions {
  readonly tree: (revision: string, signal: AbortSignal) => Promise<GitTree>;
  readonly fleetPath: string;
  /** Where rendering runs, beside the event loop. */
  readonly pool: RenderPool;
  /** What renders Helm charts. */
  readonly charts: ChartRenderer;
  /** Bytes of rendered bundles kept in memory; 512 MiB unless told: what is resolved is held anyhow, and a fleet of 20,000 bundles takes 200. */
  readonly cacheBytes?: number;
  /** Called with the seconds that a revision took. */
  readonly onResolved?: (seconds: number) => void;
}

const renderTimeoutMs = 30_000;

/** Makes releases. One revision is resolved at a time; asking for the same one again gives the same answer. */
export function createReleases(options: ReleasesOptions): Releases {
  const cache = new BundleCache(options.cacheBytes ?? 512 * 1024 * 1024);
  const { pool, charts } = options;
  const parse = memoizedParse();
  let latest: RevisionReleases | undefined;
  let failure: Problem | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  let seen: Pick<FleetConfig, 'clusters' | 'applications'> = { clusters: [], applications: [] };

  const resolve = async (revision: string, signal: AbortSignal): Promise<RevisionReleases> => {
    if (latest?.revision === revision) {
      failure = undefined;
      return latest;
    }
    signal.throwIfAborted();
    const started = performance.now();
    const files = new RevisionFiles(await options.tree(revision, signal), signal);
    const parsed = await readConfig(files, options.fleetPath, parse);
    const results = await releaseAll(parsed, { files, cache, pool, charts, revision, signal });
    latest = {
      revision,
      config: parsed.config,
      released: results.flatMap((result) => ('release' in result ? [result] : [])),
      problems: [
        ...parsed.problems.map((problem) => ({ ...problem, revision })),
        ...results.flatMap((result) => ('problems' in result ? result.problems : [])),
      ],
      known: {
        revision,
        fleetPath: options.fleetPath,
        named: new Set([
          ...Object.keys(parsed.origins),
          ...parsed.config.applications.map(({ name }) => name),
        ]),
        incomplete: parsed.incomplete,
      },
    };
    seen = {
      clusters: merged(parsed.config.clusters, parsed.incomplete ? seen.clusters : []),
      applications: merged(parsed.config.applications, seen.applications),
    };
    failure = undefined;
    options.onResolved?.((performance.now() - started) / 1000);
    return latest;
  };

  return {
    latest: () => latest,
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
      const work = { files, cache: new BundleCache(0), pool, charts, revision, signal };
      return renderOne(parsed, work, { name, clusterName }).catch((error: unknown) => {
        if (!signal.aborted || error instanceof FaultError) throw error;
        throw new FaultError('timeout', `${name} was not rendered in ${renderTimeoutMs} ms`, {
          retry: 'later',
        });
      });
    },
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
        revision,
        signal,
      });
      return found.ok && found.bundle.digest === digest ? found.bundle : undefined;
    },
  };
}

/** The new ones, and those of before that have no successor. */
function merged<T extends { readonly name: string }>(now: readonly T[], before: readonly T[]): T[] {
  const names = new Set(now.map(({ name }) => name));
  return [...now, ...before.filter(({ name }) => !names.has(name))];
}

type Parse = (files: readonly { readonly path: string; readonly text: string }[]) => ParsedFleetConfig;

/** Most commits leave the fleet configuration alone. */
function memoizedParse(): Parse {
  let last: { key: string; parsed: ParsedFleetConfig } | undefined;
  return (files) => {
    const key = JSON.stringify(files.map(({ path, text }) => [path, text]));
    if (last?.key !== key) last = { key, parsed: parseFleetConfig(files) };
    return last.parsed;
  };
}

async function readConfig(files: RevisionFiles, fleetPath: string, parse: Parse): Promise<ParsedFleetConfig> {
  await files.need([fleetPath]);
  const found = files.files(fleetPath).filter(({ path }) => /\.(ya?ml|json)$/.test(path));
  const unreadable = found.flatMap(({ path, unreadable: why }) =>
    why === undefined ? [] : [{ file: path, message: why }],
  );
  if (found.length === 0) {
    const message = `there is no fleet configuration in ${fleetPath}`;
    unreadable.push({ file: fleetPath, message });
  }
  const parsed = parse(found.flatMap(({ path, text }) => (text === undefined ? [] : [{ path, text }])));
  if (unreadable.length === 0) return parsed;
  // What cannot be read may hold anything, so nothing of the rest is certain and every application is frozen.
  return {
    ...parsed,
    config: { ...parsed.config, applications: [] },
    problems: [
      ...unreadable.map((problem) => ({ ...problem, fix: 'put plain YAML files there' })),
      ...parsed.problems,
    ],
    incomplete: true,
  };
}

async function renderOne(
  parsed: ParsedFleetConfig,
  work: RenderWork,
  { name, clusterName }: { name: string; clusterName: string },
): Promise<Render> {
  const { revision } = work;
  const application = parsed.config.applications.find((one) => one.name === name);
  const cluster = parsed.config.clusters.find((one) => one.name === clusterName);
  const problems = parsed.problems.filter(
    (problem) => problem.application === undefined || problem.application === name,
  );
  if (!application && problems.length > 0) return { ok: false, revision, problems };
  if (!application) throw notFound(`there is no application ${name} at revision ${revision.slice(0, 7)}`);
  if (!cluster) throw notFound(`there is no cluster ${clusterName} at revision ${revision.slice(0, 7)}`);
  const found = await rendering(application, cluster, work);
  if (!found.ok) return { ok: false, revision, problems: mergedProblems(name, revision, found.errors) };
  const { objects } = JSON.parse(new TextDecoder().decode(found.bundle.bytes)) as {
    objects: readonly KubeObject[];
  };
  return { ok: true, revision, digest: found.bundle.digest, objects };
}

function notFound(message: string): FaultError {
  return new FaultError('not_found', message, { retry: 'never' });
}
