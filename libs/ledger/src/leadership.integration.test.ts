import { rm } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '@meridian/runtime';
import { startTcpProxy } from '@meridian/testkit';
import { auditLedger, openLedger } from './index.ts';
import type { Leadership, Ledger, LedgerMessage } from './index.ts';
import { startRig } from './testing/rig.ts';
import type { Rig } from './testing/rig.ts';

let rig: Rig;
beforeEach(async () => {
  rig = await startRig();
});
afterEach(() => rig[Symbol.asyncDispose]());

const soon = () => AbortSignal.timeout(20_000);

async function lead(ledger: Ledger): Promise<Leadership> {
  const result = await ledger.claim({ signal: soon() });
  if (!result.ok) throw new Error(result.reason);
  return result.leadership;
}

function records(count: number, subject = (index: number) => `ledger.main.rollout.app-${index % 100}`) {
  return Array.from({ length: count }, (_, index) => ({
    subject: subject(index),
    body: JSON.stringify({ index, fill: 'x'.repeat(400) }),
  }));
}

/** Everything that is still in the ledger, in order. */
async function everything(ledger: Ledger, until: number): Promise<LedgerMessage[]> {
  const found: LedgerMessage[] = [];
  const stop = new AbortController();
  for await (const message of ledger.follow({ filter: 'ledger.main.>', signal: stop.signal })) {
    found.push(message);
    if (message.sequence >= until) stop.abort();
  }
  return found;
}

test('each claim has a greater term than the one before and carries the incarnation on', async () => {
  const [one, two] = await Promise.all([rig.ledger('hub-1'), rig.ledger('hub-2')]);
  const first = await lead(one);
  const second = await lead(two);
  const third = await lead(one);
  expect([first.term, second.term, third.term]).toEqual([1, 2, 3]);
  expect(new Set([first.incarnation, second.incarnation, third.incarnation]).size).toBe(1);
});

test('candidates that claim at the same moment get different terms, and one of them can write', async () => {
  const ledgers = await Promise.all(Array.from({ length: 8 }, (_, index) => rig.ledger(`hub-${index}`)));
  for (let round = 0; round < 5; round++) {
    const leaders = await Promise.all(ledgers.map(lead));
    expect(new Set(leaders.map(({ term }) => term)).size).toBe(leaders.length);
    const results = await Promise.all(leaders.map((leader) => leader.append(records(3), soon())));
    const newest = leaders.findIndex(
      ({ term }) => term === Math.max(...leaders.map((leader) => leader.term)),
    );
    expect(results.flatMap(({ ok }, index) => (ok ? [index] : []))).toEqual([newest]);
  }
});

test('a claim goes above the term of the lock and above what agents have seen', async () => {
  const ledger = await rig.ledger('hub-1');
  const above = await ledger.claim({ leaseTerm: 17, atLeastTerm: 40, signal: soon() });
  expect(above).toMatchObject({ ok: true, leadership: { term: 41 } });
  const lease = await ledger.claim({ leaseTerm: 50, signal: soon() });
  expect(lease).toMatchObject({ ok: true, leadership: { term: 50 } });
  const poisoned = await ledger.claim({ leaseTerm: 2 ** 52, signal: soon() });
  expect(poisoned).toMatchObject({ ok: true, leadership: { term: 51 } });
  const lied = await ledger.claim({ atLeastTerm: Number.MAX_SAFE_INTEGER, signal: soon() });
  expect(lied).toMatchObject({ ok: true, leadership: { term: 52 } });
});

test('a zombie is refused at its first write after another claim, and for ever', async () => {
  const [one, two] = await Promise.all([rig.ledger('hub-1'), rig.ledger('hub-2')]);
  const zombie = await lead(one);
  expect(await zombie.append(records(3), soon())).toEqual({ ok: true, sequence: 5 });
  const leader = await lead(two);
  expect(await zombie.append(records(1), soon())).toEqual({ ok: false, reason: 'fenced' });
  expect(await leader.append(records(2), soon())).toEqual({ ok: true, sequence: 10 });
  expect(await zombie.append(records(1), soon())).toEqual({ ok: false, reason: 'fenced' });
  expect(zombie.fenced).toBe(true);
  expect(await two.tail()).toMatchObject({ sequence: 10, term: 2, holder: 'hub-2' });
});

