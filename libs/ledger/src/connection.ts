import { connect, nkeyAuthenticator } from '@nats-io/transport-node';
import type { ConnectionOptions, NatsConnection, Status } from '@nats-io/transport-node';
import { backoffMs } from '@meridian/retry';
import { FaultError, errorText, systemClock } from '@meridian/runtime';
import { faultOf } from './fault-of.ts';
import { serverRefusal } from './version-gate.ts';

/** Where the adapter says what an operator may need to know. */
export interface LedgerLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** How to reach NATS. */
export interface ConnectNatsOptions {
  /** One server, or several with commas between. */
  readonly url: string;
  /** The nkey seed of the user (`SU…`), or what gives it; that is asked at each connect (see `lastGoodSeed`). */
  readonly seed: string | (() => string);
  /** Prefix of reply subjects; an agent's permissions ask for `_INBOX_<cluster>`. */
  readonly inboxPrefix?: string;
  /** Name of this client in the server's lists. */
  readonly name: string;
  /** Ends the first connect, which is tried again until the server answers. Later losses are mended until `close`. */
  readonly signal: AbortSignal;
  /** PEM file of the authority that signed the server's certificate, when it uses TLS. */
  readonly tlsCaFile?: string;
  readonly log?: LedgerLog;
}

/** A connection to NATS that mends itself. It says nothing of NATS: the ledger's functions use it. */
export interface LedgerConnection extends AsyncDisposable {
  /** Whether the server answers now, as far as the pings of the last 6 s tell. */
  connected(): boolean;
  server(): { readonly version: string; readonly clustered: boolean; readonly url: string };
  /** Sends what is buffered and closes. */
  close(): Promise<void>;
}

const natsConnections = new WeakMap<LedgerConnection, NatsConnection>();
const firstConnectBackoff = { firstMs: 250, factor: 2, capMs: 5_000 };

/** The client behind a connection, for this package only. */
export function natsOf(connection: LedgerConnection): NatsConnection {
  const nats = natsConnections.get(connection);
  if (!nats) throw new TypeError('not a connection made by connectNats');
  return nats;
}

/**
 * Connects and keeps connected: stale connections are noticed in 6 s, reconnects go on for ever with jitter. Throws
 * FaultError 'denied' for a key the server does not know, 'unsupported' for a server Meridian refuses, 'unavailable'
 * when the signal aborts first.
 */
export async function connectNats(options: ConnectNatsOptions): Promise<LedgerConnection> {
  const nats = await connectFirst(options);
  try {
    checkServer(nats);
  } catch (error) {
    await nats.close();
    throw error;
  }
  return keep(nats, options.log);
}

const seedOf = ({ seed }: ConnectNatsOptions): string => (typeof seed === 'string' ? seed : seed());

function clientOptions(options: ConnectNatsOptions): ConnectionOptions {
  return {
    servers: options.url.split(',').map((url) => url.trim()),
    name: options.name,
    authenticator: nkeyAuthenticator(() => new TextEncoder().encode(seedOf(options))),
    ...(options.inboxPrefix === undefined ? {} : { inboxPrefix: options.inboxPrefix }),
    ...(options.tlsCaFile === undefined ? {} : { tls: { caFile: options.tlsCaFile } }),
    timeout: 5_000,
    // A server that has stopped is noticed at the third ping, within 6 s whoever looks.
    pingInterval: 1_800,
    maxPingOut: 2,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    reconnectJitter: 1_000,
    // A key can be unknown for a moment while the server reads a new config.
    ignoreAuthErrorAbort: true,
    noAsyncTraces: true,
  };
}

async function connectFirst(options: ConnectNatsOptions): Promise<NatsConnection> {
  for (let attempt = 0; !options.signal.aborted; attempt++) {
    try {
      return await connect(clientOptions(options));
    } catch (error) {
      const fault = faultOf(error, `connecting to NATS at ${options.url}`);
      if (fault.code === 'denied') {
        throw new FaultError(
          'denied',
          `NATS at ${options.url} does not know this key; add the user to the server's config or use the right seed file`,
          {
            retry: 'never',
            cause: error,
          },
        );
      }
      options.log?.warn({ url: options.url, attempt, error: errorText(fault) }, 'nats is not reachable yet');
      await systemClock.wait(backoffMs(firstConnectBackoff, attempt, Math.random()), options.signal);
    }
  }
  throw new FaultError('unavailable', `gave up connecting to NATS at ${options.url}`, { retry: 'later' });
}

function checkServer(nats: NatsConnection): void {
  const { version, clustered } = serverOf(nats);
  const refusal = serverRefusal({ version, clustered });
  if (refusal !== undefined) throw new FaultError('unsupported', refusal, { retry: 'never' });
  if (nats.info?.headers !== true) {
    throw new FaultError(
      'unsupported',
      'nats-server has headers switched off; remove no_header_support from its config',
      { retry: 'never' },
    );
  }
}

function serverOf(nats: NatsConnection) {
  return {
    version: nats.info?.version ?? '',
    clustered: (nats.info?.cluster ?? '') !== '',
    url: nats.getServer(),
  };
}

function keep(nats: NatsConnection, log: LedgerLog | undefined): LedgerConnection {
  let connected = true;
  const watch = async () => {
    for await (const status of nats.status()) {
      connected = connectedAfter(status, connected);
      if (log) tell(status, log);
    }
    connected = false;
  };
  void watch();
  const close = async () => {
    if (nats.isClosed()) return;
    if (connected && !nats.isDraining()) await nats.drain();
    else await nats.close();
  };
  const connection: LedgerConnection = {
    connected: () => connected && !nats.isClosed(),
    server: () => serverOf(nats),
    close,
    [Symbol.asyncDispose]: close,
  };
  natsConnections.set(connection, nats);
  return connection;
}

function connectedAfter({ type }: Status, before: boolean): boolean {
  if (type === 'reconnect') return true;
  return type === 'disconnect' || type === 'staleConnection' || type === 'close' ? false : before;
}

function tell(status: Status, log: LedgerLog): void {
  if (status.type === 'disconnect') log.warn({ url: status.server }, 'nats connection lost');
  if (status.type === 'reconnect') log.info({ url: status.server }, 'nats connection is back');
  if (status.type === 'error') log.warn({ error: errorText(status.error) }, 'nats server sent an error');
}
