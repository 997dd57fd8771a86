import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { AsnConvert } from '@peculiar/asn1-schema';
import { CertificationRequest, CertificationRequestInfo } from '@peculiar/asn1-csr';
import { AlgorithmIdentifier, Name, SubjectPublicKeyInfo } from '@peculiar/asn1-x509';
import { errorText } from '@meridian/runtime';

/** Largest request that is looked at, in bytes; one of ours has about 300. */
export const maxRequestBytes = 4_096;

/** A new key, and the request (PKCS #10 in DER) that proves it. */
export interface MadeRequest {
  readonly request: Buffer;
  readonly keyPem: string;
}

/** A public key that may be signed, or why it may not. */
export type ReadRequest =
  { readonly ok: true; readonly publicKey: KeyObject } | { readonly ok: false; readonly reason: string };

/** RFC 5758 §3.2, by the name that OpenSSL has for the curve. */
const curves = new Map([
  ['prime256v1', { hash: 'sha256', signature: '1.2.840.10045.4.3.2' }],
  ['secp384r1', { hash: 'sha384', signature: '1.2.840.10045.4.3.3' }],
]);

/** Makes an ECDSA key on P-256 and a request for it. It names nobody: the hub knows who asks, and reads no names. */
export function makeCertificateRequest(): MadeRequest {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const info = new CertificationRequestInfo({
    version: 0,
    subject: new Name(),
    subjectPKInfo: AsnConvert.parse(
      pair.publicKey.export({ type: 'spki', format: 'der' }),
      SubjectPublicKeyInfo,
    ),
  });
  const signed = Buffer.from(AsnConvert.serialize(info));
  const request = new CertificationRequest({
    certificationRequestInfo: info,
    signatureAlgorithm: new AlgorithmIdentifier({ algorithm: '1.2.840.10045.4.3.2' }),
    signature: arrayBufferOf(sign('sha256', signed, pair.privateKey)),
  });
  return {
    request: Buffer.from(AsnConvert.serialize(request)),
    keyPem: String(pair.privateKey.export({ type: 'pkcs8', format: 'pem' })),
  };
}

/**
 * Reads a request (PKCS #10 in DER) from a peer. Only its key is taken, and only when the request is signed with it: ECDSA on P-256
 * or P-384. Nothing else in it is looked at.
 */
export function readCertificateRequest(der: Uint8Array): ReadRequest {
  if (der.length === 0 || der.length > maxRequestBytes)
    return refused(`a request of ${der.length} bytes is not between 1 and ${maxRequestBytes}`);
  try {
    return judge(AsnConvert.parse(der, CertificationRequest));
  } catch (error) {
    // The parser throws whatever hostile bytes make it meet; all of it means the same.
    return refused(`the request is not PKCS #10 in DER: ${errorText(error).slice(0, 200)}`);
  }
}

function judge(request: CertificationRequest): ReadRequest {
  const { certificationRequestInfoRaw: raw, certificationRequestInfo: info } = request;
  const publicKey = createPublicKey({
    key: Buffer.from(AsnConvert.serialize(info.subjectPKInfo)),
    format: 'der',
    type: 'spki',
  });
  const curve = curves.get(publicKey.asymmetricKeyDetails?.namedCurve ?? '');
  if (publicKey.asymmetricKeyType !== 'ec' || curve === undefined)
    return refused('the key of a request must be ECDSA on P-256 or P-384');
  const known = [...curves.values()].find(
    ({ signature }) => signature === request.signatureAlgorithm.algorithm,
  );
  if (raw === undefined || known === undefined)
    return refused('a request must be signed by ECDSA with SHA-256 or SHA-384');
  return verify(known.hash, Buffer.from(raw), publicKey, Buffer.from(request.signature))
    ? { ok: true, publicKey }
    : refused('the request is not signed with the key that it holds');
}

function refused(reason: string): ReadRequest {
  return { ok: false, reason };
}

/** The bytes alone: a Buffer is often a view of a larger pool. */
export function arrayBufferOf(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