test('a thousand pipelined records are stored once each and in order', async () => {
  const ledger = await rig.ledger('hub-1');
  const leader = await lead(ledger);
  expect(
    await leader.append(
      records(1_000, (index) => `ledger.main.assign.c-${index}.app`),
      soon(),
    ),
  ).toEqual({ ok: true, sequence: 1_002 });
  const state = await ledger.lastBySubject('ledger.main.assign.*.*');
  expect(state.map(({ sequence }) => sequence)).toEqual(
    Array.from({ length: 1_000 }, (_, index) => index + 3),
  );
  expect(state.every(({ term }) => term === 1)).toBe(true);
});

test('appends made at the same time do not mix', async () => {
  const leader = await lead(await rig.ledger('hub-1'));
  const results = await Promise.all(Array.from({ length: 20 }, () => leader.append(records(5), soon())));
  expect(results.map((result) => (result.ok ? result.sequence : result.reason))).toEqual(
    Array.from({ length: 20 }, (_, index) => 7 + index * 5),
  );
});

test('while three leaders claim and append for seconds, every record is of the latest claim before it', async () => {
  const ledgers = await Promise.all(['hub-1', 'hub-2', 'hub-3'].map((holder) => rig.ledger(holder)));
  const watcher = await rig.ledger('watcher');
  const stop = AbortSignal.timeout(4_000);
  const perAppend = 50;
  let acknowledged = 0;
  const race = async (ledger: Ledger) => {
    while (!stop.aborted) {
      const leader = await lead(ledger);
      for (let turn = 0; turn < 4; turn++) {
        const result = await leader.append(records(perAppend), soon());
        if (!result.ok) break;
        acknowledged += perAppend;
      }
    }
  };
  const messages: LedgerMessage[] = [];
  const seen = new AbortController();
  // From the start: afterwards only the last message of each subject would be read.
  const watching = (async () => {
    for await (const message of watcher.follow({ filter: 'ledger.main.>', signal: seen.signal }))
      messages.push(message);
  })();
  await Promise.all(ledgers.map(race));
  const { sequence } = await watcher.tail();
  await expect.poll(() => messages.at(-1)?.sequence, { timeout: 10_000 }).toBe(sequence);
  seen.abort();
  await watching;
  expect(auditLedger(messages)).toEqual([]);
  expect(acknowledged).toBeGreaterThan(0);
});

