import { X509Certificate, createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { AsnConvert } from '@peculiar/asn1-schema';
import { CertificationRequest, CertificationRequestInfo } from '@peculiar/asn1-csr';
import { AlgorithmIdentifier, Certificate, Name, SubjectPublicKeyInfo } from '@peculiar/asn1-x509';
import { certificateAuthority } from '@meridian/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agentIdentity } from '../peer-identity.ts';
import {
  arrayBufferOf,
  makeCertificateRequest,
  maxRequestBytes,
  readCertificateRequest,
} from './certificate-request.ts';
import { issueCertificate } from './issue-certificate.ts';

const dayMs = 86_400_000;
const kept = certificateAuthority('fleet');
const authority = {
  certificate: new X509Certificate(kept.certificatePem),
  key: createPrivateKey(kept.keyPem),
};
const validNow = Date.parse(authority.certificate.validFrom) + 2 * dayMs;

/** A request for one key, signed with another when told so. */
function requestOf(
  pair: { publicKey: ReturnType<typeof generateKeyPairSync>['publicKey']; privateKey: unknown },
  signer: ReturnType<typeof createPrivateKey>,
  algorithm = '1.2.840.10045.4.3.2',
): Buffer {
  const info = new CertificationRequestInfo({
    version: 0,
    subject: new Name(),
    subjectPKInfo: AsnConvert.parse(
      pair.publicKey.export({ type: 'spki', format: 'der' }),
      SubjectPublicKeyInfo,
    ),
  });
  const signature = sign('sha256', Buffer.from(AsnConvert.serialize(info)), signer);
  return Buffer.from(
    AsnConvert.serialize(
      new CertificationRequest({
        certificationRequestInfo: info,
        signatureAlgorithm: new AlgorithmIdentifier({ algorithm }),
        signature: arrayBufferOf(signature),
      }),
    ),
  );
}

const ecPair = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve });
const rsaPair = (modulusLength: number) => generateKeyPairSync('rsa', { modulusLength });

function goodKey() {
  const read = readCertificateRequest(makeCertificateRequest().request);
  if (!read.ok) throw new Error(read.reason);
  return read.publicKey;
}

describe('requests for certificates', () => {
  it('takes the key of a request that is signed with it, on P-256 and P-384', () => {
    const made = makeCertificateRequest();
    const read = readCertificateRequest(made.request);
    expect(read.ok).toBe(true);
    for (const curve of ['P-256', 'P-384']) {
      const pair = ecPair(curve);
      expect(readCertificateRequest(requestOf(pair, pair.privateKey)), curve).toMatchObject({ ok: true });
    }
  });

  it('refuses a key that the sender does not hold', () => {
    const read = readCertificateRequest(requestOf(ecPair('P-256'), ecPair('P-256').privateKey));
    expect(read).toEqual({ ok: false, reason: 'the request is not signed with the key that it holds' });
  });

  it('refuses weak and unusual keys', () => {
    for (const pair of [rsaPair(1_024), rsaPair(2_048), ecPair('P-224'), ecPair('secp256k1')]) {
      const read = readCertificateRequest(requestOf(pair, pair.privateKey));
      expect(read).toMatchObject({ ok: false, reason: expect.stringContaining('P-256 or P-384') });
    }
  });

  it('refuses an unknown signature, an empty request, a huge one, and one that was changed on its way', () => {
    const pair = ecPair('P-256');
    const changed = Buffer.from(requestOf(pair, pair.privateKey));
    changed[changed.length - 3]! ^= 1;
    for (const der of [
      requestOf(pair, pair.privateKey, '1.2.840.113549.1.1.5'),
      Buffer.alloc(0),
      Buffer.alloc(maxRequestBytes + 1, 0x30),
      changed,
    ]) {
      expect(readCertificateRequest(der).ok).toBe(false);
    }
  });

  it('refuses any bytes without failing', () => {
    const good = makeCertificateRequest().request;
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(good.length - 1), (bytes, at) => {
        expect(readCertificateRequest(bytes).ok).toBe(false);
        const spoilt = Buffer.concat([good.subarray(0, at), bytes]);
        expect(readCertificateRequest(spoilt).ok).toBe(spoilt.equals(good));
      }),
    );
  });
});

describe('issued certificates', () => {
  it('name the cluster, are for clients only, and are of the authority', () => {
    const order = { cluster: 'eu-west-1', publicKey: goodKey(), lifeMs: 30 * dayMs, nowMs: validNow };
    const issued = issueCertificate(authority, order);
    expect(agentIdentity(issued.raw)).toMatchObject({ cluster: 'eu-west-1' });
    expect(issued.checkIssued(authority.certificate)).toBe(true);
    expect(issued.verify(authority.certificate.publicKey)).toBe(true);
    expect(issued.ca).toBe(false);
    expect(issued.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
    expect(Date.parse(issued.validTo)).toBe(Math.floor((validNow + 30 * dayMs) / 1_000) * 1_000);
    expect(Date.parse(issued.validFrom)).toBe(Math.floor((validNow - 300_000) / 1_000) * 1_000);
  });

  it('have another serial number each, of 126 random bits or so', () => {
    const order = { cluster: 'a', publicKey: goodKey(), lifeMs: dayMs, nowMs: validNow };
    const serials = Array.from({ length: 20 }, () => issueCertificate(authority, order).serialNumber);
    expect(new Set(serials).size).toBe(20);
    expect(serials.every((serial) => /^40[0-9A-F]{30}$/.test(serial))).toBe(true);
  });

  it('never outlive the authority, and are not issued before or after its life', () => {
    const { certificate } = authority;
    const endsMs = Date.parse(certificate.validTo);
    const order = { cluster: 'a', publicKey: goodKey(), lifeMs: 30 * dayMs };
    const last = issueCertificate(authority, { ...order, nowMs: endsMs - dayMs });
    expect(Date.parse(last.validTo)).toBe(endsMs);
    for (const at of [endsMs, Date.parse(certificate.validFrom) - 1]) {
      expect(() => issueCertificate(authority, { ...order, nowMs: at })).toThrow('and not now');
    }
  });

  it('are signed by authorities with keys of ECDSA, RSA and Ed25519', () => {
    for (const pair of [ecPair('P-384'), ecPair('P-521'), rsaPair(2_048), generateKeyPairSync('ed25519')]) {
      const made = AsnConvert.parse(authority.certificate.raw, Certificate);
      made.tbsCertificate.subjectPublicKeyInfo = AsnConvert.parse(
        pair.publicKey.export({ type: 'spki', format: 'der' }),
        SubjectPublicKeyInfo,
      );
      const certificate = new X509Certificate(Buffer.from(AsnConvert.serialize(made)));
      const issued = issueCertificate(
        { certificate, key: pair.privateKey },
        { cluster: 'a', publicKey: goodKey(), lifeMs: dayMs, nowMs: validNow },
      );
      expect(issued.verify(pair.publicKey)).toBe(true);
    }
  });
});
