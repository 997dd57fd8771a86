import { X509Certificate, createPrivateKey } from 'node:crypto';
import { FaultError } from '@meridian/runtime';
import { certificatesIn } from '../issuing/pem.ts';
import { agentIdentity } from '../peer-identity.ts';
import { isIssuedBy } from './choose-credentials.ts';
import type { KeptPair } from './kept-pair.ts';

/** What an agent expects of a certificate that a hub gave. */
export interface Expected {
  readonly cluster: string;
  /** PEM of the authorities that it trusts. */
  readonly ca: Buffer;
  /** PEM of the key that it made. */
  readonly keyPem: string;
}

/**
 * The pair, when the certificate (DER) is for our key, of our cluster and of an authority that we trust; a hub that gives anything
 * else must not cost us the pair that works. Throws FaultError `invalid` otherwise.
 */
export function takeIssued(der: Uint8Array, { cluster, ca, keyPem }: Expected): KeptPair {
  const certificate = parse(der);
  const problem = () => {
    if (!certificate.checkPrivateKey(createPrivateKey(keyPem))) return 'is not for the key of the request';
    if (agentIdentity(certificate.raw)?.cluster !== cluster) return `does not name cluster ${cluster}`;
    const isKnown = certificatesIn(String(ca)).some((authority) => isIssuedBy(certificate, authority));
    return isKnown ? undefined : 'is of an authority that is not in the CA file of this agent';
  };
  const found = problem();
  if (found !== undefined) throw unfit(found);
  return { certificate: certificate.toString(), key: keyPem };
}

function parse(der: Uint8Array): X509Certificate {
  try {
    return new X509Certificate(der);
  } catch {
    throw unfit('cannot be read');
  }
}

function unfit(problem: string): FaultError {
  return new FaultError('invalid', `the certificate that the hub gave ${problem}`, { retry: 'later' });
}
