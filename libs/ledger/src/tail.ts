import type { JetStreamManager } from '@nats-io/jetstream';
import type { MsgHdrs, NatsConnection } from '@nats-io/transport-node';
import { backoffMs } from '@meridian/retry';
import { FaultError } from '@meridian/runtime';
import type { Clock } from '@meridian/runtime';
import { unlessAborted } from './ask.ts';
import type { Asker } from './ask.ts';
import type { LedgerLog } from './connection.ts';
import { faultOf } from './fault-of.ts';
import { headersOf, termOf } from './ledger-message.ts';
import { headerNames, ledgerStream, ledgerSubjects } from './names.ts';
import type { MendContext } from './mend.ts';

/** A message as the leader of a stream has it. */
export interface FoundMessage {
  readonly subject: string;
  readonly seq: number;
  readonly header: MsgHdrs;
  readonly data: Uint8Array;
  readonly time: Date;
}

/** Reads of the leader of a stream; a JetStreamManager has them. */
export interface StreamReader {
  readonly streams: {
    getMessage(stream: string, query: { last_by_subj: string }): Promise<FoundMessage | null>;
    info(stream: string): Promise<{ readonly state: { readonly last_seq: number } }>;
  };
}

/** All that claiming and fenced writing need of the outside world. */
export interface FenceContext {
  readonly nats: Asker & { isClosed(): boolean };
  readonly manager: StreamReader;
  /** The same, but giving up on an answer after 1.5 s: a leader that waits to know its tail would rather ask again. */
  readonly impatient: StreamReader;
  readonly shard: string;
  readonly holder: string;
  readonly clock: Clock;
  readonly log: LedgerLog | undefined;
  /** Whether the server compares what a write says of seals; an older one would take it for something else. */
  readonly comparesSeals: () => boolean;
  /**
   * How many records may be under way at once; 256 unless told. A replicated stream takes one: what follows a refused record
   * names it by id, and servers of a cluster (2.15) that find another id when they store it write to the stream no more.
   */
  readonly atOnce?: number;
}

/** What the parts of one open ledger share. */
export interface LedgerContext extends FenceContext, MendContext {
  readonly nats: NatsConnection;
  readonly manager: JetStreamManager;
  readonly impatient: JetStreamManager;
}

/** The last message of the ledger: its sequence and who wrote it. An empty ledger has sequence 0 and no writer. */
export interface Tail {
  readonly sequence: number;
  readonly term: number;
  readonly holder: string;
  readonly messageId: string;
  readonly atMs: number;
}

const tailBackoff = { firstMs: 50, factor: 2, capMs: 2_000 };

/**
 * The tail as the stream's leader has it. STREAM.MSG.GET, not DIRECT.GET: a follower may be behind, and deciding who
 * was fenced on old news would let a zombie go on.
 */
export async function readTail(context: FenceContext): Promise<Tail> {
  const stream = ledgerStream(context.shard);
  try {
    const last = await context.impatient.streams.getMessage(stream, {
      last_by_subj: ledgerSubjects.all(context.shard),
    });
    if (last) {
      const headers = headersOf(last.header);
      return {
        sequence: last.seq,
        term: termOf(headers),
        holder: headers[headerNames.holder] ?? '',
        messageId: headers[headerNames.messageId] ?? '',
        atMs: last.time.getTime(),
      };
    }
    const { state } = await context.impatient.streams.info(stream);
    return { sequence: state.last_seq, term: 0, holder: '', messageId: '', atMs: 0 };
  } catch (error) {
    throw faultOf(error, 'reading the tail of the ledger');
  }
}

/** `readTail`, asked until the server answers. Throws FaultError when the signal aborts or asking cannot help. */
export async function settledTail(context: FenceContext, signal: AbortSignal): Promise<Tail> {
  for (let attempt = 0; !signal.aborted; attempt++) {
    try {
      return await unlessAborted(readTail(context), signal);
    } catch (error) {
      if (signal.aborted) break;
      const fault = faultOf(error, 'reading the tail of the ledger');
      if (fault.retry === 'never' || fault.code === 'not_found' || context.nats.isClosed()) throw fault;
      await context.clock.wait(backoffMs(tailBackoff, attempt, Math.random()), signal);
    }
  }
  throw new FaultError(
    'unavailable',
    'gave up before the ledger said what it holds; the next append finds out first',
    { retry: 'later' },
  );
}
