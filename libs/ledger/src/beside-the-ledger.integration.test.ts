import { createHash, randomBytes } from 'node:crypto';
import { zstdCompressSync } from 'node:zlib';
import { jetstreamManager } from '@nats-io/jetstream';
import { headers as newHeaders } from '@nats-io/transport-node';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { FleetEvent } from '@meridian/fleet';
import { FaultError, systemClock } from '@meridian/runtime';
import { freePort, startNats, tempDir } from '@meridian/testkit';
import { natsOf } from './connection.ts';
import { connectNats, createNkey, openLedger } from './index.ts';
import type { Ledger } from './index.ts';
import { startRig } from './testing/rig.ts';
import type { Rig } from './testing/rig.ts';

let rig: Rig;
let ledger: Ledger;
beforeEach(async () => {
  rig = await startRig();
  ledger = await rig.ledger('hub-1');
});
afterEach(() => rig[Symbol.asyncDispose]());

const soon = () => AbortSignal.timeout(20_000);
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const digestOf = (bytes: Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

async function plantChunk(subject: string, body: Uint8Array, headers: Record<string, string>): Promise<void> {
  const all = newHeaders();
  for (const [name, value] of Object.entries(headers)) all.set(name, value);
  await natsOf(await rig.hub()).request(subject, body, { headers: all, timeout: 2_000 });
}

test('a bundle of many chunks round-trips, and putting it again stores nothing new', async () => {
  const bytes = randomBytes(5 * 1024 * 1024);
  const digest = digestOf(bytes);
  await ledger.bundles.put('alpha', digest, bytes);
  await ledger.bundles.put('alpha', digest, bytes);
  expect(Buffer.compare(await ledger.bundles.get('alpha', digest), bytes)).toBe(0);
  const manager = await jetstreamManager(natsOf(await rig.hub()));
  const { state } = await manager.streams.info('MERIDIAN_BUNDLES');
  expect(state.messages).toBe(11);
  expect(state.last_seq).toBe(11);
});

test("bytes that are not the digest's are not stored", async () => {
  await expect(
    ledger.bundles.put('alpha', `sha256:${'1'.repeat(64)}`, Buffer.from('x')),
  ).rejects.toMatchObject({ code: 'invalid', retry: 'never' });
  await expect(ledger.bundles.put('alpha', 'md5:1', Buffer.from('x'))).rejects.toMatchObject({
    code: 'invalid',
  });
  await expect(
    ledger.bundles.put('al.pha', digestOf(Buffer.from('x')), Buffer.from('x')),
  ).rejects.toMatchObject({ code: 'invalid' });
});

test("stored bytes that are not the digest's are refused by the reader", async () => {
  const hex = '2'.repeat(64);
  await plantChunk(`bundle.alpha.${hex}.0`, zstdCompressSync(Buffer.from('evil')), {
    'Meridian-Chunks': '1',
    'Meridian-Size': '4',
  });
  await expect(ledger.bundles.get('alpha', `sha256:${hex}`)).rejects.toMatchObject({
    code: 'invalid',
    retry: 'later',
  });
});

test.each([
  ['says it is larger than the limit', { 'Meridian-Chunks': '1', 'Meridian-Size': `${65 * 1024 * 1024}` }],
  ['has more chunks than a bundle can have', { 'Meridian-Chunks': '100000', 'Meridian-Size': '10' }],
  ['decompresses to more than it says', { 'Meridian-Chunks': '1', 'Meridian-Size': '10' }],
  ['says nothing of its size', {}],
  ['has a size that is no number', { 'Meridian-Chunks': 'x', 'Meridian-Size': '-1' }],
])('a bundle that %s is refused before it takes memory', async (_what, headers) => {
  const bomb = Buffer.alloc(200 * 1024 * 1024);
  const hex = createHash('sha256').update('bomb').digest('hex');
  await plantChunk(`bundle.alpha.${hex}.0`, zstdCompressSync(bomb), headers);
  const before = process.memoryUsage().rss;
  await expect(ledger.bundles.get('alpha', `sha256:${hex}`)).rejects.toMatchObject({
    name: 'FaultError',
    code: 'invalid',
  });
  expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024);
});

