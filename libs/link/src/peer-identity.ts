import { X509Certificate } from 'node:crypto';

/** Who is at the other end, as its certificate says. */
export interface PeerIdentity {
  readonly cluster: string;
  /** SHA-256 fingerprint of the certificate, as openssl prints it. */
  readonly fingerprint: string;
  readonly serialNumber: string;
  readonly startsAtMs: number;
  readonly expiresAtMs: number;
}

const clusterUri = /^spiffe:\/\/meridian\/cluster\/([a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?)$/;
const hubUri = /^spiffe:\/\/meridian\/hub\/[\w.-]{1,100}$/;

/**
 * The one URI among the subject alternative names; undefined when there is none, or more than one. Node quotes names with
 * characters that could forge a list (https://nodejs.org/en/blog/vulnerability/jan-2022-security-releases), and no name of ours needs them.
 */
export function identityUri(subjectAltName: string | undefined): string | undefined {
  if (subjectAltName === undefined || subjectAltName.includes('"')) return undefined;
  const uris = subjectAltName.split(', ').filter((name) => name.startsWith('URI:'));
  return uris.length === 1 ? uris[0]?.slice('URI:'.length) : undefined;
}

/** The agent that a verified certificate (DER) names; undefined when it names no cluster. */
export function agentIdentity(der: Uint8Array): PeerIdentity | undefined {
  const certificate = new X509Certificate(der);
  const [, cluster] = clusterUri.exec(identityUri(certificate.subjectAltName) ?? '') ?? [];
  if (cluster === undefined) return undefined;
  return {
    cluster,
    fingerprint: certificate.fingerprint256,
    serialNumber: certificate.serialNumber,
    startsAtMs: Date.parse(certificate.validFrom),
    expiresAtMs: Date.parse(certificate.validTo),
  };
}

/** Whether a certificate's alternative names say that it is a hub: an agent's certificate of the same authority is not. */
export function isHubIdentity(subjectAltName: string | undefined): boolean {
  return hubUri.test(identityUri(subjectAltName) ?? '');
}
