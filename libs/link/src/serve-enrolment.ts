import { Server, experimental } from '@grpc/grpc-js';
import type { ServerUnaryCall } from '@grpc/grpc-js';
import type { Clock } from '@meridian/runtime';
import { EnrolmentServiceService, plainText } from '@meridian/wire';
import type { EnrolRequest, EnrolmentServiceServer } from '@meridian/wire';
import type { LinkLog } from './attach-link.ts';
import { CertificateWatch } from './certificate-files.ts';
import type { CertificateFiles } from './certificate-files.ts';
import { bindServer, shutServer } from './grpc-server.ts';
import { readAuthorities } from './issuing/authority.ts';
import { CertificateDesk } from './issuing/certificate-desk.ts';
import type { DeskAnswer, IssuingConfig } from './issuing/certificate-desk.ts';
import { judgeEnded } from './issuing/judge-ended.ts';
import type { Judgement } from './issuing/judge-ended.ts';
import { RequestBudget } from './issuing/request-budget.ts';
import { answer } from './issuing/serve-renewals.ts';
import { RevocationWatch } from './revocations.ts';

/** How to serve those who have no certificate that TLS would take. */
export interface ServeEnrolmentConfig extends CertificateFiles, IssuingConfig {
  /** `host:port`; port 0 takes a free one. */
  readonly address: string;
  /** How long after its end a certificate may be renewed. */
  readonly graceMs: number;
  readonly revokedFile?: string | undefined;
  /** Takes a token of a cluster for a request, once. Throws a FaultError when it cannot be looked up. */
  readonly takeToken: (ask: TokenAsk) => Promise<Judgement>;
  readonly clock: Clock;
  readonly log: LinkLog;
}

/** Who asks by which token, for which request. */
export interface TokenAsk {
  readonly cluster: string;
  readonly token: string;
  readonly request: Uint8Array;
}

/** A running server for enrolment. */
export interface EnrolmentServer {
  readonly port: number;
  stop(): Promise<void>;
}

const options = {
  'grpc.max_receive_message_length': 32 * 1024,
  'grpc.max_concurrent_streams': 4,
  'grpc.max_connection_idle_ms': 10_000,
  'grpc.max_connection_age_ms': 60_000,
  'grpc.max_connection_age_grace_ms': 10_000,
};
/** Anybody can ask here, so that an address may ask little, and all of them not so much that the hub feels it. */
const perAddress = { burst: 20, refillMs: 500, askers: 10_000 };
const overall = { burst: 200, refillMs: 20, askers: 1 };
const clusterName = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const longestToken = 200;

/**
 * Serves EnrolmentService: TLS proves the hub only, and who asks is proved by an ended certificate or a token. Throws a FaultError
 * when the certificates or the authority cannot be used, or the port is taken.
 */
export async function serveEnrolment(config: ServeEnrolmentConfig): Promise<EnrolmentServer> {
  const stopping = new AbortController();
  const certificates = new CertificateWatch(config, config.log);
  const revoked =
    config.revokedFile === undefined ? undefined : new RevocationWatch(config.revokedFile, config.log);
  const isRevoked: DeskRules['isRevoked'] = (identity) => revoked?.has(identity) === true;
  const desk = new CertificateDesk({ ...config, isRevoked });
  const server = new Server(options);
  server.addService(EnrolmentServiceService, enrolmentService(config, { desk, isRevoked }));
  const port = await bindServer(
    server,
    config.address,
    experimental.createCertificateProviderServerCredentials(certificates, certificates, false),
  );
  void certificates.follow(config.clock, stopping.signal);
  void revoked?.follow(config.clock, stopping.signal);
  return {
    port,
    stop: async () => {
      stopping.abort();
      await shutServer(server);
    },
  };
}

interface DeskRules {
  readonly desk: CertificateDesk;
  readonly isRevoked: ConstructorParameters<typeof CertificateDesk>[0]['isRevoked'];
}

function enrolmentService(config: ServeEnrolmentConfig, rules: DeskRules): EnrolmentServiceServer {
  const { clock, log } = config;
  const addresses = new RequestBudget(perAddress);
  const all = new RequestBudget(overall);
  const enrol = async (call: ServerUnaryCall<EnrolRequest, unknown>): Promise<DeskAnswer> => {
    const peer = call.getPeer();
    const nowMs = clock.monotonicMs();
    if (!addresses.spend(peer.slice(0, peer.lastIndexOf(':')), nowMs) || !all.spend('', nowMs))
      return { ok: false, kind: 'busy', reason: 'too many requests; ask again later' };
    const { cluster, request, proof } = call.request;
    const judged = await judge(config, rules, call.request);
    if (judged.ok)
      return rules.desk.issue(request, { cluster, proof: proof?.$case === 'token' ? 'token' : 'ended' });
    log.warn(
      { peer, cluster: plainText(cluster, 80), reason: judged.reason, alarm: true },
      'an enrolment was refused',
    );
    return { ok: false, kind: 'refused', reason: judged.reason };
  };
  return { enrol: (call, callback) => void answer(callback, () => enrol(call), log) };
}

async function judge(
  config: ServeEnrolmentConfig,
  { isRevoked }: DeskRules,
  { cluster, request, proof }: EnrolRequest,
): Promise<Judgement> {
  if (!clusterName.test(cluster)) return { ok: false, reason: 'the cluster has no name of a cluster' };
  switch (proof?.$case) {
    case undefined:
      return { ok: false, reason: 'neither an ended certificate nor a token was shown' };
    case 'token':
      if (proof.value.length > longestToken) return { ok: false, reason: 'the token is not one of a hub' };
      return config.takeToken({ cluster, token: proof.value, request });
    case 'ended': {
      const { graceMs, clock, caFile } = config;
      const shown = { cluster, request, ...proof.value };
      return judgeEnded(shown, {
        authorities: readAuthorities(caFile),
        graceMs,
        nowMs: clock.nowMs(),
        isRevoked,
      });
    }
  }
}
