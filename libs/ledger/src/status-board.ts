import { headers as newHeaders } from '@nats-io/transport-node';
import { FaultError } from '@meridian/runtime';
import { ask } from './ask.ts';
import { followStream, lastOfEachSubject } from './feed.ts';
import type { FeedContext } from './feed.ts';
import { decodeBody, encodeBody } from './ledger-message.ts';
import type { RawMessage } from './ledger-message.ts';
import { headerNames, safeToken, statusStream } from './names.ts';
import { parseJson } from './parse-json.ts';
import { readAnswer } from './publish.ts';

/** Whose status: a cluster's agent, or one application there. */
export interface StatusKey {
  readonly cluster: string;
  readonly application?: string;
}

/** The last status of a key. */
export interface StatusEntry extends StatusKey {
  /** The JSON that was put; undefined when the status was cleared. */
  readonly value: unknown;
  readonly sequence: number;
  /** Server time when it was put. */
  readonly atMs: number;
}

/** The last thing every agent said, shared by all hub replicas. */
export interface StatusBoard {
  /** Replaces the status of a key; returns when it is stored. What is over 1 MB compressed is refused for good. */
  put(key: StatusKey, value: unknown, signal?: AbortSignal): Promise<void>;
  /** Forgets the status of a key, such as that of a withdrawn application. */
  clear(key: StatusKey): Promise<void>;
  all(signal: AbortSignal): Promise<StatusEntry[]>;
  /** All present entries, then every change; a cleared one comes with an undefined value. Ends when the signal aborts. */
  follow(signal: AbortSignal): AsyncIterable<StatusEntry>;
}

/** The status board of an open ledger. */
export function openStatusBoard(context: FeedContext): StatusBoard {
  const write = async (key: StatusKey, body: string, signal?: AbortSignal) => {
    const headers = newHeaders();
    headers.set(headerNames.expectedStream, statusStream);
    // The server takes 1 MB, and an application of thousands of objects says more than that in JSON.
    const { data, encoding } = await encodeBody(body);
    if (encoding) headers.set(headerNames.encoding, encoding);
    const answer = await ask(context.nats, {
      subject: subjectOf(key),
      body: data,
      headers,
      timeoutMs: 5_000,
      signal,
    });
    const outcome = readAnswer(answer.data);
    if (outcome.kind === 'failed') throw outcome.fault;
    if (outcome.kind !== 'stored')
      throw new FaultError('unavailable', 'a status was not acknowledged', { retry: 'later' });
  };
  return {
    put: (key, value, signal) => write(key, JSON.stringify(value), signal),
    // An empty message, not a purge: followers see it, and it replaces the last one.
    clear: (key) => write(key, ''),
    async all(signal) {
      const found = await lastOfEachSubject(context, { stream: statusStream, filter: 'status.>', signal });
      return found.flatMap(toEntry).filter((entry) => entry.value !== undefined);
    },
    async *follow(signal) {
      for await (const message of followStream(context, {
        stream: statusStream,
        filter: 'status.>',
        from: 'last',
        signal,
      })) {
        yield* toEntry(message);
      }
    },
  };
}

function subjectOf({ cluster, application }: StatusKey): string {
  const start = `status.${safeToken(cluster, 'cluster')}`;
  return application === undefined
    ? `${start}.agent`
    : `${start}.app.${safeToken(application, 'application')}`;
}

/** One entry, or none when the message is not of our making. */
function toEntry(message: RawMessage): StatusEntry[] {
  const [, cluster, kind, application] = message.subject.split('.');
  const body = decodeBody(message);
  const value = body && parseJson(body);
  if (cluster === undefined || (kind !== 'agent' && application === undefined)) return [];
  if (value === undefined && message.data.length > 0) return [];
  const key = application === undefined ? { cluster } : { cluster, application };
  return [{ ...key, value, sequence: message.sequence, atMs: message.atMs }];
}
