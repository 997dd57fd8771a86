import type { KubeObject } from '@meridian/manifests';
import { errorText } from '@meridian/runtime';
import type { Clock } from '@meridian/runtime';
import type { ObjectBook } from '../applications/object-book.ts';
import { isJsonObject } from '../json.ts';
import type { Limiter } from '../limiter.ts';
import type { KubePort, Log } from '../ports.ts';

/** Looks at the pods of workloads that are not healthy, so that their status says why. */
export interface PodProbe {
  run(signal: AbortSignal): Promise<void>;
}

/** An application, as the probe sees it. */
export interface Probed {
  booksWithTrouble(): readonly ObjectBook[];
  touched(): void;
}

/** What the probe needs. */
export interface PodProbeConfig {
  readonly kube: Pick<KubePort, 'list'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly limiter: Limiter;
  readonly applications: () => Iterable<Probed>;
}

/** Pods say nothing through the objects we watch, so they are listed again, less and less often while nothing changes. */
const firstLookMs = 300;
const longestPauseMs = 10_000;
const tickMs = 250;

interface Look {
  readonly generation: number | undefined;
  readonly dueMs: number;
  readonly pauseMs: number;
}

/** Opens a probe; one list of pods at most for each troubled workload and pause. */
export function openPodProbe(config: PodProbeConfig): PodProbe {
  let looks = new Map<ObjectBook, Look>();

  const plan = (book: ObjectBook, nowMs: number): Look => {
    const last = looks.get(book);
    const generation = book.live?.metadata.generation;
    if (last && last.generation === generation) return last;
    return { generation, dueMs: nowMs + firstLookMs, pauseMs: firstLookMs };
  };

  const tick = async (signal: AbortSignal) => {
    const nowMs = config.clock.monotonicMs();
    const next = new Map<ObjectBook, Look>();
    const due: { readonly book: ObjectBook; readonly application: Probed }[] = [];
    for (const application of config.applications()) {
      for (const book of application.booksWithTrouble()) {
        const look = plan(book, nowMs);
        const isDue = look.dueMs <= nowMs;
        const pauseMs = Math.min(longestPauseMs, look.pauseMs * 2);
        next.set(book, isDue ? { ...look, dueMs: nowMs + pauseMs, pauseMs } : look);
        if (isDue) due.push({ book, application });
      }
    }
    looks = next;
    await Promise.all(due.map(({ book, application }) => look(config, { book, application, signal })));
  };

  return {
    async run(signal) {
      while (!signal.aborted) {
        await tick(signal);
        await config.clock.wait(tickMs, signal);
      }
    },
  };
}

async function look(
  { kube, limiter, clock, log }: PodProbeConfig,
  {
    book,
    application,
    signal,
  }: { readonly book: ObjectBook; readonly application: Probed; readonly signal: AbortSignal },
): Promise<void> {
  const owner = book.live;
  const labelSelector = owner && selectorText(owner);
  if (!owner || labelSelector === undefined) return;
  try {
    const query = { apiVersion: 'v1', kind: 'Pod', namespace: book.key.namespace, labelSelector };
    const pods = await limiter.run(() => kube.list(query, signal));
    if (book.seePods(owner, pods.map(trim), clock.nowMs()).change !== 'nothing') application.touched();
  } catch (error) {
    if (!signal.aborted)
      log.debug({ object: book.key.name, error: errorText(error) }, 'pods cannot be listed');
  }
}

/** Only what a verdict needs; pod specs are large. */
function trim({ apiVersion, kind, metadata, status }: KubeObject): KubeObject {
  const { name, labels, creationTimestamp, deletionTimestamp } = metadata;
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(labels ? { labels } : {}),
      ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    },
    ...(status === undefined ? {} : { status }),
  };
}

/** A workload's `spec.selector` as the text that a list takes; undefined when it selects by nothing. */
function selectorText(owner: KubeObject): string | undefined {
  const spec = owner['spec'];
  const selector = isJsonObject(spec) ? spec['selector'] : undefined;
  if (!isJsonObject(selector)) return undefined;
  const labels = isJsonObject(selector['matchLabels']) ? Object.entries(selector['matchLabels']) : [];
  const equal = labels.flatMap(([key, value]) => (typeof value === 'string' ? `${key}=${value}` : []));
  const all = [...equal, ...expressions(selector['matchExpressions'])];
  return all.length === 0 ? undefined : all.join(',');
}

function expressions(list: unknown): readonly string[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry: unknown) => expressionText(entry) ?? []);
}

function expressionText(entry: unknown): string | undefined {
  const { key, operator, values } = entry as { key?: unknown; operator?: unknown; values?: unknown };
  if (typeof key !== 'string') return undefined;
  const set = Array.isArray(values) ? values.join(',') : '';
  switch (operator) {
    case 'In':
      return `${key} in (${set})`;
    case 'NotIn':
      return `${key} notin (${set})`;
    case 'Exists':
      return key;
    case 'DoesNotExist':
      return `!${key}`;
    default:
      return undefined;
  }
}
