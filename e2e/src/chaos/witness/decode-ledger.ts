import { createHash, createPublicKey, verify } from 'node:crypto';
import { zstdDecompressSync } from 'node:zlib';
import type { LedgerBody, LedgerFact, StatusFact, StoredFact } from '../audit/facts.ts';
import type { RawMessage } from './raw-stream.ts';

type Json = { readonly [field: string]: unknown };

const frame = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
const words = new Set(['hold', 'verb', 'pause', 'approval']);

/** A message as it is held to what was read of it before. */
export function storedFact({ sequence, subject, atMs, data }: RawMessage): StoredFact {
  return { sequence, subject, atMs, digest: createHash('sha256').update(data).digest('hex') };
}

/** Reads a message of the ledger without any code of the hub; what cannot be read is said to be damaged. */
export function decodeLedger(message: RawMessage, life: number, publicKeyPem: string): LedgerFact {
  const { subject, headers } = message;
  const fact = {
    ...{ life, ...storedFact(message) },
    term: Number(headers['Meridian-Term'] ?? 0),
    holder: headers['Meridian-Holder'] ?? '',
  };
  try {
    return { ...fact, body: bodyOf(subject, unpacked(message.data), publicKeyPem) };
  } catch (error) {
    return { ...fact, body: { kind: 'damaged', why: `cannot be read: ${String(error)}` } };
  }
}

function bodyOf(subject: string, data: Buffer, publicKeyPem: string): LedgerBody {
  const kind = subject.split('.')[2] ?? '';
  if (kind === 'assign') return readAssignment(jsonOf(data), publicKeyPem);
  if (kind === 'rollout') return readRollout(jsonOf(data));
  if (words.has(kind)) {
    const word = jsonOf(data);
    const ended = word['released'];
    return {
      kind: 'word',
      reason: text(ended ? field(ended, 'reason') : word['reason']),
      isEnd: Boolean(ended),
      ...(kind === 'verb' && word['verb'] === 'promote' ? { promotes: text(word['release']) } : {}),
    };
  }
  if (kind === 'seal') return { kind };
  if (kind !== 'claim') return { kind: 'other' };
  const claim = jsonOf(data);
  return {
    kind: 'claim',
    term: Number(claim['term']),
    holder: text(claim['holder']),
    incarnation: text(claim['incarnation']),
  };
}

function readAssignment(envelope: Json, publicKeyPem: string): LedgerBody {
  const payload = Buffer.from(text(envelope['payload']), 'base64');
  const refusal = signatureRefusal(envelope, payload, publicKeyPem);
  const said = jsonOf(payload);
  return {
    kind: 'assign',
    cluster: text(said['cluster']),
    application: text(said['application']),
    generation: Number(said['generation']),
    term: Number(said['term']),
    incarnation: text(said['incarnation']),
    release: text(said['release']),
    revision: text(said['revision']),
    bundle: text(said['bundle']),
    allowedDeletions: Number(said['allowedDeletions']),
    ...(refusal === undefined ? {} : { refusal }),
  };
}

/** DSSE (https://github.com/secure-systems-lab/dsse): what is signed is the type and the payload, each with its length. */
function signatureRefusal(envelope: Json, payload: Buffer, publicKeyPem: string): string | undefined {
  const type = text(envelope['payloadType']);
  const signed = Buffer.concat([
    Buffer.from(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${payload.length} `),
    payload,
  ]);
  const key = createPublicKey(publicKeyPem);
  const id = `sha256:${createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex')}`;
  const signatures = list(envelope['signatures']).filter((one) => field(one, 'keyid') === id);
  if (signatures.length === 0) return 'is signed by nobody who is trusted';
  const isGood = signatures.some((one) =>
    verify(null, signed, key, Buffer.from(text(field(one, 'sig')), 'base64')),
  );
  return isGood ? undefined : 'has a signature that does not fit its content';
}

function readRollout(state: Json): LedgerBody {
  const target = state['target'];
  const release = field(target, 'release');
  const bundles = Object.entries(object(field(release, 'bundles')));
  const clusters = list(state['stages']).flatMap((stage) => list(field(stage, 'clusters')));
  return {
    kind: 'rollout',
    application: text(state['application']),
    release: text(field(release, 'digest')),
    bundles: Object.fromEntries(bundles.map(([cluster, ref]) => [cluster, text(field(ref, 'digest'))])),
    isBack: field(target, 'back') !== undefined,
    ...soakOf(state),
    evidence: clusters.flatMap((cluster) => {
      const evidence = field(cluster, 'evidence');
      const name = text(field(cluster, 'name'));
      return evidence === undefined ? [] : [{ cluster: name, release: text(field(evidence, 'release')) }];
    }),
  };
}

function soakOf(state: Json): { soak?: string } {
  const at = Number(state['stage']);
  const stage = list(state['stages'])[at];
  if (field(stage, 'phase') !== 'soaking') return {};
  return { soak: `stage ${at} since ${Number(field(stage, 'soakSinceMs'))}` };
}

/** What an agent said of an application; undefined for other words, such as heartbeats. */
export function decodeStatus(message: RawMessage): StatusFact | undefined {
  const [, cluster = '', kind, application] = message.subject.split('.');
  if (kind !== 'app' || application === undefined || message.data.length === 0) return undefined;
  const said = jsonOf(unpacked(message.data));
  return {
    ...{ cluster, application, atMs: message.atMs },
    release: text(said['release']),
    bundle: text(said['bundle']),
    generation: Number(said['generation']),
    isGood:
      said['sync'] === 'Synced' &&
      said['health'] === 'Healthy' &&
      Number(said['refusedDeletions'] ?? 0) === 0,
  };
}

/** A body as it was before it was compressed. zstd frames begin with bytes that JSON cannot begin with (RFC 8878 §3.1.1). */
function unpacked(data: Buffer): Buffer {
  return data.subarray(0, frame.length).equals(frame) ? unpacked(zstdDecompressSync(data)) : data;
}

function jsonOf(data: Buffer): Json {
  return object(JSON.parse(data.toString('utf8')) as unknown);
}

function object(value: unknown): Json {
  if (typeof value !== 'object' || value === null) throw new TypeError('not a JSON object');
  return Object.fromEntries(Object.entries(value));
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? object(value)[name] : undefined;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
