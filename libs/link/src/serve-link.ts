import { Server, experimental, status } from '@grpc/grpc-js';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import type { Clock } from '@meridian/runtime';
import { CertificateServiceService, LinkServiceService, wireLimits } from '@meridian/wire';
import type { AttachRequest, AttachResponse, LinkServiceServer } from '@meridian/wire';
import type { LinkLog } from './attach-link.ts';
import { admit } from './admission.ts';
import { CertificateWatch } from './certificate-files.ts';
import type { CertificateFiles } from './certificate-files.ts';
import { shutServer } from './grpc-server.ts';
import { CertificateDesk } from './issuing/certificate-desk.ts';
import type { IssuingConfig } from './issuing/certificate-desk.ts';
import { renewalService } from './issuing/serve-renewals.ts';
import { agentIdentity } from './peer-identity.ts';
import type { PeerIdentity } from './peer-identity.ts';
import { RevocationWatch } from './revocations.ts';
import { Session } from './session.ts';
import type { AttachedSession, LinkReceiver, SessionContext } from './session.ts';

/** How to serve the link. */
export interface ServeLinkConfig extends CertificateFiles, LinkReceiver {
  /** `host:port`; port 0 takes a free one. */
  readonly address: string;
  /** Name of this hub replica, told to agents. */
  readonly hub: string;
  /** How often agents shall send a heartbeat; after three missed ones a session is over. */
  readonly heartbeatMs: number;
  readonly clock: Clock;
  /** In [0, 1); spreads the ends of old streams. */
  readonly random: () => number;
  readonly log: LinkLog;
  /** Asked when an agent attaches and with every heartbeat. */
  readonly isRevoked?: (identity: PeerIdentity) => boolean;
  /** A list of revoked certificates (`parseRevocations`), looked at every 5 s; a stream of one of them ends at once. */
  readonly revokedFile?: string | undefined;
  /** A stream is asked to leave at this age, give or take a third, so that its certificate is checked anew; 45 minutes unless told. */
  readonly maxStreamAgeMs?: number;
  /** How certificates of agents are renewed; without it others have to. */
  readonly issuing?: IssuingConfig | undefined;
}

/** A running link server. */
export interface LinkServer {
  readonly port: number;
  /** The attached agents, one per cluster. */
  sessions(): readonly AttachedSession[];
  /** Asks every agent to attach elsewhere within a random part of `withinMs`. */
  goaway(withinMs: number, reason: string): void;
  /** Asks the agents to leave, waits for them for at most 2.5 s, and closes. */
  stop(): Promise<void>;
}

/** Streams of one connection: an agent needs one, and a second for a moment while it changes over. */
const streamsPerConnection = 4;
const leaveMs = 2_000;

/**
 * Serves LinkService over mTLS; who a peer is, its certificate alone says. Throws a FaultError when the certificates
 * cannot be used or the port is taken. Changed certificate files are taken up without a restart.
 */
