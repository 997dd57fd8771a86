import { jetstreamManager } from '@nats-io/jetstream';
import type { JetStreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { FaultError } from '@meridian/runtime';
import type { Clock } from '@meridian/runtime';
import { openBundles } from './bundles.ts';
import type { Bundles } from './bundles.ts';
import { openBus } from './bus.ts';
import type { Bus } from './bus.ts';
import { openEnrolmentBook } from './enrolment-book.ts';
import type { EnrolmentBook } from './enrolment-book.ts';
import { natsOf } from './connection.ts';
import type { LedgerConnection, LedgerLog } from './connection.ts';
import { openEvents } from './events.ts';
import type { Events } from './events.ts';
import { faultOf } from './fault-of.ts';
import { openFence } from './fence.ts';
import type { Fence } from './fence.ts';
import { everyMessage, followStream, lastOfEachSubject } from './feed.ts';
import type { FeedOptions } from './feed.ts';
import { headersOf, toLedgerMessage } from './ledger-message.ts';
import type { LedgerMessage } from './ledger-message.ts';
import { ledgerStream, safeToken } from './names.ts';
import { withStreams } from './mend.ts';
import { openStatusBoard } from './status-board.ts';
import type { StatusBoard } from './status-board.ts';
import { ensureStreams, wantedStreams } from './streams.ts';
import type { LedgerContext } from './tail.ts';
import { comparesOtherSubjects } from './version-gate.ts';

/** What a hub needs to open the ledger. */
export interface OpenLedgerOptions {
  readonly connection: LedgerConnection;
  readonly shard: string;
  /** Name of this hub replica: letters, digits, `-`, `_` and `.`. */
  readonly holder: string;
  readonly clock: Clock;
  /** Copies of each stream; 3 on a clustered server and 1 otherwise, unless told. */
  readonly replicas?: number;
  readonly log?: LedgerLog;
}

/** What of the ledger is followed. */
export type FollowOptions = Pick<FeedOptions, 'filter' | 'signal' | 'caughtUp'>;

/**
 * The one ordered stream that holds terms, decisions and assignments, and what lives beside it in JetStream. Claims and
 * reads make streams that were lost.
 */
export interface Ledger extends Fence {
  /** The last message of a subject as the stream's leader has it. */
  last(subject: string): Promise<LedgerMessage | undefined>;
  /** The last message of every subject of a filter, at least as new as the moment of the call, in ledger order: state for a replay. */
  lastBySubject(filter: string, signal?: AbortSignal): Promise<LedgerMessage[]>;
  /** Every message of a filter that is still there, in ledger order: of each subject the last 64. */
  history(filter: string, signal: AbortSignal): Promise<LedgerMessage[]>;
  /** The last of each subject, then everything that follows, for ever; ends when the signal aborts. */
  follow(options: FollowOptions): AsyncIterable<LedgerMessage>;
  readonly bundles: Bundles;
  readonly statusBoard: StatusBoard;
  readonly events: Events;
  readonly bus: Bus;
  readonly enrolment: EnrolmentBook;
}

/**
 * Opens the ledger of a shard, making its streams when they are missing. Throws FaultError: 'unsupported' without
 * JetStream, 'conflict' when a stream is configured otherwise than it must be.
 */
export async function openLedger(options: OpenLedgerOptions): Promise<Ledger> {
  const nats = natsOf(options.connection);
  const { clock } = options;
  const shard = safeToken(options.shard, 'shard');
  if (!/^[\w.-]{1,100}$/.test(options.holder)) {
    throw new FaultError(
      'invalid',
      `the hub id ${JSON.stringify(options.holder)} may have letters, digits, '-', '_' and '.' only`,
      { retry: 'never' },
    );
  }
  const manager = await openJetStream(nats);
  const replicas = options.replicas ?? (options.connection.server().clustered ? 3 : 1);
  const mendStreams = shared(async () => ensureStreams(manager, wantedStreams(shard, replicas)));
  await mendStreams();
  const impatient = await jetstreamManager(nats, { timeout: 1_500, checkAPI: false });
  const context: LedgerContext = {
    nats,
    manager,
    impatient,
    shard,
    holder: options.holder,
    clock,
    log: options.log,
    comparesSeals: () => comparesOtherSubjects(options.connection.server().version),
    ...(replicas > 1 ? { atOnce: 1 } : {}),
    mendStreams,
  };
  if (!context.comparesSeals())
    options.log?.warn(
      { version: options.connection.server().version },
      'nats-server is older than 2.11: a leader that stood still while the store was lost may write once into the new one',
    );
  const stream = ledgerStream(shard);
  const fence = openFence(context);
  return {
    claim: (claim) => withStreams(context, () => fence.claim(claim)),
    last: (subject) => readLast(context, subject),
    async lastBySubject(filter, signal = AbortSignal.timeout(60_000)) {
      return (await lastOfEachSubject(context, { stream, filter, signal })).map(toLedgerMessage);
    },
    async history(filter, signal) {
      return (await everyMessage(context, { stream, filter, signal })).map(toLedgerMessage);
    },
    async *follow(options) {
      for await (const message of followStream(context, { ...options, stream, from: 'last' }))
        yield toLedgerMessage(message);
    },
    tail: () => withStreams(context, () => fence.tail()),
    quietFor: (ms, signal) => withStreams(context, () => fence.quietFor(ms, signal)),
    bundles: openBundles(context),
    statusBoard: openStatusBoard(context),
    events: openEvents(context),
    enrolment: openEnrolmentBook(nats),
    bus: openBus(nats, { shard, log: options.log }),
  };
}

/** Everybody who asks while the work is under way gets the end of that one. */
function shared(work: () => Promise<void>): () => Promise<void> {
  let underWay: Promise<void> | undefined;
  return () => {
    underWay ??= work().finally(() => {
      underWay = undefined;
    });
    return underWay;
  };
}

async function openJetStream(nats: NatsConnection): Promise<JetStreamManager> {
  try {
    return await jetstreamManager(nats, { timeout: 5_000 });
  } catch (error) {
    if (nats.info?.jetstream === true) throw faultOf(error, 'opening JetStream');
    throw new FaultError(
      'unsupported',
      'nats-server runs without JetStream; add `jetstream { store_dir: … }` to its config and enable it for this account',
      {
        retry: 'never',
        cause: error,
      },
    );
  }
}

async function readLast(context: LedgerContext, subject: string): Promise<LedgerMessage | undefined> {
  try {
    const found = await context.manager.streams.getMessage(ledgerStream(context.shard), {
      last_by_subj: subject,
    });
    if (!found) return undefined;
    return toLedgerMessage({
      subject: found.subject,
      sequence: found.seq,
      atMs: found.time.getTime(),
      headers: headersOf(found.header),
      data: found.data,
    });
  } catch (error) {
    throw faultOf(error, `reading ${subject}`);
  }
}