test('a bundle whose last chunk is missing counts as absent and is completed', async () => {
  const bytes = randomBytes(1_200_000);
  const digest = digestOf(bytes);
  const manager = await jetstreamManager(natsOf(await rig.hub()));
  await ledger.bundles.put('alpha', digest, bytes);
  await manager.streams.purge('MERIDIAN_BUNDLES', { filter: `bundle.alpha.${digest.slice(7)}.2` });
  expect(await ledger.bundles.has('alpha', digest)).toBe(false);
  await expect(ledger.bundles.get('alpha', digest)).rejects.toMatchObject({ code: 'not_found' });
  await ledger.bundles.put('alpha', digest, bytes);
  expect(Buffer.compare(await ledger.bundles.get('alpha', digest), bytes)).toBe(0);
});

test('a small bundle is one message however often it is put, and takes the place of a part of another packing', async () => {
  const [one, other] = [Buffer.from('one'), Buffer.from('other')];
  await Promise.all([1, 2, 3].map(() => ledger.bundles.put('alpha', digestOf(one), one)));
  await plantChunk(`bundle.alpha.${digestOf(other).slice(7)}.0`, Buffer.from('a part'), {
    'Meridian-Chunks': '2',
    'Meridian-Size': '5',
  });
  await ledger.bundles.put('alpha', digestOf(other), other);
  expect(Buffer.from(await ledger.bundles.get('alpha', digestOf(one)))).toEqual(one);
  expect(Buffer.from(await ledger.bundles.get('alpha', digestOf(other)))).toEqual(other);
  const manager = await jetstreamManager(natsOf(await rig.hub()));
  expect((await manager.streams.info('MERIDIAN_BUNDLES')).state.last_seq).toBe(3);
});

test('missing are the bundles of a cluster that are not stored whole', async () => {
  const [small, large, never] = [randomBytes(1_000), randomBytes(1_200_000), randomBytes(10)];
  const digests = [small, large, never].map(digestOf);
  const manager = await jetstreamManager(natsOf(await rig.hub()));
  const lose = (digest: string, chunk: number) =>
    manager.streams.purge('MERIDIAN_BUNDLES', { filter: `bundle.gamma.${digest.slice(7)}.${chunk}` });
  for (const bytes of [small, large]) await ledger.bundles.put('gamma', digestOf(bytes), bytes);
  for (const each of [ledger, await rig.ledger('hub-2')]) {
    expect(await each.bundles.missing('gamma', digests)).toEqual([digestOf(never)]);
    expect(await each.bundles.missing('delta', digests)).toEqual(digests);
  }
  await lose(digestOf(large), 2);
  expect(new Set(await ledger.bundles.missing('gamma', digests))).toEqual(new Set(digests.slice(1)));
  await lose(digestOf(small), 0);
  expect(new Set(await ledger.bundles.missing('gamma', digests))).toEqual(new Set(digests));
  await ledger.bundles.put('gamma', digestOf(small), small);
  expect(await ledger.bundles.missing('gamma', [digestOf(small)])).toEqual([]);
});

test('keeping removes what is not listed, of that cluster only and not what is new', async () => {
  const [kept, dropped] = [Buffer.from('kept'), Buffer.from('dropped')];
  for (const bytes of [kept, dropped]) {
    await ledger.bundles.put('alpha', digestOf(bytes), bytes);
    await ledger.bundles.put('beta', digestOf(bytes), bytes);
  }
  expect(await ledger.bundles.keep('alpha', [digestOf(kept)])).toEqual([]);
  expect(await ledger.bundles.keep('alpha', [digestOf(kept)], { olderThanMs: -1_000 })).toEqual([
    digestOf(dropped),
  ]);
  expect(await ledger.bundles.has('alpha', digestOf(kept))).toBe(true);
  expect(await ledger.bundles.has('alpha', digestOf(dropped))).toBe(false);
  expect(await ledger.bundles.has('beta', digestOf(dropped))).toBe(true);
  await ledger.bundles.remove('beta', digestOf(dropped));
  expect(await ledger.bundles.has('beta', digestOf(dropped))).toBe(false);
});

