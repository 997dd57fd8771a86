import { createPublicKey, verify } from 'node:crypto';
import { DerError, derHead, derValue, derValues, goTagText } from './der.ts';
import type { DerValue } from './der.ts';
import { pemBlocks } from './pem.ts';

/** A request for a certificate (PKCS#10), as far as the server looks into it. */
export interface SigningRequest {
  /** The organizations of its subject, which are the groups of a client. */
  readonly organizations: readonly string[];
  /** What is wrong with its signature, undefined when nothing is. */
  readonly problem: string | undefined;
}

/** Reads a request, given as base64 of PEM. @returns text, in Go's words, when it is none. */
export function readSigningRequest(base64: string): SigningRequest | string {
  const [first] = pemBlocks(base64);
  if (first?.type !== 'CERTIFICATE REQUEST') return 'PEM block type must be CERTIFICATE REQUEST';
  try {
    return requestOf(first.bytes);
  } catch (error) {
    if (error instanceof DerError) return error.message;
    throw error;
  }
}

const sequence = 0x30;
const plain =
  '{optional:false explicit:false application:false private:false defaultValue:<nil> tag:<nil> stringType:0 timeType:0 set:false omitEmpty:false}';

function requestOf(bytes: Buffer): SigningRequest {
  const head = derHead(bytes);
  if (head.tag !== sequence) {
    const words = `tags don't match (16 vs ${goTagText(head)}) ${plain} certificateRequest`;
    throw new DerError(`asn1: structure error: ${words} @${String(head.start)}`);
  }
  const whole = derValue(bytes);
  if (whole.bytes.length < bytes.length) throw new DerError('asn1: syntax error: trailing data');
  const [signed, algorithm, signature] = three(derValues(whole.content));
  const [, subject, key] = three(derValues(signed.content));
  return {
    organizations: organizationsOf(subject),
    problem: signatureProblem({ signed, algorithm: identifierOf(algorithm), signature, key }),
  };
}

function three([first, second, third]: readonly DerValue[]): [DerValue, DerValue, DerValue] {
  if (first !== undefined && second !== undefined && third !== undefined) return [first, second, third];
  throw new DerError('asn1: syntax error: sequence truncated');
}

/** The identifier of an algorithm or of an attribute, in hexadecimal. */
function identifierOf(pair: DerValue): string {
  return derValues(pair.content)[0]?.content.toString('hex') ?? '';
}

const organization = '55040a';

function organizationsOf(subject: DerValue): string[] {
  return derValues(subject.content)
    .flatMap((set) => derValues(set.content))
    .filter((pair) => identifierOf(pair) === organization)
    .map((pair) => derValues(pair.content)[1]?.content.toString('utf8') ?? '');
}

const rsa = 'crypto/rsa: verification error';
const ecdsa = 'x509: ECDSA verification failure';

/** How signatures are made, by identifier, and what Go says when one does not fit. */
const algorithms: Readonly<Record<string, { readonly hash: string | undefined; readonly failure: string }>> =
  {
    '2a864886f70d010105': { hash: 'sha1', failure: rsa },
    '2a864886f70d01010b': { hash: 'sha256', failure: rsa },
    '2a864886f70d01010c': { hash: 'sha384', failure: rsa },
    '2a864886f70d01010d': { hash: 'sha512', failure: rsa },
    '2a8648ce3d0401': { hash: 'sha1', failure: ecdsa },
    '2a8648ce3d040302': { hash: 'sha256', failure: ecdsa },
    '2a8648ce3d040303': { hash: 'sha384', failure: ecdsa },
    '2a8648ce3d040304': { hash: 'sha512', failure: ecdsa },
    '2b6570': { hash: undefined, failure: 'x509: Ed25519 verification failure' },
  };

interface Signed {
  readonly signed: DerValue;
  readonly algorithm: string;
  readonly signature: DerValue;
  readonly key: DerValue;
}

function signatureProblem({ signed, algorithm, signature, key }: Signed): string | undefined {
  const known = algorithms[algorithm];
  if (known === undefined) return 'x509: cannot verify signature: algorithm unimplemented';
  // The first byte of a string of bits says how many of its last ones are no part of it, which is none here.
  const bits = signature.content.subarray(1);
  return isSigned(known.hash, [signed.bytes, key.bytes, bits]) ? undefined : known.failure;
}

function isSigned(
  hash: string | undefined,
  [data, key, signature]: readonly [Buffer, Buffer, Buffer],
): boolean {
  try {
    return verify(hash, data, createPublicKey({ key, format: 'der', type: 'spki' }), signature);
  } catch {
    return false;
  }
}
