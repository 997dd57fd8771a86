import { X509Certificate, createPrivateKey, sign } from 'node:crypto';
import { Metadata } from '@grpc/grpc-js';
import { EnrolmentServiceClient } from '@meridian/wire';
import type { EnrolRequest } from '@meridian/wire';
import type { Credentials } from '../certificate-files.ts';
import { hubCredentials, hubOptions } from '../hub-channel.ts';
import type { MadeRequest } from '../issuing/certificate-request.ts';
import { enrolmentText, hashFor } from '../issuing/judge-ended.ts';
import { askHubs } from './ask-hubs.ts';
import type { KeptPair } from './kept-pair.ts';
import { takeIssued } from './take-issued.ts';

/** By what an agent proves who it is. */
export type EnrolmentProof =
  | { readonly kind: 'ended'; readonly credentials: Credentials }
  | { readonly kind: 'token'; readonly token: string };

/** An enrolment. */
export interface EnrolOptions {
  /** `host:port` where hubs enrol. */
  readonly urls: readonly string[];
  readonly cluster: string;
  /** PEM of the authorities that sign hubs. */
  readonly ca: Buffer;
  readonly proof: EnrolmentProof;
  /** Made by `newCertificateRequest`; the same one for each try with a token, which is good for one key. */
  readonly made: MadeRequest;
  readonly signal: AbortSignal;
}

/** A new key with its request. */
export async function newCertificateRequest(): Promise<MadeRequest> {
  // Loaded when it is needed: agents whose certificates others renew never need it.
  const { makeCertificateRequest } = await import('../issuing/certificate-request.ts');
  return makeCertificateRequest();
}

/** Asks where hubs enrol for a certificate. Throws a FaultError as `renewCertificate` does. */
export async function enrolCertificate(options: EnrolOptions): Promise<KeptPair> {
  const { urls, cluster, ca, proof, made, signal } = options;
  const { request, keyPem } = made;
  const message: EnrolRequest = { cluster, request, proof: shown(proof, request) };
  const { certificate } = await askHubs<{ readonly certificate: Buffer }>(
    urls,
    (url, deadline, done) => {
      const client = new EnrolmentServiceClient(url, hubCredentials(url, { ca }), hubOptions(url));
      const call = client.enrol(message, new Metadata(), { deadline }, done);
      return { call, close: () => client.close() };
    },
    signal,
  );
  return takeIssued(certificate, { cluster, ca, keyPem });
}

function shown(proof: EnrolmentProof, request: Buffer): EnrolRequest['proof'] {
  if (proof.kind === 'token') return { $case: 'token', value: proof.token };
  const key = createPrivateKey(proof.credentials.key);
  const certificate = new X509Certificate(proof.credentials.cert).raw;
  const signature = sign(hashFor(key.asymmetricKeyType), enrolmentText(request), key);
  return { $case: 'ended', value: { certificate, signature } };
}
