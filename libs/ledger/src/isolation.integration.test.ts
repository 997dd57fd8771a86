import { connect, nkeyAuthenticator } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '@meridian/runtime';
import { freePort, startNats, tempDir } from '@meridian/testkit';
import { natsOf } from './connection.ts';
import type { Leadership, Ledger } from './index.ts';
import { connectNats, createNkey, openDesiredState, openLedger } from './index.ts';
import { startRig } from './testing/rig.ts';
import type { Rig } from './testing/rig.ts';

let rig: Rig;
let ledger: Ledger;
let leader: Leadership;
let spoke: NatsConnection;
const soon = () => AbortSignal.timeout(20_000);
const digestA = `sha256:${'a'.repeat(64)}`;

beforeAll(async () => {
  rig = await startRig(['alpha', 'beta']);
  ledger = await rig.ledger('hub-1');
  const claim = await ledger.claim({ signal: soon() });
  if (!claim.ok) throw new Error(claim.reason);
  leader = claim.leadership;
  const write = (subject: string) => ({ subject, body: JSON.stringify({ for: subject }) });
  await leader.append(
    ['assign.alpha.app', 'assign.beta.app', 'index.alpha', 'index.beta', 'rollout.app'].map((rest) =>
      write(`ledger.main.${rest}`),
    ),
    soon(),
  );
  // Without our headers, whose expected sequence would by itself refuse a repetition.
  await natsOf(await rig.hub()).request('ledger.main.assign.alpha.foreign', 'a foreign message');
  spoke = await rawConnection(rig.nats.url, rig.clusterKeys.get('alpha')!.seed, '_INBOX_alpha');
});
afterAll(async () => {
  await spoke.close();
  await rig[Symbol.asyncDispose]();
});

async function rawConnection(url: string, seed: string, inboxPrefix: string): Promise<NatsConnection> {
  return connect({
    servers: url,
    authenticator: nkeyAuthenticator(new TextEncoder().encode(seed)),
    inboxPrefix,
  });
}

/** What the ledger holds for beta, byte for byte, and where it ends. */
async function stateOfBeta() {
  const [last, tail] = await Promise.all([ledger.last('ledger.main.assign.beta.app'), ledger.tail()]);
  return { body: new TextDecoder().decode(last?.body), sequence: last?.sequence, tail: tail.sequence };
}

/**
 * Waits until everything that questions of a connection lead to is stored: they are answered in order, and a mark that
 * is written after the last answer is stored after whatever they wrote.
 */
async function settled(asker: NatsConnection, verb: string, writer: NatsConnection): Promise<void> {
  await asker.request(verb, '', { timeout: 5_000 });
  await writer.request('ledger.main.assign.alpha.mark', 'a mark', { timeout: 5_000 });
}

/** The last error the server sent to a connection for what was done, or undefined. */
async function serverErrorAfter(nats: NatsConnection, act: () => void): Promise<string | undefined> {
  let found: string | undefined;
  const statuses = nats.status();
  const read = async () => {
    for await (const status of statuses) if (status.type === 'error') found = status.error.message;
  };
  void read();
  act();
  // A refusal is sent before the answer to a flush, and read by the time a second one is answered.
  await nats.flush();
  await nats.flush();
  return found;
}

const verbs = [
  '$JS.API.DIRECT.GET.MERIDIAN_LEDGER.ledger.main.assign.alpha.app',
  '$JS.API.DIRECT.GET.MERIDIAN_LEDGER.ledger.main.assign.alpha.foreign',
  '$JS.API.DIRECT.GET.MERIDIAN_LEDGER.ledger.main.assign.alpha.none',
  '$JS.API.DIRECT.GET.MERIDIAN_LEDGER.ledger.main.index.alpha',
  `$JS.API.DIRECT.GET.MERIDIAN_BUNDLES.bundle.alpha.${digestA.slice(7)}.0`,
];

test.each(verbs)(
  "an answer to %s cannot be turned into another cluster's state by naming it as the reply subject",
  async (verb) => {
    const before = await stateOfBeta();
    for (const reply of [
      'ledger.main.assign.beta.app',
      'ledger.main.assign.alpha.app',
      'ledger.main.claim',
      'status.beta.agent',
    ]) {
      spoke.publish(verb, '', { reply });
      spoke.publish(verb, 'payload', { reply });
    }
    await settled(spoke, verb, natsOf(await rig.hub()));
    expect(await stateOfBeta()).toEqual({ ...before, tail: before.tail + 1 });
  },
);

