import { podSelectorOf, troubleOf } from '@meridian/health';
import type { PodEvent } from '@meridian/health';
import type { KubeObject } from '@meridian/manifests';
import { errorText } from '@meridian/runtime';
import type { Clock } from '@meridian/runtime';
import type { ObjectBook } from '../applications/object-book.ts';
import type { Limiter } from '../limiter.ts';
import type { KubePort, Log } from '../ports.ts';
import { scalingEvents } from './scaling-events.ts';

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
  config: PodProbeConfig,
  {
    book,
    application,
    signal,
  }: { readonly book: ObjectBook; readonly application: Probed; readonly signal: AbortSignal },
): Promise<void> {
  const { kube, limiter, clock, log } = config;
  const owner = book.live;
  const labelSelector = owner && podSelectorOf(owner);
  if (!owner || labelSelector === undefined) return;
  const { namespace, name } = book.key;
  try {
    const query = { apiVersion: 'v1', kind: 'Pod', namespace, labelSelector };
    const pods = (await limiter.run(() => kube.list(query, signal))).map(trim);
    const events = pods.some(isUnplaced) ? await eventsOf(config, namespace, signal) : [];
    if (book.seePods(owner, { pods, events, nowMs: clock.nowMs() }).change !== 'nothing')
      application.touched();
  } catch (error) {
    if (!signal.aborted) log.debug({ object: name, error: errorText(error) }, 'pods cannot be listed');
  }
}

function isUnplaced(pod: KubeObject): boolean {
  return troubleOf(pod)?.kind === 'unschedulable';
}

/** Without leave to read events nothing is known of autoscalers; the rest of the verdict stands. */
async function eventsOf(
  { kube, limiter, log }: PodProbeConfig,
  namespace: string,
  signal: AbortSignal,
): Promise<readonly PodEvent[]> {
  try {
    return await limiter.run(() => scalingEvents(kube, namespace, signal));
  } catch (error) {
    if (!signal.aborted) log.debug({ namespace, error: errorText(error) }, 'events cannot be listed');
    return [];
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
