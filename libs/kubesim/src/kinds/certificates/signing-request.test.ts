import { generateKeyPairSync, sign } from 'node:crypto';
import { expect, test } from 'vitest';
import { readSigningRequest } from './signing-request.ts';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');

/** A value of DER shorter than 256 bytes. */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const length = content.length < 0x80 ? [content.length] : [0x81, content.length];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}

function requestOf(organization: string, change: (signature: Buffer) => void = () => undefined): string {
  const attribute = der(0x30, Buffer.from('060355040a', 'hex'), der(0x0c, Buffer.from(organization)));
  const key = publicKey.export({ format: 'der', type: 'spki' });
  const signed = der(0x30, Buffer.from('020100', 'hex'), der(0x30, der(0x31, attribute)), key);
  const signature = sign(undefined, signed, privateKey);
  change(signature);
  const algorithm = der(0x30, Buffer.from('06032b6570', 'hex'));
  const whole = der(0x30, signed, algorithm, der(0x03, Buffer.from([0]), signature));
  return Buffer.from(
    `-----BEGIN CERTIFICATE REQUEST-----\n${whole.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`,
  ).toString('base64');
}

test('a request tells its organizations and that its signature fits', () => {
  expect(readSigningRequest(requestOf('team'))).toEqual({ organizations: ['team'], problem: undefined });
});

test('a request with another signature is told to be wrong', () => {
  const changed = requestOf('team', (signature) => void signature.writeUInt8(signature.readUInt8(9) ^ 1, 9));
  expect(readSigningRequest(changed)).toMatchObject({ problem: 'x509: Ed25519 verification failure' });
});

test('text that is no request is told so', () => {
  expect(readSigningRequest('')).toBe('PEM block type must be CERTIFICATE REQUEST');
});