test('a lost acknowledgement is settled by reading the tail, and the record is stored once', async () => {
  await using proxy = await startTcpProxy({ port: rig.nats.port });
  const ledger = await rig.ledger('hub-1', { port: proxy.port });
  const leader = await lead(ledger);
  const witness = await rig.ledger('witness');
  proxy.fault('down', { kind: 'drop' });
  const appending = leader.append(records(5), AbortSignal.timeout(30_000));
  await expect.poll(() => witness.tail(), { timeout: 10_000 }).toMatchObject({ sequence: 7 });
  proxy.cut();
  proxy.heal();
  expect(await appending).toEqual({ ok: true, sequence: 7 });
  expect(await ledger.tail()).toMatchObject({
    sequence: 7,
    messageId: expect.stringMatching(/^main\/1\/5\//) as string,
  });
});

test('records that never reached the server are sent again, once', async () => {
  await using proxy = await startTcpProxy({ port: rig.nats.port });
  const ledger = await rig.ledger('hub-1', { port: proxy.port });
  const leader = await lead(ledger);
  proxy.fault('up', { kind: 'drop' });
  const appending = leader.append(records(5), AbortSignal.timeout(30_000));
  await new Promise((resolve) => setTimeout(resolve, 500));
  proxy.cut();
  proxy.heal();
  expect(await appending).toEqual({ ok: true, sequence: 7 });
});

test('an append given up while nobody answers leaves the leadership usable and no record twice', async () => {
  await using proxy = await startTcpProxy({ port: rig.nats.port });
  const ledger = await rig.ledger('hub-1', { port: proxy.port });
  const leader = await lead(ledger);
  proxy.fault('down', { kind: 'drop' });
  await expect(leader.append(records(2), AbortSignal.timeout(500))).rejects.toMatchObject({
    code: 'unavailable',
    retry: 'later',
  });
  proxy.cut();
  proxy.heal();
  // The two records did arrive; the next one goes after them.
  expect(await leader.append(records(1), AbortSignal.timeout(30_000))).toEqual({ ok: true, sequence: 5 });
  expect(leader.fenced).toBe(false);
});

test('every acknowledged record is readable after the server was killed', async () => {
  const ledger = await rig.ledger('hub-1');
  const leader = await lead(ledger);
  const witness = await rig.ledger('witness');
  for (let round = 0; round < 3; round++) {
    const appending = leader.append(records(500), AbortSignal.timeout(40_000));
    // Some are stored and others are on their way.
    await expect
      .poll(async () => (await witness.tail()).sequence, { interval: 1 })
      .toBeGreaterThan(2 + 500 * round);
    await rig.nats.kill();
    await rig.nats.start();
    expect(await appending).toEqual({ ok: true, sequence: 2 + 500 * (round + 1) });
  }
  const messages = await everything(ledger, 1_502);
  expect(auditLedger(messages)).toEqual([]);
  expect(messages.at(-1)).toMatchObject({ sequence: 1_502, term: 1 });
});

test('a ledger that was lost fences the leader, and the next claim starts another incarnation above the floor', async () => {
  const ledger = await rig.ledger('hub-1');
  const before = await lead(ledger);
  await before.append(records(3), soon());
  await rig.nats.stop();
  const store = /store_dir: "([^"]+)"/.exec(rig.config)?.[1] ?? '';
  await rm(store, { recursive: true });
  await rig.nats.start();
  const rebuilt = await rig.ledger('hub-2');
  const after = await rebuilt.claim({ atLeastTerm: before.term, signal: soon() });
  expect(after).toMatchObject({ ok: true, leadership: { term: 2 } });
  expect(after.ok && after.leadership.incarnation).not.toBe(before.incarnation);
  expect(await before.append(records(1), soon())).toEqual({ ok: false, reason: 'fenced' });
});

test('a record that can never be stored is refused before anything is sent', async () => {
  const leader = await lead(await rig.ledger('hub-1'));
  const noise = Buffer.from(crypto.getRandomValues(new Uint8Array(60_000)));
  const big = Buffer.concat(
    Array.from({ length: 40 }, () => Buffer.from(crypto.getRandomValues(new Uint8Array(60_000)))),
  );
  await expect(
    leader.append([{ subject: 'ledger.main.rollout.app', body: big }], soon()),
  ).rejects.toMatchObject({ code: 'invalid', retry: 'never' });
  await expect(leader.append([{ subject: 'ledger.main.claim', body: '{}' }], soon())).rejects.toMatchObject({
    code: 'invalid',
  });
  await expect(leader.append([{ subject: 'status.a.agent', body: '{}' }], soon())).rejects.toMatchObject({
    code: 'invalid',
  });
  expect(await leader.append([{ subject: 'ledger.main.rollout.app', body: noise }], soon())).toEqual({
    ok: true,
    sequence: 3,
  });
});

test('a large body comes back as it was', async () => {
  const ledger = await rig.ledger('hub-1');
  const leader = await lead(ledger);
  const body = JSON.stringify({ text: 'rollout '.repeat(200_000) });
  await leader.append(
    [{ subject: 'ledger.main.rollout.app', body, headers: { traceparent: '00-abc-def-01' } }],
    soon(),
  );
  const last = await ledger.last('ledger.main.rollout.app');
  expect(new TextDecoder().decode(last?.body)).toBe(body);
  expect(last?.headers).toMatchObject({ traceparent: '00-abc-def-01', 'Meridian-Holder': 'hub-1' });
});

test('silence is noticed and so is a pulse', async () => {
  const sawTail = Promise.withResolvers<void>();
  const wait = (ms: number, signal: AbortSignal) => {
    if (ms === 800) sawTail.resolve();
    return systemClock.wait(ms, signal);
  };
  const clock = { ...systemClock, wait };
  const ledger = await openLedger({ connection: await rig.hub(), shard: 'main', holder: 'hub-1', clock });
  const leader = await lead(ledger);
  expect(await ledger.quietFor(200, soon())).toBe(true);
  const waiting = ledger.quietFor(800, soon());
  await sawTail.promise;
  await leader.pulse(soon());
  expect(await waiting).toBe(false);
});
