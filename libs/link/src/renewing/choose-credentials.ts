import { X509Certificate, createPrivateKey } from 'node:crypto';
import { FaultError } from '@meridian/runtime';
import { readCredentials } from '../certificate-files.ts';
import type { CertificateFiles, Credentials } from '../certificate-files.ts';
import { lifeOf } from '../certificate-life.ts';
import { readAuthorities } from '../issuing/authority.ts';
import { readKeptPair } from './kept-pair.ts';

/** The files of an agent: those that others write, and the one in which it keeps what a hub issued. */
export interface AgentFiles extends CertificateFiles {
  readonly keptFile?: string | undefined;
}

/** A pair that fits, and the file of its certificate. */
export interface ChosenCredentials extends Credentials {
  readonly file: string;
}

/**
 * The pair that an agent uses: of the one in the files and the one it keeps, the one that was issued later, but none that has
 * ended while the other has not. So a renewed certificate is used until somebody puts a newer one in place. What is kept
 * counts only when an authority in `caFile` issued it. Throws a FaultError that says what is wrong with the files when there is none.
 */
export function chooseCredentials(files: AgentFiles, nowMs: number): ChosenCredentials {
  const kept = keptCredentials(files);
  if (kept === undefined) return given(files);
  let other: ChosenCredentials;
  try {
    other = given(files);
  } catch (error) {
    if (!(error instanceof FaultError)) throw error;
    return kept;
  }
  return isBetter(lifeOf(kept.cert), lifeOf(other.cert), nowMs) ? kept : other;
}

type Life = ReturnType<typeof lifeOf>;

function isBetter(one: Life, other: Life, nowMs: number): boolean {
  const hasEnded = one.endsAtMs <= nowMs;
  const otherHasEnded = other.endsAtMs <= nowMs;
  if (hasEnded !== otherHasEnded) return otherHasEnded;
  return hasEnded ? one.endsAtMs > other.endsAtMs : one.startsAtMs >= other.startsAtMs;
}

function given(files: AgentFiles): ChosenCredentials {
  return { ...readCredentials(files), file: files.certFile };
}

/** Undefined when nothing is kept, or what is kept cannot be used: then the files decide, as if it were not there. */
function keptCredentials({ caFile, keptFile }: AgentFiles): ChosenCredentials | undefined {
  if (keptFile === undefined) return undefined;
  try {
    const pair = readKeptPair(keptFile);
    if (pair === undefined) return undefined;
    const certificate = new X509Certificate(pair.certificate);
    const authorities = readAuthorities(caFile);
    if (!certificate.checkPrivateKey(createPrivateKey(pair.key))) return undefined;
    if (!authorities.some((one) => isIssuedBy(certificate, one))) return undefined;
    const ca = Buffer.from(authorities.map(String).join(''));
    return { ca, cert: Buffer.from(pair.certificate), key: Buffer.from(pair.key), file: keptFile };
  } catch {
    return undefined;
  }
}

/** Whether that authority signed this certificate, whenever it ends. */
export function isIssuedBy(certificate: X509Certificate, authority: X509Certificate): boolean {
  return certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
}
