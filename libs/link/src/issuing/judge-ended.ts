import { X509Certificate, verify } from 'node:crypto';
import { agentIdentity } from '../peer-identity.ts';
import type { PeerIdentity } from '../peer-identity.ts';
import { isIssuedBy } from '../renewing/choose-credentials.ts';

/** What an agent shows whose certificate ended. */
export interface EndedProof {
  readonly cluster: string;
  /** DER. */
  readonly certificate: Uint8Array;
  /** By the key of the certificate, over `enrolmentText` of the request. */
  readonly signature: Uint8Array;
  readonly request: Uint8Array;
}

/** What the hub holds it against. */
export interface EndedRules {
  readonly authorities: readonly X509Certificate[];
  /** How long after its end a certificate still proves who asks. */
  readonly graceMs: number;
  readonly nowMs: number;
  readonly isRevoked: (identity: PeerIdentity) => boolean;
}

/** Whether it is proved, or why not; the reason may be told to whoever asks. */
export type Judgement = { readonly ok: true } | { readonly ok: false; readonly reason: string };

const maxCertificateBytes = 8_192;
const clientAuth = '1.3.6.1.5.5.7.3.2';

/** What the key of an ended certificate signs: these words keep the signature from meaning anything elsewhere. */
export function enrolmentText(request: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from('meridian enrol\n'), request]);
}

/** An algorithm for `sign` and `verify`: Ed25519 hashes by itself. */
export function hashFor(keyType: string | undefined): string | undefined {
  return keyType === 'ed25519' ? undefined : 'sha256';
}

/**
 * Judges a certificate that TLS would not take any more: of an authority that has not ended itself, for the agent of that very cluster,
 * begun, ended no longer ago than the grace, not revoked, and its key signed the request. One that has not ended is as good a proof.
 * Repeating what was overheard gives a certificate for the same new key, which is of no use without it.
 */
export function judgeEnded(proof: EndedProof, rules: EndedRules): Judgement {
  const certificate = parse(proof.certificate);
  const identity = certificate && agentIdentity(certificate.raw);
  if (certificate === undefined || identity?.cluster !== proof.cluster)
    return refused(`the certificate is not of the agent of cluster ${proof.cluster}`);
  if (certificate.ca || certificate.keyUsage?.includes(clientAuth) !== true)
    return refused('the certificate is not for client authentication');
  const { authorities, nowMs } = rules;
  const isKnown = authorities.some((one) => Date.parse(one.validTo) > nowMs && isIssuedBy(certificate, one));
  if (!isKnown) return refused('the certificate is not of the authority of this hub');
  return judgeTime(identity, rules) ?? judgeSignature(certificate, proof);
}

function judgeTime(identity: PeerIdentity, { nowMs, graceMs, isRevoked }: EndedRules): Judgement | undefined {
  if (nowMs < identity.startsAtMs) return refused('the certificate is not valid yet');
  if (nowMs >= identity.expiresAtMs + graceMs)
    return refused('the certificate ended too long ago; a token is needed');
  return isRevoked(identity) ? refused('the certificate is revoked') : undefined;
}

function judgeSignature({ publicKey }: X509Certificate, { request, signature }: EndedProof): Judgement {
  const hash = hashFor(publicKey.asymmetricKeyType);
  return verify(hash, enrolmentText(request), publicKey, signature)
    ? { ok: true }
    : refused('the request is not signed with the key of the certificate');
}

function parse(der: Uint8Array): X509Certificate | undefined {
  if (der.length > maxCertificateBytes) return undefined;
  try {
    return new X509Certificate(der);
  } catch {
    return undefined;
  }
}

function refused(reason: string): Judgement {
  return { ok: false, reason };
}
