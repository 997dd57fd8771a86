import { cp, rm } from 'node:fs/promises';
import { errors, headers as newHeaders } from '@nats-io/transport-node';
import { jetstreamManager } from '@nats-io/jetstream';
import { systemClock } from '@meridian/runtime';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { natsOf } from './connection.ts';
import { auditLedger, headerNames, openFence } from './index.ts';
import type { Leadership, Ledger } from './index.ts';
import { startRig } from './testing/rig.ts';
import type { Rig } from './testing/rig.ts';

let rig: Rig;
beforeEach(async () => {
  rig = await startRig();
});
afterEach(() => rig[Symbol.asyncDispose]());

const soon = () => AbortSignal.timeout(20_000);
const fenced = { ok: false, reason: 'fenced' };
const assignment = { subject: 'ledger.main.assign.east.web', body: '{"of":"the former leader"}' };

async function lead(ledger: Ledger): Promise<Leadership> {
  const result = await ledger.claim({ signal: soon() });
  if (!result.ok) throw new Error(result.reason);
  return result.leadership;
}

/** Writes until the ledger ends at a sequence. */
async function fillTo(leadership: Leadership, sequence: number): Promise<void> {
  const length = sequence - leadership.sequence;
  if (length < 0) throw new Error(`the ledger is past ${sequence} already`);
  const records = Array.from({ length }, (_, index) => ({
    subject: `ledger.main.rollout.app-${index}`,
    body: '{}',
  }));
  expect(await leadership.append(records, soon())).toEqual({ ok: true, sequence });
}

const storeDir = () => /store_dir: "([^"]+)"/.exec(rig.config)?.[1] ?? '';

/** Does something to the files of the server while it does not run. */
async function atRest(work: () => Promise<void>): Promise<void> {
  await rig.nats.stop();
  await work();
  await rig.nats.start();
}

const loseStore = () => atRest(() => rm(storeDir(), { recursive: true }));
const keepCopy = () => atRest(() => cp(storeDir(), `${storeDir()}.copy`, { recursive: true }));
const putCopyBack = () =>
  atRest(async () => {
    await rm(storeDir(), { recursive: true });
    await cp(`${storeDir()}.copy`, storeDir(), { recursive: true });
  });

/** What the former leader decided is refused, stays refused, and nothing of the present leader is in its way. */
async function expectRefused(former: Leadership, present: Leadership, ledger: Ledger): Promise<void> {
  const { sequence } = present;
  expect(former.sequence).toBe(sequence);
  expect(await former.append([assignment], soon())).toEqual(fenced);
  expect(await former.append([assignment, assignment], soon())).toEqual(fenced);
  expect(former.fenced).toBe(true);
  expect(await ledger.last(assignment.subject)).toBeUndefined();
  expect(await ledger.tail()).toMatchObject({ sequence });
  await fillTo(present, sequence + 2);
  expect(auditLedger(await ledger.history('ledger.main.>', soon()))).toEqual([]);
}

// A replica that is started anew has its old name, and in a new ledger terms begin again.
test.each(['hub-1', 'hub-2'])(
  'a leader is refused by a store that was lost and filled by %s to the same length',
  async (holder) => {
    const former = await lead(await rig.ledger('hub-1'));
    await fillTo(former, 10);
    await loseStore();
    const ledger = await rig.ledger(holder);
    const present = await lead(ledger);
    expect(present.term).toBe(former.term);
    await fillTo(present, 10);
    await expectRefused(former, present, ledger);
  },
);

test('a leader is refused by a copy of the store from its own time that another one went on with', async () => {
  const former = await lead(await rig.ledger('hub-1'));
  await fillTo(former, 5);
  await keepCopy();
  await fillTo(former, 10);
  await putCopyBack();
  const ledger = await rig.ledger('hub-2');
  const present = await lead(ledger);
  await fillTo(present, 10);
  await expectRefused(former, present, ledger);
});

test('a leader is refused by a copy of the store from before its claim that another one went on with', async () => {
  await fillTo(await lead(await rig.ledger('hub-0')), 5);
  await keepCopy();
  const former = await lead(await rig.ledger('hub-1'));
  await fillTo(former, 12);
  await putCopyBack();
  const ledger = await rig.ledger('hub-2');
  const present = await lead(ledger);
  expect([present.term, present.incarnation]).toEqual([former.term, former.incarnation]);
  await fillTo(present, 12);
  await expectRefused(former, present, ledger);
});