test('the status board gives the last of each key, then what changes', async () => {
  const board = ledger.statusBoard;
  await board.put({ cluster: 'alpha' }, { session: 's1' });
  await board.put({ cluster: 'alpha', application: 'app' }, { health: 'Progressing' });
  await board.put({ cluster: 'alpha', application: 'app' }, { health: 'Healthy' });
  await board.put({ cluster: 'beta', application: 'gone' }, { health: 'Healthy' });
  await board.clear({ cluster: 'beta', application: 'gone' });
  expect(await board.all(soon())).toMatchObject([
    { cluster: 'alpha', value: { session: 's1' } },
    { cluster: 'alpha', application: 'app', value: { health: 'Healthy' } },
  ]);
  const stop = new AbortController();
  const seen: unknown[] = [];
  for await (const entry of board.follow(stop.signal)) {
    seen.push(entry.value);
    if (seen.length === 3) await board.put({ cluster: 'alpha' }, { session: 's2' });
    if (seen.length === 4) stop.abort();
  }
  expect(seen).toEqual([{ session: 's1' }, { health: 'Healthy' }, undefined, { session: 's2' }]);
});

test('the status of an application of thousands of objects, each with a long reason, is stored and read back', async () => {
  const objects = Array.from({ length: 5_000 }, (_, index) => ({
    key: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'ml-serving', name: `worker-${index}` },
    health: 'Degraded',
    reason: `pod worker-${index} waits: Back-off pulling image "registry.example/worker:${index}"; `.repeat(
      4,
    ),
  }));
  const value = { cluster: 'alpha', objects };
  expect(JSON.stringify(value).length).toBeGreaterThan(2 * 1024 * 1024);
  const key = { cluster: 'alpha', application: 'app' };
  await ledger.statusBoard.put(key, value);
  expect(await ledger.statusBoard.all(soon())).toMatchObject([{ ...key, value }]);
  const stop = new AbortController();
  for await (const entry of ledger.statusBoard.follow(stop.signal)) {
    expect(entry.value).toEqual(value);
    stop.abort();
  }
});

test('a status that does not fit even when it is compressed is refused for good', async () => {
  const value = { noise: randomBytes(2 * 1024 * 1024).toString('base64') };
  await expect(ledger.statusBoard.put({ cluster: 'alpha' }, value)).rejects.toMatchObject({
    code: 'invalid',
    retry: 'never',
  });
});

test('a follower sees every message through a killed server, and ends when asked to', async () => {
  const stop = new AbortController();
  const seen: number[] = [];
  const following = (async () => {
    for await (const { value } of ledger.statusBoard.follow(stop.signal)) {
      seen.push((value as { n: number }).n);
      if (seen.length === 40) stop.abort();
    }
  })();
  for (let n = 0; n < 40; n++) {
    if (n === 15) await rig.nats.kill();
    if (n === 15) await rig.nats.start();
    const put = () => ledger.statusBoard.put({ cluster: `c-${n}` }, { n });
    await expect
      .poll(
        () =>
          put().then(
            () => 'stored',
            () => 'not yet',
          ),
        { timeout: 15_000 },
      )
      .toBe('stored');
  }
  await following;
  expect([...new Set(seen)]).toEqual(Array.from({ length: 40 }, (_, n) => n));
});

