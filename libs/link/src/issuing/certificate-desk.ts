import type { KeyObject } from 'node:crypto';
import { FaultError, errorText } from '@meridian/runtime';
import type { Clock } from '@meridian/runtime';
import type { LinkLog } from '../attach-link.ts';
import type { PeerIdentity } from '../peer-identity.ts';
import { readAuthority } from './authority.ts';
import { RequestBudget } from './request-budget.ts';

/** A certificate that was issued, for the record. */
export interface IssuedCertificate {
  readonly cluster: string;
  /** Lower-case hex. */
  readonly serialNumber: string;
  readonly endsAtMs: number;
  /** By which proof: a certificate that is valid, one that ended, or a token. */
  readonly proof: 'certificate' | 'ended' | 'token';
}

/** With what and for how long certificates of agents are signed. */
export interface IssuingConfig {
  /** Key of the authority, PEM; its certificate is in `caFile`. Both are read again for each certificate. */
  readonly authorityKeyFile: string;
  /** How long a certificate is valid. */
  readonly lifeMs: number;
  /** Told of each certificate before it is given. */
  readonly onIssued: (issued: IssuedCertificate) => void;
}

/** What the desk is made of. */
export interface DeskConfig extends IssuingConfig {
  readonly caFile: string;
  readonly isRevoked: (identity: PeerIdentity) => boolean;
  readonly clock: Clock;
  readonly log: LinkLog;
}

/** A certificate in DER, or why there is none: `refused` for good, `busy` and `broken` for now. */
export type DeskAnswer =
  | { readonly ok: true; readonly certificate: Buffer }
  | { readonly ok: false; readonly kind: 'refused' | 'busy' | 'broken'; readonly reason: string };

/** Agents ask a few times a month; what is more is a mistake or an attack. */
const limits = { burst: 5, refillMs: 1_000, askers: 10_000 };

/** Gives certificates to agents that have proved who they are. */
export class CertificateDesk {
  private readonly config: DeskConfig;
  private readonly budget = new RequestBudget(limits);

  /** Throws a FaultError when the authority cannot be read. */
  constructor(config: DeskConfig) {
    this.config = config;
    readAuthority(filesOf(config));
  }

  /** Another certificate for the cluster that this one names, while it is valid and not revoked. */
  async renew(identity: PeerIdentity, request: Uint8Array): Promise<DeskAnswer> {
    const { clock, log, isRevoked } = this.config;
    const { cluster } = identity;
    if (identity.expiresAtMs <= clock.nowMs()) return refused('the certificate has ended');
    if (isRevoked(identity)) {
      log.error({ cluster, alarm: true }, 'a revoked certificate asked to be renewed');
      return refused('the certificate is revoked');
    }
    return this.issue(request, { cluster, proof: 'certificate' });
  }

  /** Signs for a cluster whose agent was proved to ask. */
  async issue(
    request: Uint8Array,
    { cluster, proof }: Pick<IssuedCertificate, 'cluster' | 'proof'>,
  ): Promise<DeskAnswer> {
    if (!this.budget.spend(cluster, this.config.clock.monotonicMs()))
      return { ok: false, kind: 'busy', reason: `too many requests for cluster ${cluster}` };
    // Loaded by the first request: most hubs and agents never need the parser.
    const { readCertificateRequest } = await import('./certificate-request.ts');
    const read = readCertificateRequest(request);
    if (!read.ok) {
      this.config.log.warn({ cluster, reason: read.reason }, 'a request for a certificate was refused');
      return refused(read.reason);
    }
    return this.sign(read.publicKey, { cluster, proof });
  }

  private async sign(
    publicKey: KeyObject,
    { cluster, proof }: Pick<IssuedCertificate, 'cluster' | 'proof'>,
  ): Promise<DeskAnswer> {
    const { clock, log, lifeMs, onIssued } = this.config;
    const { issueCertificate } = await import('./issue-certificate.ts');
    try {
      const authority = readAuthority(filesOf(this.config));
      const issued = issueCertificate(authority, { cluster, publicKey, lifeMs, nowMs: clock.nowMs() });
      onIssued({
        cluster,
        serialNumber: issued.serialNumber.toLowerCase(),
        endsAtMs: Date.parse(issued.validTo),
        proof,
      });
      return { ok: true, certificate: issued.raw };
    } catch (error) {
      if (!(error instanceof FaultError)) throw error;
      log.error({ cluster, error: errorText(error) }, 'a certificate could not be issued');
      return { ok: false, kind: 'broken', reason: 'this hub cannot sign now; its log says why' };
    }
  }
}

function refused(reason: string): DeskAnswer {
  return { ok: false, kind: 'refused', reason };
}

function filesOf({ caFile, authorityKeyFile }: DeskConfig) {
  return { caFile, keyFile: authorityKeyFile };
}
