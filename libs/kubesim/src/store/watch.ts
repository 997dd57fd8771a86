import { expiredError } from '../errors/api-error.ts';
import type { JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { isToCome, tooLargeError } from './list.ts';
import type { Store, StoreEvent } from './store.ts';

/** A watch request, its options already checked. */
export interface WatchQuery {
  readonly resource: string;
  readonly namespace: string | undefined;
  readonly matches: (object: KubeObject) => boolean;
  /** Empty and `0` start with what is there. */
  readonly resourceVersion: string;
  /** Whether initial events are followed by the bookmark that says so (KEP-3157). */
  readonly sendInitialEvents: boolean;
  /** Whether the client wants bookmarks, without which nothing says that the initial events are over; it does unless told. */
  readonly tellsInitialEnd?: boolean;
}

/** What a watch sends: an object with its change, or a Status for `ERROR`. Bookmarks carry metadata only. */
export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: KubeObject | JsonObject;
}

/** An open watch. */
export interface Watch {
  /** The revision up to which everything was sent, for bookmarks. */
  readonly revision: number;
  close(): void;
}

/**
 * Opens a watch: tells what is there or what changed since a revision, then each change as it is committed. Objects that enter
 * or leave the selection are told as ADDED and DELETED. A revision that is compacted gives one ERROR and nothing more, and so does one that
 * is still to come where everything from there is asked for.
 */
export function openWatch(store: Store, query: WatchQuery, tell: (event: WatchEvent) => void): Watch {
  const fromNow = ['', '0'].includes(query.resourceVersion) || query.sendInitialEvents;
  let revision = fromNow ? store.revision : Number(query.resourceVersion);
  const missed = fromNow ? [] : store.changesSince(query.resource, revision);
  if (missed === 'compacted') {
    const message = `too old resource version: ${query.resourceVersion} (${String(store.compactedRevision)})`;
    tell({ type: 'ERROR', object: expiredError(message).status });
    return { revision, close: () => undefined };
  }
  if (query.sendInitialEvents && isToCome(store, query.resourceVersion)) {
    tell({ type: 'ERROR', object: tooLargeError(store, query.resourceVersion).status });
    return { revision, close: () => undefined };
  }
  if (fromNow) tellPresent(store, query, tell);
  if (missed !== 'future') missed.forEach(tellChange);

  function tellChange(change: StoreEvent): void {
    if (change.key.resource !== query.resource || change.revision <= revision) return;
    revision = change.revision;
    if (query.namespace !== undefined && change.key.namespace !== query.namespace) return;
    const event = seenAs(change, query.matches);
    if (event !== undefined) tell(event);
  }

  const close = store.subscribe(tellChange);
  return {
    get revision() {
      return Math.max(revision, store.revision);
    },
    close,
  };
}

function tellPresent(store: Store, query: WatchQuery, tell: (event: WatchEvent) => void): void {
  for (const object of store.list(query.resource, query.namespace)) {
    if (query.matches(object)) tell({ type: 'ADDED', object });
  }
  const tellsEnd = query.sendInitialEvents && query.tellsInitialEnd !== false;
  if (tellsEnd) tell(initialEventsEnd(store.revision));
}

/** How a change looks to someone who sees only some objects. */
function seenAs(change: StoreEvent, matches: (object: KubeObject) => boolean): WatchEvent | undefined {
  const before = change.previous !== undefined && matches(change.previous);
  const after = change.type !== 'DELETED' && matches(change.object);
  if (after) return { type: before ? 'MODIFIED' : 'ADDED', object: change.object };
  if (!before) return undefined;
  // What left the selection is told as it last was, at the revision of its leaving.
  const { previous = change.object, object } = change;
  const { resourceVersion } = object.metadata;
  const gone = resourceVersion === undefined ? previous.metadata : { ...previous.metadata, resourceVersion };
  return { type: 'DELETED', object: { ...previous, metadata: gone } };
}

function initialEventsEnd(revision: number): WatchEvent {
  const annotations = { 'k8s.io/initial-events-end': 'true' };
  return { type: 'BOOKMARK', object: { metadata: { resourceVersion: String(revision), annotations } } };
}