test("the same requests do write another cluster's state when both share one account, so the test above can fail", async () => {
  await using dir = await tempDir('shared-account');
  const [hub, alpha] = [createNkey(), createNkey()];
  const port = await freePort();
  const allow =
    '{ publish: { allow: ["$JS.API.DIRECT.GET.MERIDIAN_LEDGER.ledger.main.assign.alpha.*"] }, subscribe: { allow: ["_INBOX_alpha.>"] } }';
  await using nats = await startNats({
    dir: dir.path,
    port,
    config: `listen: "127.0.0.1:${port}"
jetstream { store_dir: "${dir.path}/store" }
accounts { ALL { jetstream: enabled, users: [{ nkey: ${hub.publicKey} }, { nkey: ${alpha.publicKey}, permissions: ${allow} }] } }`,
  });
  await using connection = await connectNats({ url: nats.url, seed: hub.seed, name: 'hub', signal: soon() });
  const shared = await openLedger({ connection, shard: 'main', holder: 'hub-1', clock: systemClock });
  const claim = await shared.claim({ signal: soon() });
  if (!claim.ok) throw new Error(claim.reason);
  await claim.leadership.append([{ subject: 'ledger.main.assign.beta.app', body: 'state of beta' }], soon());
  // A message without our headers: the expected sequence that the ledger's own messages keep refuses their repetition.
  await natsOf(connection).request('ledger.main.assign.alpha.foreign', 'state of alpha');
  const intruder = await rawConnection(nats.url, alpha.seed, '_INBOX_alpha');
  const bodyOfBeta = async () =>
    new TextDecoder().decode((await shared.last('ledger.main.assign.beta.app'))?.body);
  for (const [application, injected] of [
    ['foreign', 'state of alpha'],
    ['none', ''],
  ] as const) {
    const verb = `$JS.API.DIRECT.GET.MERIDIAN_LEDGER.ledger.main.assign.alpha.${application}`;
    intruder.publish(verb, '', { reply: 'ledger.main.assign.beta.app' });
    await settled(intruder, verb, natsOf(connection));
    expect(await bodyOfBeta()).toBe(injected);
  }
  await intruder.close();
});

test.each([
  'ledger.main.assign.alpha.app',
  'ledger.main.assign.beta.app',
  'ledger.main.claim',
  'ledger.main.index.alpha',
  'hub.main.refresh',
  'hub.main.command',
  'status.alpha.agent',
  'event.fleet',
  `bundle.alpha.${digestA.slice(7)}.0`,
  '$JS.API.INFO',
  '$JS.API.STREAM.INFO.MERIDIAN_LEDGER',
  '$JS.API.STREAM.NAMES',
  '$JS.API.STREAM.MSG.GET.MERIDIAN_LEDGER',
  '$JS.API.STREAM.PURGE.MERIDIAN_BUNDLES',
  '$JS.API.STREAM.DELETE.MERIDIAN_STATUS',
  '$JS.API.CONSUMER.CREATE.MERIDIAN_LEDGER.x.ledger.main.assign.beta.app',
  '$JS.API.CONSUMER.NAMES.MERIDIAN_LEDGER',
  '$JS.API.CONSUMER.MSG.NEXT.MERIDIAN_LEDGER.x',
  '$JS.API.DIRECT.GET.MERIDIAN_LEDGER',
  '$JS.API.DIRECT.GET.MERIDIAN_LEDGER.ledger.main.assign.beta.app',
  '$JS.API.DIRECT.GET.MERIDIAN_LEDGER.ledger.main.index.beta',
  '$JS.API.DIRECT.GET.MERIDIAN_LEDGER.ledger.main.rollout.app',
  `$JS.API.DIRECT.GET.MERIDIAN_BUNDLES.bundle.beta.${digestA.slice(7)}.0`,
  '$JS.ACK.MERIDIAN_LEDGER.x.1.1.1.1.1',
  '$SYS.REQ.SERVER.PING',
  'anything',
])('a cluster may not publish to %s', async (subject) => {
  const before = await stateOfBeta();
  expect(await serverErrorAfter(spoke, () => spoke.publish(subject, '{}'))).toMatch(
    /Permissions Violation for Publish/i,
  );
  expect(await stateOfBeta()).toEqual(before);
});

test.each([
  '>',
  'ledger.>',
  'ledger.main.assign.beta.*',
  'ledger.main.claim',
  '_INBOX.>',
  '_INBOX_beta.>',
  '$SYS.>',
  'hub.main.>',
  'status.>',
])('a cluster may not listen to %s', async (subject) => {
  expect(await serverErrorAfter(spoke, () => void spoke.subscribe(subject))).toMatch(
    /Permissions Violation for Subscription/i,
  );
});

test('a cluster cannot send a large message even where it may publish', async () => {
  expect(spoke.info?.max_payload).toBe(4 * 1024);
});

test('a cluster reads its own state, and of others nothing', async () => {
  const connection = await rig.agent('alpha');
  const own = openDesiredState({ connection, shard: 'main', cluster: 'alpha' });
  expect(await own.readAssignment('app')).toMatchObject({ sequence: 3, headers: { 'Meridian-Term': '1' } });
  const others = openDesiredState({ connection, shard: 'main', cluster: 'beta' });
  await expect(others.readAssignment('app')).rejects.toMatchObject({ name: 'FaultError', code: 'denied' });
  await expect(others.readIndex()).rejects.toMatchObject({ code: 'denied' });
  await expect(others.readBundle(digestA)).rejects.toMatchObject({ code: 'denied' });
});

test('an unknown key is refused with the fix', async () => {
  const refused = connectNats({
    url: rig.nats.url,
    seed: createNkey().seed,
    name: 'stranger',
    signal: soon(),
  });
  await expect(refused).rejects.toMatchObject({
    code: 'denied',
    retry: 'never',
    message: expect.stringContaining("add the user to the server's config"),
  });
});
