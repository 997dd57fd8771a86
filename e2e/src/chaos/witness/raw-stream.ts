import { connect, nkeyAuthenticator } from '@nats-io/transport-node';
import type { Msg, NatsConnection } from '@nats-io/transport-node';
import { systemClock } from '@meridian/runtime';

/** A stored message as the server gives it. */
export interface RawMessage {
  readonly subject: string;
  readonly sequence: number;
  /** Time of the server when it was stored. */
  readonly atMs: number;
  readonly headers: { readonly [name: string]: string };
  readonly data: Buffer;
}

/** A message beside the life of its stream, and the last sequence that was read before it in that life. */
export interface ReadMessage extends RawMessage {
  readonly life: number;
  readonly after: number;
}

/** Who reads which stream. */
export interface RawStreamOptions {
  readonly connection: NatsConnection;
  readonly stream: string;
  /** Subjects of the stream, with a wildcard. */
  readonly filter: string;
  readonly onMessage: (message: ReadMessage) => void;
  readonly signal: AbortSignal;
}

/** A reader that goes on until its signal aborts. */
export interface RawStream {
  /** Settles when the reader has ended. */
  readonly ended: Promise<void>;
  /** The last sequence of the stream has been read. */
  caughtUp(): Promise<boolean>;
  /** Tells that the stream is an older one from now on: it is read from its start again, as another life. */
  rewind(): void;
}

/** Connects as the hubs do, to URLs with commas between, but past every proxy; mends itself for ever. */
export function connectAsHub(urls: string, seed: string): Promise<NatsConnection> {
  return connect({
    ...{
      servers: urls.split(','),
      name: 'auditor',
      authenticator: nkeyAuthenticator(new TextEncoder().encode(seed)),
    },
    ...{ maxReconnectAttempts: -1, reconnectTimeWait: 50, reconnectJitter: 20, pingInterval: 1_000 },
    ignoreAuthErrorAbort: true,
  });
}

const pauseMs = 25;
const askMs = 2_000;
/** Status of an answer when the stream has no message from there on. */
const noMessage = 404;

/**
 * Reads a stream from its first message on by asking the server for the next one (`DIRECT.GET` with a sequence), which needs
 * no consumer on the server that could be lost: outages of NATS only make it late. A stream that was made anew begins another life.
 */
export function readStream(options: RawStreamOptions): RawStream {
  const position = { life: 1, after: 0, made: '', isOlder: false };
  const { connection, stream, filter, onMessage, signal } = options;
  const rewindTo = (made: string) => {
    if (position.made !== '') position.life += 1;
    Object.assign(position, { after: 0, made, isOlder: false });
  };
  const step = async (): Promise<boolean> => {
    if (position.isOlder || position.made === '') {
      const { made } = await streamInfo(connection, stream);
      rewindTo(made);
    }
    const { after } = position;
    const message = await nextMessage(connection, { stream, filter, sequence: after + 1 });
    if (position.isOlder) return true;
    if (message) {
      position.after = message.sequence;
      onMessage({ ...message, life: position.life, after });
      return true;
    }
    const { made } = await streamInfo(connection, stream);
    if (made !== position.made) rewindTo(made);
    return false;
  };
  const loop = async () => {
    while (!signal.aborted) {
      const isMore = await step().catch(() => false);
      if (!isMore) await systemClock.wait(pauseMs, signal);
    }
  };
  return {
    ended: loop(),
    caughtUp: async () => {
      const { lastSequence, made } = await streamInfo(connection, stream);
      return made === position.made && !position.isOlder && lastSequence <= position.after;
    },
    rewind: () => void (position.isOlder = true),
  };
}

/** What the server that leads a stream says of it. */
export interface StreamInfo {
  /** When it was made: another time is another stream. */
  readonly made: string;
  readonly lastSequence: number;
  /** Name of that server; undefined when there is only one. */
  readonly leader?: string;
}

/** Asks NATS about a stream; throws when it is not there, or nobody leads it. */
export async function streamInfo(connection: NatsConnection, stream: string): Promise<StreamInfo> {
  const answer = await connection.request(`$JS.API.STREAM.INFO.${stream}`, '', { timeout: askMs });
  const { created, state, cluster } = answer.json<{
    created?: string;
    state?: { last_seq?: number };
    cluster?: { leader?: string };
  }>();
  if (created === undefined) throw new Error(`there is no stream ${stream}`);
  const leader = cluster?.leader === undefined ? {} : { leader: cluster.leader };
  return { made: created, lastSequence: state?.last_seq ?? 0, ...leader };
}

async function nextMessage(
  connection: NatsConnection,
  { stream, filter, sequence }: { stream: string; filter: string; sequence: number },
): Promise<RawMessage | undefined> {
  const question = JSON.stringify({ seq: sequence, next_by_subj: filter });
  const answer = await connection.request(`$JS.API.DIRECT.GET.${stream}`, question, { timeout: askMs });
  return answer.headers?.code === noMessage ? undefined : toRaw(answer);
}

/** One message of a stream by its sequence; undefined when the stream does not have it. Any server may answer. */
export async function storedMessage(
  connection: NatsConnection,
  stream: string,
  sequence: number,
): Promise<RawMessage | undefined> {
  const question = JSON.stringify({ seq: sequence });
  const answer = await connection.request(`$JS.API.DIRECT.GET.${stream}`, question, { timeout: askMs });
  return answer.headers?.code === noMessage ? undefined : toRaw(answer);
}

function toRaw({ headers, data }: Msg): RawMessage {
  const subject = headers?.get('Nats-Subject') ?? '';
  const sequence = Number(headers?.get('Nats-Sequence'));
  if (!headers || subject === '' || !(sequence > 0)) throw new Error('the answer is not a message');
  return {
    ...{ subject, sequence, data: Buffer.from(data) },
    atMs: Date.parse(headers.get('Nats-Time-Stamp')),
    headers: Object.fromEntries(headers.keys().map((name) => [name, headers.last(name)])),
  };
}
