import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { assignmentPayloadType } from '@meridian/fleet';
import type { Assignment, SignedEnvelope } from '@meridian/fleet';
import { preAuthEncoding, publicKeyId, signEnvelope, splitPublicKeys, verifyEnvelope } from './envelope.ts';

function makeKey() {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    privateKey,
    secret: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    open: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}

const hub = makeKey();
const stranger = makeKey();
const assignment: Assignment = {
  cluster: 'alpha',
  application: 'inference',
  release: `sha256:${'1'.repeat(64)}`,
  revision: 'abc',
  bundle: `sha256:${'2'.repeat(64)}`,
  generation: 3,
  term: 2,
  incarnation: 'i',
  issuedAtMs: 1_000,
  expiresAtMs: 2_000,
  prune: true,
  selfHeal: true,
  createNamespace: false,
  namespace: 'ml',
  allowedDeletions: 4,
};

/** An envelope with any payload, signed well. */
function signedPayload(payload: unknown, payloadType = assignmentPayloadType): SignedEnvelope {
  const bytes = Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload));
  const sig = sign(null, preAuthEncoding(payloadType, bytes), hub.privateKey).toString('base64');
  return {
    payloadType,
    payload: bytes.toString('base64'),
    signatures: [{ keyid: publicKeyId(hub.open), sig }],
  };
}

test('the pre-authentication encoding is that of the DSSE specification', () => {
  expect(preAuthEncoding('http://example.com/HelloWorld', Buffer.from('hello world')).toString()).toBe(
    'DSSEv1 29 http://example.com/HelloWorld 11 hello world',
  );
  expect(preAuthEncoding('ü', Buffer.from('')).toString()).toBe('DSSEv1 2 ü 0 ');
});

test('a pause is signed with its assignment, and one without author, reason or end is refused', () => {
  const pause = { sinceMs: 1_000, untilMs: 2_000, author: 'lena', reason: 'patch' };
  const paused = { ...assignment, pause };
  expect(verifyEnvelope(signEnvelope(paused, hub.secret), [hub.open])).toEqual({
    ok: true,
    assignment: paused,
  });
  for (const bad of [{ author: '' }, { reason: '' }, { untilMs: undefined }]) {
    const envelope = signedPayload({ ...assignment, pause: { ...pause, ...bad } });
    expect(verifyEnvelope(envelope, [hub.open])).toMatchObject({ ok: false, reason: 'malformed' });
  }
});

describe('checks', () => {
  const metric = {
    id: 'error-rate',
    when: 'healthy',
    kind: 'metric',
    source: 'prometheus',
    query: 'sum(rate(errors[5m]))',
    intervalMs: 30_000,
  } as const;
  const job = {
    id: 'smoke',
    when: 'always',
    kind: 'job',
    spec: { template: { spec: { containers: [] } } },
    timeoutMs: 60_000,
  } as const;
  const read = (checks: unknown) => {
    const verdict = verifyEnvelope(signedPayload({ ...assignment, checks }), [hub.open]);
    return verdict.ok ? verdict.assignment : undefined;
  };

  test('are signed with their assignment', () => {
    const checked = { ...assignment, checks: [metric, job] };
    expect(verifyEnvelope(signEnvelope(checked, hub.secret), [hub.open])).toEqual({
      ok: true,
      assignment: checked,
    });
    expect(read(undefined)).not.toHaveProperty('checks');
  });

  test.each<[string, object]>([
    ['of a kind of a later version', { kind: 'web' }],
    ['with an id that is no label', { id: 'A b' }],
    ['with a time of a later version', { when: 'sometimes' }],
    ['that asks all the time', { intervalMs: 9_999 }],
    ['that asks once a day', { intervalMs: 86_400_000 }],
    ['with an endless query', { query: 'x'.repeat(4_001) }],
    ['without a source', { source: undefined }],
  ])('are left out %s, and the assignment holds', (_what, change) => {
    expect(read([{ ...metric, ...change }, job])?.checks).toEqual([job]);
  });

  test.each<[string, object]>([
    ['whose spec is no object', { spec: [] }],
    ['whose spec is endless', { spec: { text: 'x'.repeat(40_000) } }],
    ['whose spec is bottomless', { spec: { deep: JSON.parse('['.repeat(60) + ']'.repeat(60)) } }],
    ['without a time to end', { timeoutMs: undefined }],
    ['that may run for days', { timeoutMs: 86_400_001 }],
  ])('are left out as Jobs %s', (_what, change) => {
    expect(read([{ ...job, ...change }, metric])?.checks).toEqual([metric]);
  });

  test('are at most 16, each id once, and none where there is no list', () => {
    const many = Array.from({ length: 20 }, (_, index) => ({ ...metric, id: `c${index}` }));
    expect(read(many)?.checks).toHaveLength(16);
    expect(read([metric, { ...job, id: metric.id }])?.checks).toEqual([metric]);
    for (const odd of ['text', { length: 1 }, null, 7]) expect(read(odd)?.checks).toEqual([]);
  });
});