test('a follower is told once it has taken what was there, also where nothing was', async () => {
  for (const name of ['one', 'two']) await plantChunk(`ledger.main.rollout.${name}`, Buffer.from('{}'), {});
  const caughtUpWith = async (filter: string) => {
    const stop = new AbortController();
    const seen: string[] = [];
    let atThen: string[] | undefined;
    const caughtUp = () => {
      atThen ??= [...seen];
      stop.abort();
    };
    const signal = AbortSignal.any([stop.signal, soon()]);
    for await (const { subject } of ledger.follow({ filter, signal, caughtUp })) seen.push(subject);
    return atThen;
  };
  expect(await caughtUpWith('ledger.main.rollout.*')).toEqual([
    'ledger.main.rollout.one',
    'ledger.main.rollout.two',
  ]);
  expect(await caughtUpWith('ledger.main.hold.*.*')).toEqual([]);
});

test('a follower starts over when its stream was made anew', async () => {
  const manager = await jetstreamManager(natsOf(await rig.hub()));
  const stop = new AbortController();
  const seen: unknown[] = [];
  for (let n = 0; n < 5; n++) await ledger.statusBoard.put({ cluster: `c-${n}` }, n);
  for await (const { value } of ledger.statusBoard.follow(stop.signal)) {
    seen.push(value);
    if (seen.length === 5) {
      await manager.streams.delete('MERIDIAN_STATUS');
      ledger = await rig.ledger('hub-1');
      await ledger.statusBoard.put({ cluster: 'c-0' }, 'anew');
    }
    if (value === 'anew') stop.abort();
  }
  expect(seen).toEqual([0, 1, 2, 3, 4, 'anew']);
});

test('reading the last of each subject of an empty filter gives nothing and does not wait for something', async () => {
  expect(await ledger.lastBySubject('ledger.main.rollout.*')).toEqual([]);
});

test('events come newest first, and to followers in order', async () => {
  const event = (message: string, cluster?: string): FleetEvent => ({
    atMs: 1,
    level: 'info',
    type: 'release.made',
    message,
    ...(cluster ? { cluster } : {}),
  });
  expect(await ledger.events.recent(10)).toEqual([]);
  for (let n = 0; n < 100; n++)
    await ledger.events.publish(event(`event ${n}`, n % 2 === 0 ? 'alpha' : undefined));
  const recent = await ledger.events.recent(70);
  expect(recent.map(({ message }) => message)).toEqual(
    Array.from({ length: 70 }, (_, index) => `event ${99 - index}`),
  );
  expect(recent[1]).toEqual(event('event 98', 'alpha'));
  const stop = new AbortController();
  const seen: string[] = [];
  const following = (async () => {
    for await (const { message } of ledger.events.follow(stop.signal)) {
      seen.push(message);
      if (message === 'last') stop.abort();
    }
  })();
  // What is published before the follower has found its place is not for it.
  for (let probe = 0; seen.length === 0; probe++) await ledger.events.publish(event(`probe ${probe}`));
  await ledger.events.publish(event('first'));
  await ledger.events.publish(event('last'));
  await following;
  expect(seen.filter((message) => !message.startsWith('probe'))).toEqual(['first', 'last']);
});

test('an event that two replicas publish is stored once, and one that happened again is stored again', async () => {
  const event: FleetEvent = {
    atMs: 1,
    level: 'warning',
    type: 'prune.refused',
    cluster: 'alpha',
    application: 'app',
    message: '3 objects would be deleted',
  };
  const other = await rig.ledger('hub-2');
  const { message, ...rest } = event;
  await ledger.events.publish(event);
  await other.events.publish({ message, ...rest });
  await other.events.publish({ ...event, atMs: 2 });
  await other.events.publish({ ...event, cluster: 'beta' });
  expect(await ledger.events.recent(10)).toEqual([
    { ...event, cluster: 'beta' },
    { ...event, atMs: 2 },
    event,
  ]);
});

