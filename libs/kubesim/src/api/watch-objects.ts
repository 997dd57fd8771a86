import { refuseNamespace } from '../cluster/prepare.ts';
import type { Target } from '../cluster/target.ts';
import { isObject } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { apiVersionOf } from '../kube-object.ts';
import type { KubeObject } from '../kube-object.ts';
import { decodeObject } from '../schema/decode.ts';
import { partialMetadata } from '../printers/partial-metadata.ts';
import { groupResource } from '../schema/resource.ts';
import { watchFrame } from '../schema/write-protobuf.ts';
import type { Resource } from '../schema/resource.ts';
import { openWatch } from '../store/watch.ts';
import type { WatchEvent } from '../store/watch.ts';
import { notAcceptable, protobuf, streamed } from './accept.ts';
import type { Exchange } from './exchange.ts';
import { listOptions } from './options.ts';
import { presentObject } from './present.ts';
import { selectionOf } from './selection.ts';
import type { ServerState } from './server-state.ts';

/**
 * What a slow client may leave unread of what happens before its watch is ended: it comes back with the revision that it has. What is
 * there at the beginning does not count: who asked for much of it would never get it.
 */
const mostUnreadBytes = 16 * 1024 * 1024;

const bookmarkEveryMs = 60_000;

/** How long before the end of a watch the last one comes. */
const lastBookmarkMs = 2_000;

/** GET of a collection as a watch: sends changes, a line each, until the client leaves or its time is up. */
export function watchObjects(state: ServerState, target: Target, exchange: Exchange): void {
  const { resource, namespace } = target;
  const options = listOptions(exchange.query);
  if (resource.namespaced) refuseNamespace(resource, namespace, '');
  const selection = selectionOf(resource, options);
  const { response } = exchange;
  const { type, write } = streamOf(state, exchange);
  response.writeHead(200, { 'content-type': type, 'cache-control': 'no-cache, private' });
  response.flushHeaders();
  let first = true;
  let mostUnread = Number.POSITIVE_INFINITY;
  const send = (event: WatchEvent) => {
    // The time of a watch may be up while its last bytes are still on their way.
    if (response.writableEnded) return;
    // Nothing in a watch is a list: who asks for one gets no further than to the first object.
    if (exchange.accepted.as === 'PartialObjectMetadataList' && event.type !== 'ERROR') {
      response.end();
      return;
    }
    const object = shown(state, target, { event, exchange, first });
    first = false;
    response.write(write(event.type, object));
    if (response.writableLength > mostUnread) response.destroy();
    if (event.type === 'ERROR') response.end();
  };
  const watch = openWatch(
    state.store,
    {
      resource: groupResource(resource.storage),
      namespace: resource.namespaced && namespace !== '' ? namespace : undefined,
      matches: (object) => selection.matches(object),
      resourceVersion: options.resourceVersion,
      sendInitialEvents: options.sendInitialEvents,
      tellsInitialEnd: options.allowWatchBookmarks,
    },
    send,
  );
  mostUnread = response.writableLength + mostUnreadBytes;
  const bookmark = () =>
    send({ type: 'BOOKMARK', object: { metadata: { resourceVersion: String(watch.revision) } } });
  const seconds = options.timeoutSeconds ?? 0;
  const bookmarks = options.allowWatchBookmarks ? sendBookmarks(bookmark, seconds) : undefined;
  if (seconds < 0) response.end();
  const end = seconds > 0 ? setTimeout(() => response.end(), seconds * 1_000) : undefined;
  const retirement = state.registry.retirementOf(resource);
  const retire = () => response.end();
  retirement?.addEventListener('abort', retire);
  response.once('close', () => {
    watch.close();
    retirement?.removeEventListener('abort', retire);
    bookmarks?.stop();
    clearTimeout(end);
  });
}

interface Stream {
  /** The media type. */
  readonly type: string;
  readonly write: (event: WatchEvent['type'], object: JsonObject) => string | Buffer;
}

/** How events are written: lines of JSON, or frames of protobuf for who asks for that. Throws 406. */
function streamOf({ registry }: ServerState, exchange: Exchange): Stream {
  const { format } = exchange.accepted;
  if (format === 'yaml') throw notAcceptable(streamed);
  if (format === 'json') {
    return { type: 'application/json', write: (type, object) => `${JSON.stringify({ type, object })}\n` };
  }
  const write = (type: string, object: JsonObject) =>
    watchFrame(type, registry.catalog.writeProtobuf(object) ?? Buffer.alloc(0));
  return { type: `${protobuf};stream=watch`, write };
}

/** One each minute, and one before the time is up, so that the next watch goes on close to now (k8s.io/apiserver, nextBookmarkTime). */
function sendBookmarks(send: () => void, seconds: number): { stop(): void } {
  const each = repeat(send, bookmarkEveryMs);
  const lastMs = seconds * 1_000 - lastBookmarkMs;
  const last = lastMs > 0 ? setTimeout(send, lastMs).unref() : undefined;
  return {
    stop() {
      each.stop();
      clearTimeout(last);
    },
  };
}

function repeat(action: () => void, everyMs: number): { stop(): void } {
  let timer: NodeJS.Timeout;
  const arm = () => {
    timer = setTimeout(() => {
      action();
      arm();
    }, everyMs).unref();
  };
  arm();
  return { stop: () => clearTimeout(timer) };
}

/** An event's object as the client asked to see it. A bookmark is an empty object of the kind, as Go writes one. */
function shown(
  state: ServerState,
  { resource }: Target,
  { event, exchange, first }: { event: WatchEvent; exchange: Exchange; first: boolean },
): JsonObject {
  const { type, object } = event;
  if (type === 'ERROR') return object;
  if (type === 'BOOKMARK' && exchange.accepted.as !== 'Table')
    return shownBookmark(resource, object, exchange);
  const whole = type === 'BOOKMARK' ? emptyObject(resource, object) : object;
  if (!isKubeObject(whole)) return whole;
  const seen = presentObject(state, resource, whole, exchange);
  // The columns of tables are told once.
  return exchange.accepted.as === 'Table' && !first ? { ...seen, columnDefinitions: null } : seen;
}

function shownBookmark(resource: Resource, object: JsonObject, exchange: Exchange): JsonObject {
  const empty = emptyObject(resource, object);
  const isPartial = exchange.accepted.as === 'PartialObjectMetadata' && isKubeObject(empty);
  if (!isPartial) return empty;
  const { version = 'meta.k8s.io/v1' } = exchange.accepted;
  return { ...partialMetadata(empty, groupResource(resource)), apiVersion: version };
}

function emptyObject(resource: Resource, object: JsonObject): JsonObject {
  const empty = {
    kind: resource.kind,
    apiVersion: apiVersionOf(resource.group, resource.version),
    ...object,
  };
  const decoded = resource.custom ? undefined : decodeObject(empty, resource.schema);
  return decoded?.ok === true ? decoded.object : empty;
}

function isKubeObject(object: JsonObject): object is KubeObject {
  return typeof object['kind'] === 'string' && isObject(object['metadata']);
}
