import { Metadata } from '@grpc/grpc-js';
import { CertificateServiceClient } from '@meridian/wire';
import type { Credentials } from '../certificate-files.ts';
import { hubCredentials, hubOptions } from '../hub-channel.ts';
import { askHubs } from './ask-hubs.ts';
import type { KeptPair } from './kept-pair.ts';
import { takeIssued } from './take-issued.ts';

/** A renewal by the certificate that is valid. */
export interface RenewOptions {
  /** `host:port` of every hub replica. */
  readonly urls: readonly string[];
  readonly cluster: string;
  readonly credentials: Credentials;
  readonly signal: AbortSignal;
}

/**
 * Makes a key and asks the hubs for a certificate for it. Throws a FaultError: `unsupported` when hubs leave renewal to others,
 * `denied` when they refuse this agent, `invalid` when what they gave is not usable, and otherwise what is worth another try.
 */
export async function renewCertificate(options: RenewOptions): Promise<KeptPair> {
  const { urls, cluster, credentials, signal } = options;
  // Loaded when it is needed: agents whose certificates others renew never need it.
  const { makeCertificateRequest } = await import('../issuing/certificate-request.ts');
  const { request, keyPem } = makeCertificateRequest();
  const { certificate } = await askHubs<{ readonly certificate: Buffer }>(
    urls,
    (url, deadline, done) => {
      const client = new CertificateServiceClient(url, hubCredentials(url, credentials), hubOptions(url));
      const call = client.renew({ request }, new Metadata(), { deadline }, done);
      return { call, close: () => client.close() };
    },
    signal,
  );
  return takeIssued(certificate, { cluster, ca: credentials.ca, keyPem });
}
