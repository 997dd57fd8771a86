import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { enrolCertificate, newCertificateRequest, renewCertificate } from '@meridian/link';
import type { ChosenCredentials, KeptPair, RenewalStep } from '@meridian/link';
import { FaultError, readSecretFile } from '@meridian/runtime';

/** Where an agent gets certificates. */
export interface CertificateSources {
  readonly cluster: string;
  /** `host:port` of every hub replica's link. */
  readonly urls: readonly string[];
  readonly caFile: string;
  /** Where hubs enrol, and the file in which a person puts a token; absent when hubs do not. */
  readonly enrolment?:
    { readonly urls: readonly string[]; readonly tokenFile: string | undefined } | undefined;
}

/** Gets certificates, by whatever the step says. */
export interface CertificateSource {
  /** Whether a token is there that was neither spent (its hash) nor refused. */
  hasToken(spent: string | undefined): boolean;
  /** Throws a FaultError as `renewCertificate` does. A refused token is not shown again. */
  get(
    step: Exclude<RenewalStep, { readonly kind: 'wait' }>,
    credentials: ChosenCredentials | undefined,
    signal: AbortSignal,
  ): Promise<KeptPair>;
}

/** Makes it. It remembers the request of a token: a token is good for one request, and its answer may be lost. */
export function createCertificateSource(sources: CertificateSources): CertificateSource {
  const { cluster, urls, caFile, enrolment } = sources;
  let refused: string | undefined;
  let pending: { readonly hash: string; readonly made: ReturnType<typeof newCertificateRequest> } | undefined;

  const enrol = async (
    proof: Parameters<typeof enrolCertificate>[0]['proof'],
    made: Awaited<ReturnType<typeof newCertificateRequest>>,
    signal: AbortSignal,
  ) =>
    enrolCertificate({
      urls: enrolment?.urls ?? [],
      cluster,
      ca: readFileSync(caFile),
      proof,
      made,
      signal,
    });
  const byToken = async (signal: AbortSignal): Promise<KeptPair> => {
    const token = tokenIn(enrolment?.tokenFile);
    if (token === undefined)
      throw new FaultError('unavailable', 'the token was taken away', { retry: 'later' });
    const hash = hashOf(token);
    if (pending?.hash !== hash) pending = { hash, made: newCertificateRequest() };
    try {
      // The request stays known: what was issued may not get as far as the disk, and the token is asked by again.
      const pair = await enrol({ kind: 'token', token }, await pending.made, signal);
      return { ...pair, token: hash };
    } catch (error) {
      if (error instanceof FaultError && error.code === 'denied') refused = hash;
      throw error;
    }
  };
  const byEnded = async (credentials: ChosenCredentials, signal: AbortSignal) =>
    enrol({ kind: 'ended', credentials }, await newCertificateRequest(), signal);
  const renew = async (credentials: ChosenCredentials, signal: AbortSignal) => {
    try {
      return await renewCertificate({ urls, cluster, credentials, signal });
    } catch (error) {
      // By the clock of the hub it may have ended; TLS does not say why it refuses.
      const mayHaveEnded = error instanceof FaultError && error.code === 'unavailable';
      if (enrolment === undefined || !mayHaveEnded || signal.aborted) throw error;
      return byEnded(credentials, signal);
    }
  };
  return {
    hasToken(spent) {
      const token = tokenIn(enrolment?.tokenFile);
      return token !== undefined && ![spent, refused].includes(hashOf(token));
    },
    async get(step, credentials, signal) {
      if (step.kind === 'enrol' && step.by === 'token') return byToken(signal);
      if (credentials === undefined)
        throw new FaultError('invalid', 'there is no certificate to renew', { retry: 'later' });
      return step.kind === 'renew' ? renew(credentials, signal) : byEnded(credentials, signal);
    },
  };
}

/** Undefined when no token lies there. */
function tokenIn(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  try {
    const token = readSecretFile(file);
    return token === '' ? undefined : token;
  } catch {
    return undefined;
  }
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
