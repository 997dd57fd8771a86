import { DeliverPolicy, jetstream } from '@nats-io/jetstream';
import type { Consumer, ConsumerMessages, JetStreamManager, JsMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { backoffMs } from '@meridian/retry';
import { FaultError } from '@meridian/runtime';
import type { Clock } from '@meridian/runtime';
import { faultOf } from './fault-of.ts';
import { headersOf } from './ledger-message.ts';
import type { RawMessage } from './ledger-message.ts';
import type { MendContext } from './mend.ts';

/** Which messages of which stream. */
export interface FeedOptions {
  readonly stream: string;
  readonly filter: string;
  /** `last`: the last of each subject, then all that follow. `new`: only what follows. */
  readonly from: 'last' | 'new';
  readonly signal: AbortSignal;
  /** Called once everything that was there when the feed began has been taken, and from then on whenever nothing waits. */
  readonly caughtUp?: () => void;
}

/** What feeds need of an open ledger. */
export interface FeedContext extends MendContext {
  readonly nats: NatsConnection;
  readonly manager: JetStreamManager;
  readonly clock: Clock;
}

type Position = { readonly life: string; readonly sequence: number };

/** Position of a feed that starts with the last message of each subject. */
const beforeAll = -1;
const bufferSize = 256;
const feedBackoff = { firstMs: 100, factor: 2, capMs: 5_000 };
/** Signs that the server-side half of a feed may be gone; the feed is then made anew from the last message seen. */
const troubles = new Set<string>([
  'heartbeats_missed',
  'consumer_not_found',
  'stream_not_found',
  'no_responders',
  'ordered_consumer_recreated',
]);

/**
 * Messages in order, for ever: it outlives reconnects, server restarts and a stream that was made anew (then it starts
 * over). Ends when the signal aborts; throws FaultError when waiting cannot help. At most 256 messages are buffered.
 */
export async function* followStream(
  context: FeedContext,
  options: FeedOptions,
): AsyncGenerator<RawMessage, void, undefined> {
  const { clock } = context;
  let position: Position | undefined;
  for (let attempt = 0; !options.signal.aborted; attempt++) {
    try {
      position = await whereToGoOn(context, options, position);
      for await (const message of openFeed(context, { ...options, after: position.sequence })) {
        attempt = 0;
        position = { ...position, sequence: message.seq };
        yield toRaw(message);
      }
    } catch (error) {
      const fault = faultOf(error, `following ${options.filter}`);
      if (fault.retry === 'never') throw fault;
      if (fault.code === 'not_found') await mend(context);
    }
    if (context.nats.isClosed() && !options.signal.aborted) {
      throw new FaultError('unavailable', 'the NATS connection was closed', { retry: 'later' });
    }
    await clock.wait(backoffMs(feedBackoff, attempt, Math.random()), options.signal);
  }
}

/** The last message of every subject of a filter, at least as new as the moment of the call, in stream order. */
export function lastOfEachSubject(
  context: FeedContext,
  options: Omit<FeedOptions, 'from'>,
): Promise<RawMessage[]> {
  return readWhole(context, { ...options, after: beforeAll });
}

/** Every message of a filter that the stream still has, in its order; of more than `mostRead` the newest. */
export function everyMessage(
  context: FeedContext,
  options: Omit<FeedOptions, 'from'>,
): Promise<RawMessage[]> {
  return readWhole(context, { ...options, after: 0 });
}

/** Messages of one reading: no filter of people's words comes near it. */
const mostRead = 20_000;

type WholeOptions = Omit<FeedOptions, 'from'> & { readonly after: number };

async function readWhole(context: FeedContext, options: WholeOptions): Promise<RawMessage[]> {
  for (let attempt = 0; !options.signal.aborted; attempt++) {
    try {
      const found = await readOnce(context, options);
      if (found) return found;
    } catch (error) {
      const fault = faultOf(error, `reading ${options.filter}`);
      if (fault.retry === 'never' || context.nats.isClosed()) throw fault;
      if (fault.code === 'not_found') await mend(context);
    }
    await context.clock.wait(backoffMs(feedBackoff, attempt, Math.random()), options.signal);
  }
  throw new FaultError('unavailable', `gave up reading ${options.filter}`, { retry: 'later' });
}

/** Mends once; what is not mended by it is found missing again. Throws FaultError when trying again cannot help. */
async function mend(context: FeedContext): Promise<void> {
  try {
    await context.mendStreams();
  } catch (error) {
    const fault = faultOf(error, 'making streams that are missing');
    if (fault.retry === 'never') throw fault;
  }
}

async function readOnce(context: FeedContext, options: WholeOptions): Promise<RawMessage[] | undefined> {
  const isLast = options.after === beforeAll;
  const found = new Map<string | number, RawMessage>();
  for await (const message of openFeed(context, { ...options, endWhenEmpty: true })) {
    const key = isLast ? message.subject : message.seq;
    // Newest last: a subject written while reading moves to its new place in the order.
    found.delete(key);
    found.set(key, toRaw(message));
    if (!isLast) dropOldest(found);
    if (message.info.pending === 0) return [...found.values()];
  }
  // Ended without reaching the end: either there was nothing, or the feed broke and has to be read again.
  const nothing = found.size === 0 && (await isEmpty(context, options));
  return nothing ? [] : undefined;
}

function dropOldest(found: Map<string | number, RawMessage>): void {
  for (const oldest of found.keys()) {
    if (found.size <= mostRead) return;
    found.delete(oldest);
  }
}

async function isEmpty(
  context: FeedContext,
  { stream, filter }: Pick<FeedOptions, 'stream' | 'filter'>,
): Promise<boolean> {
  return (await context.manager.streams.getMessage(stream, { last_by_subj: filter })) === null;
}

/** Goes on after the last message seen, unless the stream has a new life or lost its end: then all of it is new. */
async function whereToGoOn(
  context: FeedContext,
  options: FeedOptions,
  position: Position | undefined,
): Promise<Position> {
  const { created, state } = await context.manager.streams.info(options.stream);
  if (position?.life === created && state.last_seq >= position.sequence) return position;
  if (options.from === 'last') return { life: created, sequence: beforeAll };
  return { life: created, sequence: position ? 0 : state.last_seq };
}

interface OpenFeedOptions {
  readonly stream: string;
  readonly filter: string;
  /** Sequence after which to start; `beforeAll` for the last message of each subject and what follows. */
  readonly after: number;
  readonly signal: AbortSignal;
  /** End at once when no message waits. */
  readonly endWhenEmpty?: boolean;
  readonly caughtUp?: () => void;
}

/** One server-side consumer's messages; ends on abort and at the first sign of trouble. */
async function* openFeed(
  context: FeedContext,
  options: OpenFeedOptions,
): AsyncGenerator<JsMsg, void, undefined> {
  const consumer = await jetstream(context.nats).consumers.get(options.stream, {
    filter_subjects: options.filter,
    inactive_threshold: 30_000,
    ...policyOf(options.after),
  });
  const cached = await consumer.info(true);
  if (cached.num_pending === 0) {
    options.caughtUp?.();
    if (options.endWhenEmpty === true) return forget(consumer);
  }
  const messages = await consumer.consume({
    max_messages: bufferSize,
    expires: 10_000,
    idle_heartbeat: 2_000,
  });
  const stop = () => messages.stop();
  options.signal.addEventListener('abort', stop, { once: true });
  if (options.signal.aborted) stop();
  void stopOnTrouble(messages);
  try {
    for await (const message of messages) {
      if (options.signal.aborted) return;
      yield message;
      if (options.caughtUp && message.info.pending === 0) options.caughtUp();
    }
  } finally {
    options.signal.removeEventListener('abort', stop);
    stop();
    forget(consumer);
  }
}

function policyOf(after: number) {
  if (after === beforeAll) return { deliver_policy: DeliverPolicy.LastPerSubject };
  return { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: after + 1 };
}

async function stopOnTrouble(messages: ConsumerMessages): Promise<void> {
  for await (const status of messages.status()) {
    if (troubles.has(status.type)) messages.stop();
  }
}

/** The server forgets an unused consumer by itself after some time; this is only tidier. */
function forget(consumer: Consumer): void {
  consumer.delete().catch(() => undefined);
}

function toRaw(message: JsMsg): RawMessage {
  let headers: RawMessage['headers'] | undefined;
  return {
    subject: message.subject,
    sequence: message.seq,
    atMs: message.time.getTime(),
    get headers() {
      headers ??= headersOf(message.headers);
      return headers;
    },
    data: message.data,
  };
}
