import { sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import { assignmentPayloadType, fieldManagerPolicies, serviceAccountPattern } from '@meridian/fleet';
import type { Assignment, SignedEnvelope } from '@meridian/fleet';
import { FaultError } from '@meridian/runtime';
import { checksShape } from './checks-shape.ts';
import { parseJson } from './parse-json.ts';
import { signingKey, trustedKey } from './signing-keys.ts';

/** Why an envelope is refused. */
export type EnvelopeRefusal =
  'malformed' | 'wrong-payload-type' | 'unknown-key' | 'bad-signature' | 'wrong-target';

/** The end of a verification: the assignment, whose signature was checked before it was parsed, or why not. */
export type EnvelopeVerdict =
  | { readonly ok: true; readonly assignment: Assignment }
  | { readonly ok: false; readonly reason: EnvelopeRefusal; readonly message: string };

/** The shape of a DSSE envelope. Caps keep a hostile one cheap. */
export const envelopeShape = z.object({
  payloadType: z.string().max(200),
  payload: z.string().max(256 * 1024),
  signatures: z.array(z.object({ keyid: z.string().max(200), sig: z.string().max(200) })).max(16),
});

/** Stands for bytes that are no envelope; `verifyEnvelope` refuses it as malformed. */
export const unreadableEnvelope: SignedEnvelope = { payloadType: '', payload: '', signatures: [] };

const whole = z.number().int().nonnegative();
const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const label = z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);

const texts = z.record(z.string(), z.string());
const paths = z.array(z.string().min(1).max(1_024)).max(20);

// A word of a later version is one that this agent cannot tell from others.
const health = z
  .enum(['Healthy', 'Progressing', 'Degraded', 'Suspended', 'Missing', 'Unknown'])
  .catch('Unknown');
const healthRule = z.object({
  name: z.string().min(1).max(63),
  resourceRules: z
    .array(z.object({ apiGroups: z.array(z.string()).max(64), kinds: z.array(z.string()).max(64) }))
    .max(64),
  checks: z
    .array(
      z.object({
        expression: z.string().max(4_096),
        health,
        message: z.string().max(1_024).exactOptional(),
        messageExpression: z.string().max(4_096).exactOptional(),
      }),
    )
    .max(64),
  otherwise: z.object({ health, message: z.string().max(1_024).exactOptional() }),
});

/** Rules of another version that this agent does not know are left out; what it knows is as it was signed. */
const rulesShape = z.object({
  replaceImmutable: z.literal(true).exactOptional(),
  namespaceMetadata: z.object({ labels: texts, annotations: texts }).exactOptional(),
  retry: z
    .object({
      firstMs: z.number().positive(),
      factor: z.number().min(1),
      capMs: z.number().positive(),
      limit: whole.exactOptional(),
    })
    .exactOptional(),
  health: z.array(healthRule).max(500).exactOptional(),
  serviceAccount: z.string().regex(serviceAccountPattern).exactOptional(),
  ignoreDifferences: z
    .array(
      z.object({
        group: z.string().max(253),
        kind: z.string().min(1).max(253),
        name: z.string().max(253).exactOptional(),
        namespace: z.string().max(253).exactOptional(),
        jsonPointers: paths.exactOptional(),
        jqPathExpressions: paths.exactOptional(),
        managedFieldsManagers: paths.exactOptional(),
      }),
    )
    .max(50)
    .exactOptional(),
  respectIgnoreDifferences: z.literal(true).exactOptional(),
});

const objectNames = z.array(z.string().min(1).max(1_024)).max(10_000);
const movesShape = z.object({
  to: z.record(label, objectNames),
  unclear: objectNames.exactOptional(),
  isPartial: z.literal(true).exactOptional(),
});

const assignmentShape = z.object({
  cluster: label,
  application: label,
  release: z.string().min(1).max(200),
  revision: z.string().min(1).max(200),
  bundle: digest.exactOptional(),
  generation: whole,
  term: whole,
  incarnation: z.string().min(1).max(200),
  issuedAtMs: z.number(),
  expiresAtMs: z.number(),
  prune: z.boolean(),
  selfHeal: z.boolean(),
  createNamespace: z.boolean(),
  namespace: z.string().max(63),
  allowedDeletions: whole,
  fieldManagers: z
    .array(z.object({ manager: z.string().min(1).max(128), policy: z.enum(fieldManagerPolicies) }))
    .max(50)
    .exactOptional(),
  pause: z
    .object({
      sinceMs: whole,
      untilMs: whole,
      author: z.string().min(1).max(200),
      reason: z.string().min(1).max(2_000),
    })
    .exactOptional(),
  rules: rulesShape.exactOptional(),
  moves: movesShape.exactOptional(),
  checks: checksShape.exactOptional(),
});