test('hints are merged while nobody looks', async () => {
  const other = await rig.ledger('hub-2');
  const stop = new AbortController();
  const gate = Promise.withResolvers<void>();
  let woken = 0;
  const listening = (async () => {
    for await (const _ of ledger.bus.onRefresh(stop.signal)) {
      woken++;
      await gate.promise;
    }
  })();
  // What one connection says is taken in order, and what it is told comes in order: an answer is behind all before it.
  const settled = async () => void (await other.tail(), await ledger.tail());
  await settled();
  other.bus.hintRefresh();
  await expect.poll(() => woken).toBe(1);
  for (let n = 0; n < 50; n++) other.bus.hintRefresh();
  await settled();
  gate.resolve();
  await expect.poll(() => woken).toBe(2);
  await settled();
  stop.abort();
  await listening;
  expect(woken).toBe(2);
});

test('a command is answered by the leader, with its faults, and refused when nobody leads', async () => {
  const other = await rig.ledger('hub-2');
  await expect(other.bus.command({ do: 'x' }, 2_000)).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('no hub leads'),
  });
  const stop = new AbortController();
  const serving = ledger.bus.serveCommands(async (json) => {
    if (typeof json !== 'object' || json === null)
      throw new FaultError('invalid', 'not a command', { retry: 'never' });
    if ('crash' in json) throw new Error('boom');
    return { did: json };
  }, stop.signal);
  // The server takes what one connection says in order, so after an answer it knows who serves.
  await ledger.tail();
  expect(await other.bus.command({ do: 'x' }, 2_000)).toEqual({ did: { do: 'x' } });
  await expect(other.bus.command(7, 2_000)).rejects.toMatchObject({
    code: 'invalid',
    retry: 'never',
    message: 'not a command',
  });
  await expect(other.bus.command({ crash: true }, 2_000)).rejects.toMatchObject({ code: 'unavailable' });
  stop.abort();
  await serving;
});

test('every hub that answers is on the roll, and one that has stopped is not', async () => {
  const other = await rig.ledger('hub-2');
  const stop = new AbortController();
  const leaves = new AbortController();
  const answering = [
    ledger.bus.answerRoll(() => ({ hub: 'hub-1' }), stop.signal),
    other.bus.answerRoll(() => ({ hub: 'hub-2' }), leaves.signal),
  ];
  // The server takes what one connection says in order, so after an answer it knows who listens.
  await Promise.all([ledger.tail(), other.tail()]);
  const hubs = async () => (await ledger.bus.callRoll(300)).map((each) => JSON.stringify(each)).sort();
  expect(await hubs()).toEqual(['{"hub":"hub-1"}', '{"hub":"hub-2"}']);
  leaves.abort();
  await answering[1];
  await other.tail();
  expect(await hubs()).toEqual(['{"hub":"hub-1"}']);
  stop.abort();
  await answering[0];
});

test('a stream that is configured otherwise is refused, with the field and the fix', async () => {
  const manager = await jetstreamManager(natsOf(await rig.hub()));
  await manager.streams.update('MERIDIAN_EVENTS', { max_msgs: 10 });
  await expect(rig.ledger('hub-2')).rejects.toMatchObject({
    code: 'conflict',
    retry: 'never',
    message: expect.stringContaining(
      'MERIDIAN_EVENTS is not configured as Meridian needs it: max_msgs is 10, must be 20000',
    ),
  });
});

test('a server without JetStream is refused, with the fix', async () => {
  await using dir = await tempDir('no-jetstream');
  const key = createNkey();
  const port = await freePort();
  await using nats = await startNats({
    dir: dir.path,
    port,
    config: `listen: "127.0.0.1:${port}"\nauthorization { users: [{ nkey: ${key.publicKey} }] }`,
  });
  await using connection = await connectNats({ url: nats.url, seed: key.seed, name: 'hub', signal: soon() });
  await expect(
    openLedger({ connection, shard: 'main', holder: 'h', clock: systemClock }),
  ).rejects.toMatchObject({
    code: 'unsupported',
    message: expect.stringContaining('runs without JetStream'),
  });
});