test('what was signed is verified by any of the trusted keys', () => {
  expect(verifyEnvelope(signEnvelope(assignment, hub.secret), [stranger.open, hub.open])).toEqual({
    ok: true,
    assignment,
  });
});

test('an assignment without a bundle withdraws and is verified too', () => {
  const { bundle: _bundle, ...withdrawn } = assignment;
  expect(verifyEnvelope(signEnvelope(withdrawn, hub.secret), [hub.open])).toEqual({
    ok: true,
    assignment: withdrawn,
  });
});

const good = signEnvelope(assignment, hub.secret);
const changed = Buffer.from(JSON.stringify({ ...assignment, cluster: 'beta' })).toString('base64');

test.each<[string, unknown, string]>([
  ['of an unknown key', signEnvelope(assignment, stranger.secret), 'unknown-key'],
  ['with a changed payload', { ...good, payload: changed }, 'bad-signature'],
  [
    'with another signature',
    { ...good, signatures: [{ ...good.signatures[0], sig: Buffer.alloc(64).toString('base64') }] },
    'bad-signature',
  ],
  [
    'with a signature that is no base64',
    { ...good, signatures: [{ ...good.signatures[0], sig: '???' }] },
    'bad-signature',
  ],
  [
    'of another payload type',
    signedPayload(assignment, 'application/vnd.in-toto+json'),
    'wrong-payload-type',
  ],
  [
    'whose type was changed after signing',
    { ...signedPayload(assignment, 'text/plain'), payloadType: assignmentPayloadType },
    'bad-signature',
  ],
  ['without signatures', { ...good, signatures: [] }, 'malformed'],
  ['that is no envelope', { hello: 'world' }, 'malformed'],
  ['that is null', null, 'malformed'],
  ['that is text', 'text', 'malformed'],
  [
    'with too many signatures',
    { ...good, signatures: Array.from({ length: 17 }, () => good.signatures[0]) },
    'malformed',
  ],
  ['whose payload is no JSON', signedPayload('not json'), 'malformed'],
  ['whose payload lacks a field', signedPayload({ ...assignment, generation: undefined }), 'malformed'],
  ['with a fraction for a generation', signedPayload({ ...assignment, generation: 1.5 }), 'malformed'],
  ['with a negative term', signedPayload({ ...assignment, term: -1 }), 'malformed'],
  [
    'with a generation above 2^53',
    signedPayload(JSON.stringify(assignment).replace('"generation":3', '"generation":9007199254740993')),
    'malformed',
  ],
  ['with a bundle that is no digest', signedPayload({ ...assignment, bundle: '../../etc' }), 'malformed'],
  ['with a cluster that is no label', signedPayload({ ...assignment, cluster: 'a.b' }), 'malformed'],
])('an envelope %s is refused', (_what, envelope, reason) => {
  expect(verifyEnvelope(envelope, [hub.open])).toMatchObject({ ok: false, reason });
});

test('an envelope of one cluster or application is worth nothing in the place of another', () => {
  expect(verifyEnvelope(good, [hub.open], { cluster: 'alpha', application: 'inference' })).toMatchObject({
    ok: true,
  });
  expect(verifyEnvelope(good, [hub.open], { cluster: 'beta' })).toMatchObject({
    ok: false,
    reason: 'wrong-target',
  });
  expect(verifyEnvelope(good, [hub.open], { application: 'other' })).toMatchObject({
    ok: false,
    reason: 'wrong-target',
  });
});

test('no trusted key means no trust', () => {
  expect(verifyEnvelope(good, [])).toMatchObject({ ok: false, reason: 'unknown-key' });
});

test('one good signature among others is enough', () => {
  const other = signEnvelope(assignment, stranger.secret);
  expect(
    verifyEnvelope({ ...good, signatures: [...other.signatures, ...good.signatures] }, [hub.open]),
  ).toMatchObject({ ok: true });
});

test('keys that are not ed25519 are refused, on both sides', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const secret = rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const open = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  expect(() => signEnvelope(assignment, secret)).toThrow(/must be ed25519/);
  expect(() => verifyEnvelope(good, [open])).toThrow(/must be ed25519/);
  expect(() => signEnvelope(assignment, 'no pem')).toThrow(/is not a PEM key/);
});

test('a file of several keys is split, and one without a key is an error', () => {
  expect(splitPublicKeys(`# hub\n${hub.open}\n# standby\n${stranger.open}`).map(publicKeyId)).toEqual([
    publicKeyId(hub.open),
    publicKeyId(stranger.open),
  ]);
  expect(() => splitPublicKeys('')).toThrow(/no "BEGIN PUBLIC KEY" block/);
});
