import { X509Certificate } from 'node:crypto';
import { connect, createServer } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { certificateAuthority } from './certificates.ts';

const ca = certificateAuthority('test authority');
const server = ca.issue({
  commonName: 'server',
  dnsNames: ['localhost'],
  ipAddresses: ['127.0.0.1'],
  usages: ['server'],
});
const client = ca.issue({
  commonName: 'agent',
  organization: 'agents',
  uris: ['spiffe://meridian/cluster/eu-west-1'],
  usages: ['client'],
});

test('issues certificates that its own certificate vouches for', () => {
  const authority = new X509Certificate(ca.certificatePem);
  const issued = new X509Certificate(server.certificatePem);
  expect(authority.ca).toBe(true);
  expect(issued.ca).toBe(false);
  expect(issued.checkIssued(authority)).toBe(true);
  expect(issued.verify(authority.publicKey)).toBe(true);
  expect(issued.checkHost('localhost')).toBe('localhost');
  expect(issued.checkIP('127.0.0.1')).toBe('127.0.0.1');
});

test('carries the identity of a client', () => {
  const issued = new X509Certificate(client.certificatePem);
  expect(issued.subject).toBe('O=agents\nCN=agent');
  expect(issued.subjectAltName).toBe('URI:spiffe://meridian/cluster/eu-west-1');
});

test('an authority that was kept issues what the first one would', () => {
  const again = certificateAuthority('test authority', ca).issue({ commonName: 'x', usages: ['server'] });
  const authority = new X509Certificate(ca.certificatePem);
  expect(new X509Certificate(again.certificatePem).checkIssued(authority)).toBe(true);
  expect(new X509Certificate(again.certificatePem).verify(authority.publicKey)).toBe(true);
});

test('can issue one that has expired', () => {
  const { validToDate } = new X509Certificate(
    ca.issue({ commonName: 'x', usages: ['client'], validMs: -1_000 }).certificatePem,
  );
  expect(validToDate.getTime()).toBeLessThan(Date.now());
});

/** What a server sees of a client that shows `shown`, or why the handshake failed. */
async function handshake(shown: {
  readonly certificatePem: string;
  readonly keyPem: string;
}): Promise<string> {
  const listener = createServer({
    cert: server.certificatePem,
    key: server.keyPem,
    ca: ca.certificatePem,
    requestCert: true,
    rejectUnauthorized: true,
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const seen = new Promise<string>((resolve) => {
    listener.once('secureConnection', (socket) => resolve(String(socket.getPeerCertificate().subject.CN)));
    listener.once('tlsClientError', (error) => resolve(error.message));
  });
  const { port } = listener.address() as AddressInfo;
  const socket = connect({
    port,
    host: '127.0.0.1',
    ca: ca.certificatePem,
    cert: shown.certificatePem,
    key: shown.keyPem,
  });
  socket.on('error', () => undefined);
  const result = await seen;
  socket.destroy();
  listener.close();
  return result;
}

test('serves mutual TLS, and a certificate of another authority is refused', async () => {
  expect(await handshake(client)).toBe('agent');
  expect(
    await handshake(certificateAuthority('other').issue({ commonName: 'agent', usages: ['client'] })),
  ).not.toBe('agent');
});
