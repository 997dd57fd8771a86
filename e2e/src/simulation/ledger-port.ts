import { headerNames, openFence } from '@meridian/ledger';
import type { FenceContext, LedgerMessage } from '@meridian/ledger';
import type { LeaderPorts } from '@meridian/hub';
import { FaultError } from '@meridian/runtime';
import { errors } from '@nats-io/transport-node';
import type { MsgHdrs } from '@nats-io/transport-node';
import { clockOf, noAnswer } from './clock.ts';
import type { Network } from './network.ts';
import type { Random } from './random.ts';
import type { Process, Schedule } from './schedule.ts';
import type { Stored, Stream } from './stream.ts';

/** What a hub needs of the world to have a ledger. */
export interface LedgerWorld {
  readonly schedule: Schedule;
  readonly network: Network;
  readonly random: Random;
  readonly stream: Stream;
  readonly bundles: BundleShelf;
  /** Takes whoever answers commands now. */
  readonly serve: (
    process: Process,
    handler: (json: unknown) => Promise<unknown>,
    signal: AbortSignal,
  ) => void;
  readonly onEvent: (type: string) => void;
  /** How many messages a replica of the stream may be behind. */
  readonly lag: () => number;
}

/** Stored bundles, by cluster and digest. */
export type BundleShelf = Map<string, Uint8Array>;

/** The ledger of one hub: the production code of claims and fenced writes on the simulated stream. */
export function openLedgerPort(world: LedgerWorld, process: Process): LeaderPorts['ledger'] {
  const { schedule, network, stream } = world;
  const clock = clockOf(schedule, process);
  const isClosed = () => !process.isAlive;
  const ask = <T>(serve: () => T, timeoutMs: number) => {
    const { life } = stream;
    // A server that lost its store was started anew: what was on its way to it is gone with its connections.
    const serveIfThere = () => {
      if (life !== stream.life) throw new errors.TimeoutError();
      return serve();
    };
    return network.ask(process, 'nats', {
      serve: serveIfThere,
      timeoutMs,
      fault: () => new errors.TimeoutError(),
    });
  };
  const readerWithin = (timeoutMs: number): FenceContext['manager'] => ({
    streams: {
      getMessage: (_stream, { last_by_subj: subject }) => ask(() => stream.last(subject) ?? null, timeoutMs),
      info: () => ask(() => ({ state: { last_seq: stream.lastSeq } }), timeoutMs),
    },
  });
  const fence = openFence({
    nats: {
      isClosed,
      request: (subject, body = '', options = { timeout: 2_000 }) =>
        ask(() => ({ data: answer(stream, { subject, body, header: options.headers }) }), options.timeout),
    },
    manager: readerWithin(5_000),
    impatient: readerWithin(1_500),
    shard: 'main',
    holder: process.name,
    clock,
    log: undefined,
    comparesSeals: () => true,
  });
  return {
    ...fence,
    lastBySubject: () =>
      network.ask(process, 'nats', {
        // Any replica may answer.
        serve: () => stream.lastOfEach(Math.max(0, stream.lastSeq - world.lag())).map(toLedgerMessage),
        timeoutMs: 5_000,
        fault: () => noAnswer('the ledger'),
      }),
    bundles: bundlesOf(world, process),
    events: {
      publish: async ({ type }) => world.onEvent(type),
      recent: async () => [],
      async *follow() {},
    },
    bus: {
      serveCommands(handler, signal) {
        world.serve(process, handler, signal);
        return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      },
    },
  };
}

function answer(
  stream: Stream,
  { subject, body, header }: { subject: string; body: Uint8Array | string; header: MsgHdrs | undefined },
): Uint8Array {
  if (!header || typeof body === 'string') throw new TypeError(`${subject} is no fenced write`);
  return encoder.encode(JSON.stringify(stream.publish({ subject, header, data: body })));
}

const encoder = new TextEncoder();

/** A stored message as readers of the ledger have it. */
export function toLedgerMessage(stored: Stored): LedgerMessage {
  const known = messages.get(stored);
  if (known) return known;
  const message = ledgerMessageOf(stored);
  messages.set(stored, message);
  return message;
}

/** Every new leader reads the whole ledger, and so do the audits. */
const messages = new WeakMap<Stored, LedgerMessage>();

function ledgerMessageOf({ subject, seq, header, data, time }: Stored): LedgerMessage {
  const headers = Object.fromEntries(header.keys().map((name) => [name, header.last(name)]));
  return {
    subject,
    sequence: seq,
    term: Number(headers[headerNames.term] ?? 0),
    body: data,
    headers,
    atMs: time.getTime(),
  };
}

function bundlesOf({ network, bundles }: LedgerWorld, process: Process): LeaderPorts['ledger']['bundles'] {
  const ask = <T>(serve: () => T) =>
    network.askAtOnce(process, 'nats', {
      serve,
      timeoutMs: 5_000,
      fault: () => noAnswer('the bundle store'),
    });
  return {
    put: (cluster, digest, bytes) => ask(() => void bundles.set(`${cluster} ${digest}`, bytes)),
    has: (cluster, digest) => ask(() => bundles.has(`${cluster} ${digest}`)),
    missing: (cluster, digests) =>
      ask(() => digests.filter((digest) => !bundles.has(`${cluster} ${digest}`))),
    get: (cluster, digest) => ask(() => readBundle(bundles, cluster, digest)),
    remove: (cluster, digest) => ask(() => void bundles.delete(`${cluster} ${digest}`)),
    keep: async () => [],
  };
}

/** The bytes of a bundle; throws FaultError `not_found`. */
export function readBundle(bundles: BundleShelf, cluster: string, digest: string): Uint8Array {
  const bytes = bundles.get(`${cluster} ${digest}`);
  if (bytes) return bytes;
  throw new FaultError('not_found', `no bundle ${digest} of ${cluster}`, { retry: 'later' });
}
