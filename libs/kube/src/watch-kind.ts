import type { KubeObject } from '@meridian/manifests';
import { backoffMs } from '@meridian/retry';
import type { BackoffPolicy } from '@meridian/retry';
import { FaultError } from '@meridian/runtime';
import type { Clock } from '@meridian/runtime';
import { knownObjects } from './known-objects.ts';
import type { GoneObject, KnownObjects } from './known-objects.ts';
import { isExpired, KubeStatusError } from './kube-status-error.ts';
import type { Kube, KubeQuery, KubeWatchEvent } from './kube.ts';
import { SilentConnection } from './transport.ts';

/** What a watcher follows and what it measures and draws from. */
export interface WatchKindOptions extends KubeQuery {
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** Silence after which a connection counts as dead; 57 s unless told, for a quiet server ends a watch before that. */
  readonly idleTimeoutMs?: number;
  /** Time between full lists; ten minutes unless told. */
  readonly relistMs?: number;
  readonly backoff?: BackoffPolicy;
}

/**
 * What a watcher says. After `synced` every object of the kind has been told; `deleted` carries the last state when
 * the server sent it and only the name when the loss was noticed in a list. `error` says that it waits and tries again.
 */
export type KindEvent =
  | { readonly type: 'synced'; readonly count: number; readonly resourceVersion: string }
  | { readonly type: 'applied'; readonly object: KubeObject }
  | { readonly type: 'deleted'; readonly object: KubeObject | GoneObject }
  | { readonly type: 'error'; readonly error: FaultError; readonly retryInMs: number };

const usualBackoff: BackoffPolicy = { firstMs: 200, factor: 2, capMs: 15_000 };
/** A kind that is not served may come back, with its CRD, but not in a hurry. */
const missingKindBackoff: BackoffPolicy = { firstMs: 5_000, factor: 2, capMs: 60_000 };
/** A watch that ends sooner than this without a word is a failure, or a broken server would be asked in a tight loop. */
const shortestWatchMs = 1_000;

/**
 * Follows all objects of a kind until `signal` aborts; never gives up and never throws for a fault of the cluster.
 * It lists, watches from there with bookmarks, resumes after broken connections, lists anew when the server no longer
 * knows the version, when anything else is refused, and every ten minutes; deletions that were missed come from the list.
 */
export async function* watchKind(kube: Kube, options: WatchKindOptions): AsyncGenerator<KindEvent> {
  const { signal, clock } = options;
  const known = knownObjects({ apiVersion: options.apiVersion, kind: options.kind });
  const position: Position = { resourceVersion: undefined, listedAtMs: 0, failures: 0, told: false };
  while (!signal.aborted) {
    position.told = false;
    const fault = yield* followOnce(kube, { options, known, position });
    if (position.told) position.failures = 0;
    if (fault === undefined || signal.aborted) continue;
    if (!canResume(fault)) position.resourceVersion = undefined;
    position.failures += 1;
    // Both are normal on a kind where nothing happens: go on at once, but not twice in a row.
    if ((isExpired(fault) || fault instanceof SilentConnection) && position.failures === 1) continue;
    const retryInMs = waitAfter(fault, position.failures - 1, options);
    yield { type: 'error', error: fault, retryInMs };
    await clock.wait(retryInMs, signal);
  }
}

/** Lists when that is due, then watches until the connection ends; gives the fault that ended it, if any. */
async function* followOnce(
  kube: Kube,
  following: Following,
): AsyncGenerator<KindEvent, FaultError | undefined> {
  const { options, position } = following;
  const { clock, signal } = options;
  try {
    if (isListDue(position, options)) yield* list(kube, following);
    const startedMs = clock.monotonicMs();
    yield* watch(kube, following);
    return endedTooSoon(position, clock.monotonicMs() - startedMs, options.kind);
  } catch (error) {
    if (signal.aborted || error instanceof FaultError) return error instanceof FaultError ? error : undefined;
    throw error;
  }
}