test('a connection notices a server that stopped answering', async () => {
  const connection = await rig.hub();
  expect(connection.connected()).toBe(true);
  rig.nats.pause();
  await expect.poll(() => connection.connected(), { timeout: 10_000 }).toBe(false);
  rig.nats.resume();
  await expect.poll(() => connection.connected(), { timeout: 15_000 }).toBe(true);
});

test('connecting is tried again until the signal aborts, and succeeds when the server comes', async () => {
  const options = { url: rig.nats.url, seed: rig.hubKey.seed, name: 'hub' };
  await rig.nats.stop();
  await expect(connectNats({ ...options, signal: AbortSignal.timeout(600) })).rejects.toMatchObject({
    code: 'unavailable',
    retry: 'later',
  });
  const connecting = connectNats({ ...options, signal: soon() });
  await sleep(500);
  await rig.nats.start();
  await (await connecting).close();
});

test('a key that was replaced on both sides is taken up by a connection that lives', async () => {
  await using dir = await tempDir('replaced-key');
  const [first, second] = [createNkey(), createNkey()];
  const port = await freePort();
  const config = ({ publicKey }: { publicKey: string }) =>
    `listen: "127.0.0.1:${port}"\nauthorization { users: [{ nkey: ${publicKey} }] }`;
  await using nats = await startNats({ dir: dir.path, port, config: config(first) });
  let key = first;
  const asked: string[] = [];
  const seed = () => {
    asked.push(key.publicKey);
    return key.seed;
  };
  await using connection = await connectNats({ url: nats.url, seed, name: 'agent', signal: soon() });
  await nats.reload(config(second));
  await expect.poll(() => connection.connected(), { timeout: 10_000 }).toBe(false);
  key = second;
  await expect.poll(() => connection.connected(), { timeout: 15_000 }).toBe(true);
  expect(asked.at(-1)).toBe(second.publicKey);
});

test('a body that cannot be decompressed spoils one record, not the reading', async () => {
  await plantChunk('ledger.main.rollout.bad', Buffer.from('no zstd'), { 'Meridian-Encoding': 'zstd' });
  await plantChunk('ledger.main.rollout.bomb', zstdCompressSync(Buffer.alloc(100_000_000)), {
    'Meridian-Encoding': 'zstd',
  });
  await plantChunk('ledger.main.rollout.good', Buffer.from('{}'), {
    'Meridian-Term': '99999999999999999999',
  });
  const found = await ledger.lastBySubject('ledger.main.rollout.*');
  expect(found.map(({ subject, term }) => [subject, term])).toEqual([
    ['ledger.main.rollout.bad', 0],
    ['ledger.main.rollout.bomb', 0],
    ['ledger.main.rollout.good', 0],
  ]);
  expect(new TextDecoder().decode(found[0]?.body)).toBe('no zstd');
  expect(found[1]?.body.length).toBeLessThan(100_000);
});

test('a note of enrolment is changed only by who saw the last one, and no reader of statuses sees it', async () => {
  const other = await rig.ledger('hub-2');
  expect(await ledger.enrolment.read('alpha')).toEqual({ value: undefined, sequence: 0 });
  expect(await ledger.enrolment.write('alpha', { a: 1 }, 0)).toBe(true);
  expect(await other.enrolment.write('alpha', { a: 2 }, 0)).toBe(false);
  const seen = await other.enrolment.read('alpha');
  expect(seen.value).toEqual({ a: 1 });
  const writes = [ledger, other, ledger].map(({ enrolment }, at) =>
    enrolment.write('alpha', { a: at }, seen.sequence),
  );
  expect((await Promise.all(writes)).filter(Boolean)).toHaveLength(1);
  expect(await ledger.enrolment.write('beta', { b: 1 }, 0)).toBe(true);
  expect(await ledger.statusBoard.all(soon())).toEqual([]);
  await expect(ledger.enrolment.read('al.pha')).rejects.toMatchObject({ code: 'invalid' });
});