export async function serveLink(config: ServeLinkConfig): Promise<LinkServer> {
  const stopping = new AbortController();
  const certificates = new CertificateWatch(config, config.log);
  const revoked =
    config.revokedFile === undefined ? undefined : new RevocationWatch(config.revokedFile, config.log);
  const isRevoked = (identity: PeerIdentity): boolean =>
    revoked?.has(identity) === true || config.isRevoked?.(identity) === true;
  const current = new Map<string, Session>();
  const all = new Set<Session>();
  const server = new Server(serverOptions(config.maxStreamAgeMs ?? defaultAgeMs));
  const attach = (stream: ServerDuplexStream<AttachRequest, AttachResponse>) => {
    const identity = identityOf(stream, config.log);
    if (!identity)
      return refuse(stream, status.UNAUTHENTICATED, 'the certificate names no cluster in its URI');
    if (stopping.signal.aborted) return refuse(stream, status.UNAVAILABLE, 'the hub stops');
    const session = new Session(stream, identity, contextOf(config, { current, all, isRevoked }));
    all.add(session);
    void session.watch();
  };
  const service: LinkServiceServer = { attach };
  server.addService(LinkServiceService, service);
  if (config.issuing !== undefined) {
    const desk = new CertificateDesk({ ...config, ...config.issuing, isRevoked });
    server.addService(CertificateServiceService, renewalService(desk, config.log));
  }
  const { address, clock } = config;
  const admission = await admit({
    ...{ address, server, clock, signal: stopping.signal },
    credentials: experimental.createCertificateProviderServerCredentials(certificates, certificates, true),
  });
  void certificates.follow(config.clock, stopping.signal);
  void revoked?.follow(config.clock, stopping.signal);
  const goaway = (withinMs: number, reason: string) => {
    for (const session of all) session.goaway(withinMs, reason);
  };
  return {
    port: admission.port,
    sessions: () => [...current.values()].flatMap((session) => session.describe() ?? []),
    goaway,
    stop: async () => {
      if (stopping.signal.aborted) return;
      stopping.abort();
      // A few agents can move at once; many must not arrive at the other hubs in the same moment.
      goaway(Math.min(leaveMs, 20 * all.size), 'the hub stops');
      await untilEmpty(all, config.clock);
      for (const session of all) session.end(status.UNAVAILABLE, 'the hub stops');
      await shutServer(server);
      admission.end();
    },
  };
}

const defaultAgeMs = 45 * 60_000;

function serverOptions(maxStreamAgeMs: number) {
  return {
    'grpc.max_receive_message_length': wireLimits.messageBytes,
    'grpc.max_concurrent_streams': streamsPerConnection,
    'grpc.keepalive_time_ms': 30_000,
    'grpc.keepalive_timeout_ms': 10_000,
    // A connection that carries no stream, or outlives the goaway of its stream, is of no use to an honest agent.
    'grpc.max_connection_idle_ms': 60_000,
    'grpc.max_connection_age_ms': 2 * maxStreamAgeMs,
    'grpc.max_connection_age_grace_ms': 30_000,
  };
}

function identityOf(
  stream: ServerDuplexStream<AttachRequest, AttachResponse>,
  log: LinkLog,
): PeerIdentity | undefined {
  const certificate = stream.getAuthContext().sslPeerCertificate;
  const identity = certificate && agentIdentity(certificate.raw);
  if (!identity) {
    log.error(
      { peer: stream.getPeer(), alarm: true },
      'a certificate without the URI of a cluster tried to attach',
    );
  }
  return identity;
}

function refuse(
  stream: ServerDuplexStream<AttachRequest, AttachResponse>,
  code: status,
  details: string,
): void {
  stream.emit('error', Object.assign(new Error(details), { code, details }));
}

function contextOf(
  config: ServeLinkConfig,
  sessions: {
    readonly current: Map<string, Session>;
    readonly all: Set<Session>;
    readonly isRevoked: (identity: PeerIdentity) => boolean;
  },
): SessionContext {
  const ageMs = config.maxStreamAgeMs ?? defaultAgeMs;
  return {
    hub: config.hub,
    heartbeatMs: config.heartbeatMs,
    clock: config.clock,
    log: config.log,
    receiver: config,
    maxAgeMs: ageMs * (2 / 3 + (2 / 3) * config.random()),
    isRevoked: sessions.isRevoked,
    attached(session) {
      const { cluster } = session.identity;
      const before = sessions.current.get(cluster);
      sessions.current.set(cluster, session);
      before?.end(status.ABORTED, 'a newer session of this cluster attached', true);
    },
    ended(session) {
      sessions.all.delete(session);
      const { cluster } = session.identity;
      if (sessions.current.get(cluster) === session) sessions.current.delete(cluster);
    },
  };
}

async function untilEmpty(sessions: ReadonlySet<Session>, clock: Clock): Promise<void> {
  const late = AbortSignal.timeout(leaveMs + 500);
  while (sessions.size > 0 && !late.aborted) await clock.wait(20, late);
}
