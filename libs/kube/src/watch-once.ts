import { isJsonObject } from '@meridian/manifests';
import type { JsonObject } from '@meridian/manifests';
import { FaultError } from '@meridian/runtime';
import { faultOfAnswer, faultOfStatusObject } from './fault-of.ts';
import type { RequestSubject } from './fault-of.ts';
import { jsonFromWire, objectFromWire, textOf } from './from-wire.ts';
import type { Kinds } from './kinds.ts';
import type { KubeWatchEvent, WatchQuery } from './kube.ts';
import { lineFrames } from './line-frames.ts';
import { collectionPath, withQuery } from './resource-path.ts';
import type { Transport } from './transport.ts';

/** Longest line of a watch: larger than any object that etcd keeps (1.5 MB). */
const maxLineBytes = 4 * 1024 * 1024;

/** One watch connection, from its query to the end that the server makes. Throws FaultError when it breaks. */
export async function* watchOnce(
  transport: Transport,
  query: WatchQuery,
  context: { readonly kinds: Kinds; readonly subject: RequestSubject },
): AsyncGenerator<KubeWatchEvent> {
  const { subject } = context;
  const kind = await context.kinds.resolve(query.apiVersion, query.kind, query.signal);
  const path = withQuery(collectionPath(kind, query.namespace), {
    watch: true,
    allowWatchBookmarks: true,
    resourceVersion: query.resourceVersion,
    timeoutSeconds: query.timeoutSeconds,
    labelSelector: query.labelSelector,
    fieldSelector: query.fieldSelector,
  });
  const stream = await transport.open({
    method: 'GET',
    path,
    repeatable: true,
    subject,
    signal: query.signal,
  });
  if (stream.status !== 200) {
    const fault = faultOfAnswer({ ...stream, body: await stream.collect() }, subject);
    // The path itself is gone when no reason comes with a 404: the kind was removed or renamed.
    if (fault.status === 404) context.kinds.forget();
    throw fault;
  }
  const frames = lineFrames(maxLineBytes);
  for await (const chunk of stream.chunks(query.idleTimeoutMs)) {
    for (const line of frames.push(chunk)) yield eventOf(line, query, subject);
  }
}

function eventOf(line: string, query: WatchQuery, subject: RequestSubject): KubeWatchEvent {
  const event = jsonFromWire(line, subject.text);
  const object: JsonObject = isJsonObject(event['object']) ? event['object'] : {};
  switch (event['type']) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED': {
      const found = objectFromWire(object, query);
      if (found) return { type: event['type'], object: found };
      throw new FaultError('unavailable', `${subject.text}: an event carries no object`, { retry: 'later' });
    }
    case 'BOOKMARK': {
      const metadata = isJsonObject(object['metadata']) ? object['metadata'] : {};
      return { type: 'BOOKMARK', resourceVersion: textOf(metadata['resourceVersion']) };
    }
    case 'ERROR':
      throw faultOfStatusObject(object, subject);
    default:
      throw new FaultError('unavailable', `${subject.text}: an event has an unknown type`, {
        retry: 'later',
      });
  }
}
