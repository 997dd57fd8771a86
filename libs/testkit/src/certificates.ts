import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
} from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { bits, identifier, integer, octets, sequence, set, tagged, text, time, yes } from './der.ts';

/** A certificate with its private key, both PEM. */
export interface KeyedCertificate {
  readonly certificatePem: string;
  readonly keyPem: string;
}

/** Whom a certificate names and what it is for. IP addresses are IPv4. */
export interface CertificateRequest {
  readonly commonName: string;
  readonly organization?: string;
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
  readonly uris?: readonly string[];
  readonly usages: readonly ('server' | 'client')[];
  /** How long it is valid; ten years unless told. A negative number gives one that has expired. */
  readonly validMs?: number;
}

/** A certificate authority for tests and sandboxes: ECDSA P-256 keys, valid from a day ago. */
export interface CertificateAuthority extends KeyedCertificate {
  issue(request: CertificateRequest): KeyedCertificate;
}

const tenYearsMs = 10 * 365 * 24 * 3_600_000;
const dayMs = 24 * 3_600_000;
const signatureAlgorithm = sequence(identifier('1.2.840.10045.4.3.2'));

/** Makes a new authority, or opens the one whose certificate and key are given. */
export function certificateAuthority(commonName: string, kept?: KeyedCertificate): CertificateAuthority {
  const own = kept ?? createAuthority(commonName);
  const key = createPrivateKey(own.keyPem);
  const issuer = { name: nameOf({ commonName }), key, keyId: keyId(createPublicKey(own.certificatePem)) };
  return {
    ...own,
    issue(request) {
      const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const certificate = encodeCertificate({
        issuer,
        subject: nameOf(request),
        publicKey: pair.publicKey,
        validMs: request.validMs ?? tenYearsMs,
        extensions: [
          extension('2.5.29.15', bits(Buffer.of(0b10000000), 7), true),
          extension('2.5.29.37', sequence(...request.usages.map((usage) => identifier(usageIds[usage])))),
          ...alternativeNames(request),
        ],
      });
      return { certificatePem: certificate, keyPem: pem(pair.privateKey) };
    },
  };
}

const usageIds = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2' } as const;

function createAuthority(commonName: string): KeyedCertificate {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = nameOf({ commonName });
  const certificatePem = encodeCertificate({
    issuer: { name, key: pair.privateKey, keyId: keyId(pair.publicKey) },
    subject: name,
    publicKey: pair.publicKey,
    validMs: tenYearsMs,
    extensions: [
      extension('2.5.29.19', sequence(yes(), integer(Buffer.of(0))), true),
      extension('2.5.29.15', bits(Buffer.of(0b00000110), 1), true),
    ],
  });
  return { certificatePem, keyPem: pem(pair.privateKey) };
}

interface CertificateFields {
  readonly issuer: { readonly name: Buffer; readonly key: KeyObject; readonly keyId: Buffer };
  readonly subject: Buffer;
  readonly publicKey: KeyObject;
  readonly validMs: number;
  readonly extensions: readonly Buffer[];
}

/** RFC 5280 §4.1. Validity starts a day ago: machines whose clock is a little behind must accept it. */
function encodeCertificate(fields: CertificateFields): string {
  const nowMs = Date.now();
  const serial = randomBytes(15);
  const body = sequence(
    tagged(0, integer(Buffer.of(2)), 'constructed'),
    integer(Buffer.concat([Buffer.of(0x40), serial])),
    signatureAlgorithm,
    fields.issuer.name,
    sequence(time(Math.min(nowMs, nowMs + fields.validMs) - dayMs), time(nowMs + fields.validMs)),
    fields.subject,
    fields.publicKey.export({ type: 'spki', format: 'der' }),
    tagged(
      3,
      sequence(
        ...fields.extensions,
        extension('2.5.29.14', octets(keyId(fields.publicKey))),
        extension('2.5.29.35', sequence(tagged(0, fields.issuer.keyId, 'primitive'))),
      ),
      'constructed',
    ),
  );
  const signature = sign('sha256', body, fields.issuer.key);
  const certificate = sequence(body, signatureAlgorithm, bits(signature)).toString('base64');
  return `-----BEGIN CERTIFICATE-----\n${certificate.replace(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`;
}

function nameOf(subject: { readonly commonName: string; readonly organization?: string }): Buffer {
  const attribute = (id: string, value: string) => set(sequence(identifier(id), text(value)));
  const organization =
    subject.organization === undefined ? [] : [attribute('2.5.4.10', subject.organization)];
  return sequence(...organization, attribute('2.5.4.3', subject.commonName));
}

function extension(id: string, value: Buffer, critical = false): Buffer {
  return sequence(identifier(id), ...(critical ? [yes()] : []), octets(value));
}

function alternativeNames(request: CertificateRequest): Buffer[] {
  const names = [
    ...(request.dnsNames ?? []).map((name) => tagged(2, Buffer.from(name), 'primitive')),
    ...(request.uris ?? []).map((uri) => tagged(6, Buffer.from(uri), 'primitive')),
    ...(request.ipAddresses ?? []).map((address) => {
      if (!isIPv4(address)) throw new Error(`${address} is not an IPv4 address`);
      return tagged(7, Buffer.from(address.split('.').map(Number)), 'primitive');
    }),
  ];
  return names.length === 0 ? [] : [extension('2.5.29.17', sequence(...names))];
}

function keyId(key: KeyObject): Buffer {
  return createHash('sha1')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest();
}

function pem(key: KeyObject): string {
  return String(key.export({ type: 'pkcs8', format: 'pem' }));
}