interface Position {
  /** Where the next watch goes on; undefined asks for a list. */
  resourceVersion: string | undefined;
  listedAtMs: number;
  failures: number;
  /** Whether the present connection has told anything, bookmarks included. */
  told: boolean;
}

interface Following {
  readonly options: WatchKindOptions;
  readonly known: KnownObjects;
  readonly position: Position;
}

async function* list(kube: Kube, { options, known, position }: Following): AsyncGenerator<KindEvent> {
  const { items, resourceVersion } = await kube.list(options, options.signal);
  for (const object of known.missingFrom(items)) yield { type: 'deleted', object };
  for (const object of items) if (known.note(object)) yield { type: 'applied', object };
  position.resourceVersion = resourceVersion;
  position.listedAtMs = options.clock.monotonicMs();
  yield { type: 'synced', count: items.length, resourceVersion };
}

async function* watch(kube: Kube, { options, known, position }: Following): AsyncGenerator<KindEvent> {
  const events = kube.watch({
    ...options,
    resourceVersion: position.resourceVersion ?? '',
    timeoutSeconds: watchSeconds(position, options),
    idleTimeoutMs: options.idleTimeoutMs ?? 57_000,
  });
  for await (const event of events) {
    position.told = true;
    const told = tell(event, known);
    if (told) yield told;
    // Only after the event was taken: an interrupted consumer must see it again.
    position.resourceVersion =
      event.type === 'BOOKMARK'
        ? event.resourceVersion
        : (event.object.metadata.resourceVersion ?? position.resourceVersion);
  }
}

function tell(event: KubeWatchEvent, known: KnownObjects): KindEvent | undefined {
  switch (event.type) {
    case 'BOOKMARK':
      return undefined;
    case 'DELETED':
      known.drop(event.object);
      return { type: 'deleted', object: event.object };
    case 'ADDED':
    case 'MODIFIED':
      return known.note(event.object) ? { type: 'applied', object: event.object } : undefined;
  }
}

function isListDue(position: Position, options: WatchKindOptions): boolean {
  return (
    position.resourceVersion === undefined ||
    options.clock.monotonicMs() - position.listedAtMs >= relistMsOf(options)
  );
}

/**
 * 42 to 52 s, so that the watches of a fleet do not end together, and no longer than until the next list. Where nothing
 * happens a server sends a bookmark each minute, and one two seconds before the end of the watch (k8s.io/apiserver,
 * cacher/cache_watcher.go, nextBookmarkTime): with a shorter watch silence is noticed within a minute.
 */
function watchSeconds(position: Position, options: WatchKindOptions): number {
  const untilListMs = relistMsOf(options) - (options.clock.monotonicMs() - position.listedAtMs);
  return Math.max(1, Math.min(Math.round(42 + 10 * options.random()), Math.ceil(untilListMs / 1000)));
}

function relistMsOf(options: WatchKindOptions): number {
  return options.relistMs ?? 600_000;
}

function endedTooSoon(position: Position, livedMs: number, kind: string): FaultError | undefined {
  if (position.told || livedMs >= shortestWatchMs) return undefined;
  return new FaultError(
    'unavailable',
    `watch ${kind} ended after ${Math.round(livedMs)} ms without an event`,
    { retry: 'later' },
  );
}

/** A broken connection or a busy server leaves the position good; whatever else is refused makes it doubtful. */
function canResume(fault: FaultError): boolean {
  if (isExpired(fault)) return false;
  return fault.code === 'unavailable' || (fault.code === 'timeout' && !(fault instanceof KubeStatusError));
}

function waitAfter(fault: FaultError, failures: number, options: WatchKindOptions): number {
  const policy = fault.code === 'not_found' ? missingKindBackoff : (options.backoff ?? usualBackoff);
  const wished = fault instanceof KubeStatusError ? (fault.retryAfterMs ?? 0) : 0;
  return Math.max(wished, backoffMs(policy, failures, options.random()));
}
