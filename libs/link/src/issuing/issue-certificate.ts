import { X509Certificate, createHash, randomBytes, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import * as x509 from '@peculiar/asn1-x509';
import { FaultError } from '@meridian/runtime';
import type { Authority } from './authority.ts';
import { arrayBufferOf } from './certificate-request.ts';

/** Whom a certificate names, whose key it has, and how long it is good for. */
export interface IssueOrder {
  readonly cluster: string;
  readonly publicKey: KeyObject;
  readonly lifeMs: number;
  readonly nowMs: number;
}

/** The start is put back this far, so that a clock that is a little behind takes it; less for a short life. */
const longestBackdateMs = 5 * 60_000;

/** Hash and OID for each kind of authority: RFC 5758 §3.2, RFC 4055 §5, RFC 8410 §3. */
const ecdsa = new Map([
  ['prime256v1', { hash: 'sha256', id: '1.2.840.10045.4.3.2' }],
  ['secp384r1', { hash: 'sha384', id: '1.2.840.10045.4.3.3' }],
  ['secp521r1', { hash: 'sha512', id: '1.2.840.10045.4.3.4' }],
]);

const asn1Null = Uint8Array.of(5, 0).buffer;

interface Signing {
  /** Undefined where the algorithm hashes by itself. */
  readonly hash: string | undefined;
  readonly algorithm: x509.AlgorithmIdentifier;
}

/**
 * Signs a certificate for the agent of a cluster: for client authentication, with one URI name, not beyond the end of the
 * authority. Throws FaultError `unsupported` when the authority's certificate is not valid now or its key cannot sign.
 */
export function issueCertificate({ certificate, key }: Authority, order: IssueOrder): X509Certificate {
  const { algorithm, hash } = signingOf(key);
  const issuer = AsnConvert.parse(certificate.raw, x509.Certificate).tbsCertificate;
  const body = new x509.TBSCertificate({
    version: x509.Version.v3,
    // Positive, with 120 random bits (RFC 5280 §4.1.2.2).
    serialNumber: arrayBufferOf(Buffer.concat([Buffer.of(0x40), randomBytes(15)])),
    signature: algorithm,
    issuer: issuer.subject,
    validity: validityOf(certificate, order),
    subject: nameOf(order.cluster),
    subjectPublicKeyInfo: AsnConvert.parse(spki(order.publicKey), x509.SubjectPublicKeyInfo),
    extensions: new x509.Extensions(extensionsOf(order, authorityKeyId(certificate, issuer))),
  });
  const signed = Buffer.from(AsnConvert.serialize(body));
  const issued = new x509.Certificate({
    tbsCertificate: body,
    signatureAlgorithm: algorithm,
    signatureValue: arrayBufferOf(sign(hash, signed, key)),
  });
  return new X509Certificate(Buffer.from(AsnConvert.serialize(issued)));
}

function signingOf(key: KeyObject): Signing {
  const curve = ecdsa.get(key.asymmetricKeyDetails?.namedCurve ?? '');
  if (curve) return { hash: curve.hash, algorithm: new x509.AlgorithmIdentifier({ algorithm: curve.id }) };
  if (key.asymmetricKeyType === 'ed25519')
    return { hash: undefined, algorithm: new x509.AlgorithmIdentifier({ algorithm: '1.3.101.112' }) };
  if (key.asymmetricKeyType === 'rsa') {
    // RFC 4055 asks for parameters that are NULL.
    const algorithm = new x509.AlgorithmIdentifier({
      algorithm: '1.2.840.113549.1.1.11',
      parameters: asn1Null,
    });
    return { hash: 'sha256', algorithm };
  }
  throw new FaultError(
    'unsupported',
    'the key of the authority must be ECDSA (P-256, P-384, P-521), RSA or Ed25519',
    { retry: 'never' },
  );
}

function validityOf(authority: X509Certificate, { nowMs, lifeMs }: IssueOrder): x509.Validity {
  const startsMs = Date.parse(authority.validFrom);
  const endsMs = Date.parse(authority.validTo);
  if (nowMs < startsMs || nowMs >= endsMs)
    throw new FaultError(
      'unsupported',
      `the certificate of the authority is valid from ${new Date(startsMs).toISOString()} to ${new Date(endsMs).toISOString()}, and not now`,
      { retry: 'later' },
    );
  const backdateMs = Math.min(longestBackdateMs, lifeMs / 10);
  return new x509.Validity({
    notBefore: new Date(Math.max(startsMs, nowMs - backdateMs)),
    notAfter: new Date(Math.min(endsMs, nowMs + lifeMs)),
  });
}

function nameOf(cluster: string): x509.Name {
  const commonName = new x509.AttributeTypeAndValue({
    type: '2.5.4.3',
    value: new x509.AttributeValue({ utf8String: cluster }),
  });
  return new x509.Name([new x509.RelativeDistinguishedName([commonName])]);
}

function extensionsOf({ cluster, publicKey }: IssueOrder, authorityId: ArrayBuffer): x509.Extension[] {
  const uri = new x509.GeneralName({ uniformResourceIdentifier: `spiffe://meridian/cluster/${cluster}` });
  return [
    extension(x509.id_ce_basicConstraints, new x509.BasicConstraints(), true),
    extension(x509.id_ce_keyUsage, new x509.KeyUsage(x509.KeyUsageFlags.digitalSignature), true),
    extension(x509.id_ce_extKeyUsage, new x509.ExtendedKeyUsage([x509.id_kp_clientAuth])),
    extension(x509.id_ce_subjectAltName, new x509.SubjectAlternativeName([uri])),
    extension(x509.id_ce_subjectKeyIdentifier, new x509.SubjectKeyIdentifier(keyIdOf(publicKey))),
    extension(
      x509.id_ce_authorityKeyIdentifier,
      new x509.AuthorityKeyIdentifier({ keyIdentifier: new x509.KeyIdentifier(authorityId) }),
    ),
  ];
}

function extension(extnID: string, value: object, critical = false): x509.Extension {
  return new x509.Extension({
    extnID,
    critical,
    extnValue: new OctetString(AsnConvert.serialize(value)),
  });
}

/** What the authority calls its key, which TLS compares when it looks for the issuer; the usual hash when it does not say. */
function authorityKeyId(certificate: X509Certificate, { extensions }: x509.TBSCertificate): ArrayBuffer {
  const own = extensions?.find(({ extnID }) => extnID === x509.id_ce_subjectKeyIdentifier);
  if (own === undefined) return keyIdOf(certificate.publicKey);
  return AsnConvert.parse(own.extnValue, x509.SubjectKeyIdentifier).buffer;
}

/** RFC 5280 §4.2.1.2 lets any hash stand for a key; ours is of the whole SubjectPublicKeyInfo. */
function keyIdOf(key: KeyObject): ArrayBuffer {
  return arrayBufferOf(createHash('sha1').update(spki(key)).digest());
}

function spki(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' });
}