/** DSSE's pre-authentication encoding: what is signed covers the type as well as the bytes. */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Buffer {
  const type = Buffer.from(payloadType);
  return Buffer.concat([
    Buffer.from(`DSSEv1 ${type.length} `),
    type,
    Buffer.from(` ${payload.length} `),
    payload,
  ]);
}

/**
 * Gives what signs assignments with an ed25519 private key (PKCS8 PEM). The key is read once, because that takes longer
 * than to sign. Throws FaultError 'invalid' for another kind of key.
 */
export function assignmentSigner(privateKeyPem: string): (assignment: Assignment) => SignedEnvelope {
  const { key, id: keyid } = signingKey(privateKeyPem);
  return (assignment) => {
    const payload = Buffer.from(JSON.stringify(assignment));
    const sig = sign(null, preAuthEncoding(assignmentPayloadType, payload), key);
    return {
      payloadType: assignmentPayloadType,
      payload: payload.toString('base64'),
      signatures: [{ keyid, sig: sig.toString('base64') }],
    };
  };
}

/** Signs one assignment; throws as `assignmentSigner` does. */
export function signEnvelope(assignment: Assignment, privateKeyPem: string): SignedEnvelope {
  return assignmentSigner(privateKeyPem)(assignment);
}

/**
 * Checks an envelope against trusted ed25519 public keys (PEM). One good signature by a trusted key is enough. With
 * `expected`, an assignment of another cluster or application is refused too, so one cluster's envelope is worth
 * nothing on another's subject.
 */
export function verifyEnvelope(
  envelope: unknown,
  publicKeysPem: readonly string[],
  expected: { readonly cluster?: string; readonly application?: string } = {},
): EnvelopeVerdict {
  const read = envelopeShape.safeParse(envelope);
  if (!read.success || read.data.signatures.length === 0)
    return refuse('malformed', 'this is not a DSSE envelope with a signature');
  const { payloadType, payload: text, signatures } = read.data;
  if (payloadType !== assignmentPayloadType)
    return refuse(
      'wrong-payload-type',
      `the payload type is ${JSON.stringify(payloadType)}, not an assignment`,
    );
  const payload = Buffer.from(text, 'base64');
  const trust = checkSignatures(preAuthEncoding(payloadType, payload), signatures, publicKeysPem);
  if (trust !== 'good') return refuse(trust, trustText[trust]);
  const assignment = assignmentShape.safeParse(parseJson(payload));
  if (!assignment.success)
    return refuse(
      'malformed',
      `the signed payload is not an assignment: ${z.prettifyError(assignment.error)}`,
    );
  return checkTarget(assignment.data, expected);
}

/** The id of a public key (PEM): `sha256:` and the digest of its DER form. */
export function publicKeyId(publicKeyPem: string): string {
  return trustedKey(publicKeyPem).id;
}

/** Splits a file of concatenated public-key PEM blocks. Throws FaultError 'invalid' when there is none or one is not ed25519. */
export function splitPublicKeys(text: string): string[] {
  const blocks = text.match(/-----BEGIN PUBLIC KEY-----[\s\S]*?-----END PUBLIC KEY-----/g) ?? [];
  if (blocks.length === 0)
    throw new FaultError('invalid', 'no "BEGIN PUBLIC KEY" block found among the trusted keys', {
      retry: 'never',
    });
  for (const block of blocks) publicKeyId(block);
  return [...blocks];
}

const trustText = {
  'unknown-key': "no signature is by a trusted key; add the hub's public key to the trusted keys",
  'bad-signature': 'the signature does not fit the content; it was changed on the way',
} as const;

function checkSignatures(
  signed: Buffer,
  signatures: SignedEnvelope['signatures'],
  publicKeysPem: readonly string[],
): 'good' | 'unknown-key' | 'bad-signature' {
  const keys = new Map<string, KeyObject>();
  for (const pem of publicKeysPem) {
    const { key, id } = trustedKey(pem);
    keys.set(id, key);
  }
  let known = false;
  for (const { keyid, sig } of signatures) {
    const key = keys.get(keyid);
    if (!key) continue;
    known = true;
    if (verify(null, signed, key, Buffer.from(sig, 'base64'))) return 'good';
  }
  return known ? 'bad-signature' : 'unknown-key';
}

function checkTarget(
  assignment: Assignment,
  expected: { readonly cluster?: string; readonly application?: string },
): EnvelopeVerdict {
  const { cluster = assignment.cluster, application = assignment.application } = expected;
  if (assignment.cluster === cluster && assignment.application === application)
    return { ok: true, assignment };
  return refuse(
    'wrong-target',
    `the assignment is for ${assignment.application} in ${assignment.cluster}, not ${application} in ${cluster}`,
  );
}

function refuse(reason: EnvelopeRefusal, message: string): EnvelopeVerdict {
  return { ok: false, reason, message };
}
