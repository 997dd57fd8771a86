import { createHash, generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Assignment } from '@meridian/fleet';
import {
  connectNats,
  createNkey,
  natsServerConfig,
  openDesiredState,
  signEnvelope,
  verifyEnvelope,
} from './index.ts';
import type { DesiredState, Leadership, Ledger } from './index.ts';
import { startRig } from './testing/rig.ts';
import type { Rig } from './testing/rig.ts';

let rig: Rig;
let ledger: Ledger;
let leader: Leadership;
let desired: DesiredState;
const soon = () => AbortSignal.timeout(20_000);
const keys = generateKeyPairSync('ed25519');
const privatePem = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const publicPem = keys.publicKey.export({ type: 'spki', format: 'pem' }).toString();

beforeAll(async () => {
  rig = await startRig(['alpha']);
  ledger = await rig.ledger('hub-1');
  const claim = await ledger.claim({ signal: soon() });
  if (!claim.ok) throw new Error(claim.reason);
  leader = claim.leadership;
  desired = openDesiredState({ connection: await rig.agent('alpha'), shard: 'main', cluster: 'alpha' });
});
afterAll(() => rig[Symbol.asyncDispose]());

function assignment(application: string, generation: number): Assignment {
  return {
    cluster: 'alpha',
    application,
    release: 'sha256:r',
    revision: 'abc',
    generation,
    term: leader.term,
    incarnation: leader.incarnation,
    issuedAtMs: 1,
    expiresAtMs: 2,
    prune: true,
    selfHeal: true,
    createNamespace: false,
    namespace: 'ml',
    allowedDeletions: 0,
  };
}

const append = (subject: string, body: string | Uint8Array) => leader.append([{ subject, body }], soon());

test('nothing is there before the first list and the first assignment', async () => {
  expect(await desired.readIndex()).toBeUndefined();
  expect(await desired.readAssignment('never')).toBeUndefined();
  await expect(desired.readBundle(`sha256:${'0'.repeat(64)}`)).rejects.toMatchObject({
    code: 'not_found',
    retry: 'later',
  });
});

test('what the leader appends is what the agent verifies', async () => {
  await append('ledger.main.index.alpha', JSON.stringify({ applications: ['inference', 'router'] }));
  await append(
    'ledger.main.assign.alpha.inference',
    JSON.stringify(signEnvelope(assignment('inference', 3), privatePem)),
  );
  expect(await desired.readIndex()).toEqual(['inference', 'router']);
  const stored = await desired.readAssignment('inference');
  expect(
    verifyEnvelope(stored?.envelope, [publicPem], { cluster: 'alpha', application: 'inference' }),
  ).toEqual({
    ok: true,
    assignment: assignment('inference', 3),
  });
});

test.each([
  ['nothing', ''],
  ['text', 'not json'],
  ['other json', '{"payload":7}'],
  ['null', 'null'],
  ['bytes that are no text', new Uint8Array([255, 254, 0, 1])],
  ['a prototype key', '{"__proto__":{"payloadType":"x"}}'],
])('%s in the place of an assignment is refused, not thrown', async (_what, body) => {
  await append('ledger.main.assign.alpha.garbage', body);
  const stored = await desired.readAssignment('garbage');
  expect(verifyEnvelope(stored?.envelope, [publicPem])).toMatchObject({ ok: false, reason: 'malformed' });
});

test('a list that cannot be read is a fault worth trying again, never an empty list', async () => {
  await append('ledger.main.index.alpha', '{"applications":"all"}');
  await expect(desired.readIndex()).rejects.toMatchObject({
    name: 'FaultError',
    code: 'invalid',
    retry: 'later',
  });
  await append('ledger.main.index.alpha', JSON.stringify({ applications: [] }));
  expect(await desired.readIndex()).toEqual([]);
});

test('an assignment comes with a hint, and hints end when asked to', async () => {
  const stop = new AbortController();
  const hinted: string[] = [];
  const listening = (async () => {
    for await (const application of desired.hints(stop.signal)) {
      hinted.push(application);
      if (hinted.length === 2) stop.abort();
    }
  })();
  // The server takes what one connection says in order, so after an answer it knows of the listening.
  await desired.readIndex();
  await append('ledger.main.assign.alpha.one', '{}');
  await append('ledger.main.assign.beta.other', '{}');
  await append('ledger.main.assign.alpha.two', '{}');
  await listening;
  expect(hinted).toEqual(['one', 'two']);
});

test('a bundle of 5 MB round-trips to its cluster', async () => {
  const bytes = bundleOf(5 * 1024 * 1024);
  const digest = digestOf(bytes);
  expect(await ledger.bundles.has('alpha', digest)).toBe(false);
  await ledger.bundles.put('alpha', digest, bytes);
  expect(await ledger.bundles.has('alpha', digest)).toBe(true);
  const read = await desired.readBundle(digest);
  expect(Buffer.compare(read, bytes)).toBe(0);
  expect(Buffer.compare(await ledger.bundles.get('alpha', digest), bytes)).toBe(0);
});

test('a new cluster gets access when the server reads its config again, without a restart', async () => {
  const gamma = createNkey();
  const config = natsServerConfig({
    hubPublicKey: rig.hubKey.publicKey,
    clusters: [
      { name: 'alpha', publicKey: rig.clusterKeys.get('alpha')!.publicKey },
      { name: 'gamma', publicKey: gamma.publicKey },
    ],
    port: rig.nats.port,
    storeDir: /store_dir: "([^"]+)"/.exec(rig.config)?.[1] ?? '',
  });
  // nats-server (2.15.2) connects the service imports of a new account only when it reads the config a second time,
  // compare https://github.com/nats-io/nats-server/issues/8560.
  await rig.nats.reload(config);
  const connectGamma = () =>
    connectNats({
      url: rig.nats.url,
      seed: gamma.seed,
      inboxPrefix: '_INBOX_gamma',
      name: 'gamma',
      signal: soon(),
    });
  await expect
    .poll(
      () =>
        connectGamma().then(
          (connection) => connection.close(),
          (error: unknown) => error,
        ),
      { timeout: 10_000 },
    )
    .toBeUndefined();
  await rig.nats.reload(config);
  // A connection that meets the second reload is refused as the first ones were.
  await using connection = await vi.waitFor(connectGamma, { timeout: 10_000 });
  await append('ledger.main.index.gamma', JSON.stringify({ applications: ['x'] }));
  const fresh = openDesiredState({ connection, shard: 'main', cluster: 'gamma' });
  // A question that meets the reload itself is lost, and given up after 5 s.
  await expect.poll(() => fresh.readIndex().catch(String), { timeout: 20_000 }).toEqual(['x']);
  // Those who were there go on.
  expect(await desired.readIndex()).toEqual([]);
});

function bundleOf(sizeBytes: number): Uint8Array {
  // Base64 of noise: compresses a little, as manifests with images and certificates do.
  return Buffer.from(
    Buffer.from(crypto.getRandomValues(new Uint8Array(48_000)))
      .toString('base64')
      .repeat(Math.ceil(sizeBytes / 64_000))
      .slice(0, sizeBytes),
  );
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