test('a leader whose last record a copy lost is refused as soon as another one has begun to claim the copy', async () => {
  const former = await lead(await rig.ledger('hub-1'));
  await keepCopy();
  await fillTo(former, former.sequence + 1);
  await putCopyBack();
  // The candidate breaks the seal and is gone: the ledger is as long as the leader left it.
  const steps = await fenceOf('hub-2', { 'ledger.main.seal': 2 });
  await expect(steps.claim({ signal: AbortSignal.timeout(500) })).resolves.toMatchObject({ ok: false });
  const ledger = await rig.ledger('hub-2');
  expect(await ledger.tail()).toMatchObject({ sequence: former.sequence, holder: 'hub-2' });
  expect(await former.append([assignment], soon())).toEqual(fenced);
  const present = await lead(ledger);
  await fillTo(present, present.sequence + 3);
  expect(auditLedger(await ledger.history('ledger.main.>', soon()))).toEqual([]);
});

test.each([
  ['its seal', 'ledger.main.seal'],
  ['its claim', 'ledger.main.claim'],
])('a candidate whose stream is exchanged before %s is written claims the new one', async (_, before) => {
  const ledger = await rig.ledger('hub-0');
  const old = await lead(ledger);
  await fillTo(old, 8);
  const exchange = async () => {
    const { sequence } = await ledger.tail();
    const manager = await jetstreamManager(natsOf(await rig.hub({ name: 'vandal' })));
    await manager.streams.delete('MERIDIAN_LEDGER');
    await fillTo(await lead(ledger), sequence);
  };
  const candidate = await fenceOf('hub-1', {}, { [before]: exchange });
  const claimed = await candidate.claim({ signal: soon() });
  if (!claimed.ok) throw new Error(claimed.reason);
  expect(claimed.leadership).toMatchObject({ term: 2 });
  expect(claimed.leadership.incarnation).not.toBe(old.incarnation);
  await fillTo(claimed.leadership, claimed.leadership.sequence + 2);
  expect(auditLedger(await ledger.history('ledger.main.>', soon()))).toEqual([]);
});

test('a ledger that a version without seals wrote is gone on with', async () => {
  const ledger = await rig.ledger('hub-1');
  const nats = natsOf(await rig.hub({ name: 'old' }));
  const claim = { term: 7, holder: 'hub-0', incarnation: 'first', startedAtMs: 1 };
  const write = (subject: string, body: string, messageId: string) => {
    const headers = newHeaders();
    headers.set(headerNames.term, '7');
    headers.set(headerNames.holder, 'hub-0');
    headers.set(headerNames.messageId, messageId);
    return nats.request(subject, body, { headers, timeout: 2_000 });
  };
  await write('ledger.main.claim', JSON.stringify(claim), 'main/7/claim/some');
  await write('ledger.main.rollout.app', '{}', 'main/7/1');
  const leader = await lead(ledger);
  expect(leader).toMatchObject({ term: 8, incarnation: 'first', sequence: 4 });
  await fillTo(leader, 6);
  // While versions are mixed, one without seals may claim again.
  await write('ledger.main.claim', JSON.stringify({ ...claim, term: 9 }), 'main/9/claim/some');
  expect(await leader.append([assignment], soon())).toEqual(fenced);
  expect(await lead(ledger)).toMatchObject({ term: 10, incarnation: 'first' });
});

/**
 * The fence of a candidate on the real server. From the given write of a subject on (1 is the first) its requests are lost;
 * before the first one of a subject something is done.
 */
async function fenceOf(
  holder: string,
  lostFrom: { readonly [subject: string]: number },
  before: { readonly [subject: string]: () => Promise<void> } = {},
) {
  const nats = natsOf(await rig.hub({ name: holder }));
  const manager = await jetstreamManager(nats);
  const seen = new Map<string, number>();
  return openFence({
    ...{ manager, impatient: manager, shard: 'main', holder, clock: systemClock, log: undefined },
    comparesSeals: () => true,
    nats: {
      isClosed: () => nats.isClosed(),
      async request(subject, body, options) {
        const kind = subject.split('.').slice(0, 3).join('.');
        const count = (seen.get(kind) ?? 0) + 1;
        seen.set(kind, count);
        if (count === 1) await before[kind]?.();
        if (count >= (lostFrom[kind] ?? Infinity)) throw new errors.TimeoutError();
        return nats.request(subject, body, options);
      },
    },
  });
}
