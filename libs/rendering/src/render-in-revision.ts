import type { Application, Cluster, LocatedError } from '@meridian/fleet';
import type { LabelReads } from '@meridian/kustomize';
import { noPolicies } from '@meridian/policy';
import type { PolicySet } from '@meridian/policy';
import { FaultError } from '@meridian/runtime';
import { renderCharts } from './render-charts.ts';
import type { ChartSource, RenderedCharts } from './render-charts.ts';
import type { RenderLimits, RenderPool } from './render-pool.ts';
import type { JobOutcome } from './render-thread.ts';
import type { Reads, RevisionFiles } from './revision-files.ts';

/** A rendered bundle: its name, its bytes and the keys of its objects. */
export interface RenderedBundle {
  readonly digest: string;
  readonly bytes: Uint8Array;
  readonly keys: readonly string[];
}

/** The outcome of rendering one application for one cluster. */
export type Rendering =
  | {
      readonly ok: true;
      readonly bundle: RenderedBundle;
      /** What is worth a warning, the first of many. */
      readonly warnings: readonly LocatedError[];
    }
  | {
      readonly ok: false;
      readonly errors: readonly LocatedError[];
      /** Time or memory ran out, or a defect of ours ended it: it would again for the next cluster. */
      readonly isLimit?: true;
    };

/** A resolver that looks outside its application is given what it looked at and asked again, at most this often. */
const mostRounds = 20;

/** The files of a revision, and what renders. */
interface RenderSource extends ChartSource {
  readonly pool: RenderPool;
}

/** What is rendered, for whom. */
export interface RenderSubject {
  readonly application: Application;
  readonly cluster: Cluster;
  /** What it is held to; nothing unless told. */
  readonly policies?: PolicySet;
}

/** A rendering; what was looked at is not known, and it must not be kept, when a limit ended it. */
export interface RenderedInRevision {
  readonly reads: Reads | undefined;
  readonly labelReads: LabelReads;
  readonly rendering: Rendering;
}

/**
 * Renders an application for a cluster and tells what was looked at. Directories outside its own are read when the resolver
 * asks for them, and charts rendered; throws FaultError `exhausted` when that does not end.
 */
export async function renderInRevision(
  source: RenderSource,
  subject: RenderSubject,
  signal: AbortSignal,
): Promise<RenderedInRevision> {
  const { files, pool } = source;
  const { application } = subject;
  const charts = new Map<string, string>();
  await files.need([application.path]);
  for (let round = 0; round < mostRounds; round++) {
    const outcome = await pool.run({ files, charts, policies: noPolicies, ...subject }, signal);
    if (outcome.kind === 'misses') await files.need(outcome.paths.map((path) => files.directoryFor(path)));
    else if (outcome.kind === 'charts') {
      const { reads, requests } = outcome;
      const rendered = await renderCharts(source, { ...subject, requests }, signal);
      if ('errors' in rendered) return refusedBy(rendered, reads, files);
      for (const [key, text] of rendered.texts) charts.set(key, text);
    } else return renderedBy(outcome, files, { ...subject, limits: pool.limits });
  }
  throw new FaultError(
    'exhausted',
    `${application.name} refers to more than ${mostRounds} levels of directories outside its own`,
    { retry: 'never' },
  );
}

/** What charts are made of was looked at before they were asked for. */
function refusedBy(
  { errors, isLimit }: Extract<RenderedCharts, { readonly errors: unknown }>,
  reads: string,
  files: RevisionFiles,
): RenderedInRevision {
  const labelReads = 'all';
  if (isLimit) return { reads: undefined, labelReads, rendering: { ok: false, errors, isLimit } };
  return { reads: files.readsOf(reads.split('\0')), labelReads, rendering: { ok: false, errors } };
}

function renderedBy(
  outcome: Exclude<JobOutcome, { kind: 'misses' | 'charts' }>,
  files: RevisionFiles,
  limited: RenderSubject & { readonly limits: RenderLimits },
): RenderedInRevision {
  if (outcome.kind === 'limit')
    return { reads: undefined, labelReads: 'all', rendering: limitReached(outcome.limit, limited) };
  if (outcome.kind === 'defect')
    return { reads: undefined, labelReads: 'all', rendering: defectMet(outcome.what, limited) };
  const { labelReads } = outcome;
  const reads = files.readsOf(outcome.reads.split('\0'));
  if (outcome.kind === 'errors')
    return { reads, labelReads, rendering: { ok: false, errors: outcome.errors } };
  const { digest, bytes, keys, warnings } = outcome;
  return { reads, labelReads, rendering: { ok: true, bundle: { digest, bytes, keys }, warnings } };
}

/** A defect of ours freezes the application that met it, and no other one. */
function defectMet(what: string, { application, cluster }: RenderSubject): Rendering {
  const message = `rendering ${application.name} met a defect of Meridian: ${what}`;
  const fix = 'report it with this application; until then write it in another way';
  return {
    ok: false,
    errors: [{ file: application.path, cluster: cluster.name, message, fix }],
    isLimit: true,
  };
}

function limitReached(
  limit: 'time' | 'memory',
  { application, cluster, limits }: RenderSubject & { readonly limits: RenderLimits },
): Rendering {
  const said =
    limit === 'time'
      ? {
          message: `rendering ${application.name} takes longer than ${limits.timeLimitMs} ms`,
          fix: limits.fix ?? 'split the application, or raise MERIDIAN_RENDER_TIME_LIMIT_MS',
        }
      : {
          message: `rendering ${application.name} takes more than ${limits.memoryMb} MB of memory`,
          fix: limits.fix ?? 'split the application, or raise MERIDIAN_RENDER_MEMORY_MB',
        };
  return {
    ok: false,
    errors: [{ file: application.path, cluster: cluster.name, ...said }],
    isLimit: true,
  };
}
