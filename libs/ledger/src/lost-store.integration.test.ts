import { createHash } from 'node:crypto';
import { jetstreamManager } from '@nats-io/jetstream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { natsOf } from './connection.ts';
import { startRig } from './testing/rig.ts';
import type { Rig } from './testing/rig.ts';

let rig: Rig;
beforeEach(async () => {
  rig = await startRig();
});
afterEach(() => rig[Symbol.asyncDispose]());

const soon = () => AbortSignal.timeout(20_000);

/** Loses everything that is stored, under the connections that are open. */
async function loseStore(): Promise<void> {
  const manager = await jetstreamManager(natsOf(await rig.hub({ name: 'vandal' })));
  for (const stream of ['MERIDIAN_LEDGER', 'MERIDIAN_BUNDLES', 'MERIDIAN_STATUS', 'MERIDIAN_EVENTS'])
    await manager.streams.delete(stream);
}

test('a hub that stays connected while the store is lost claims again, in a new life of the ledger', async () => {
  const ledger = await rig.ledger('hub-1');
  const before = await ledger.claim({ signal: soon() });
  if (!before.ok) throw new Error(before.reason);
  await loseStore();
  expect(await ledger.tail()).toMatchObject({ sequence: 0, term: 0 });
  const after = await ledger.claim({ atLeastTerm: before.leadership.term, signal: soon() });
  if (!after.ok) throw new Error(after.reason);
  expect(after.leadership.term).toBe(2);
  expect(after.leadership.incarnation).not.toBe(before.leadership.incarnation);
  await ledger.statusBoard.put({ cluster: 'east' }, { ok: true });
});

test('a claim finds lost streams itself', async () => {
  const ledger = await rig.ledger('hub-1');
  await loseStore();
  expect(await ledger.claim({ signal: soon() })).toMatchObject({ ok: true, leadership: { term: 1 } });
});

test('a hub that only follows makes lost streams again and goes on following', async () => {
  const ledger = await rig.ledger('hub-1');
  const stop = new AbortController();
  const followed = ledger.statusBoard.follow(AbortSignal.any([stop.signal, soon()]))[Symbol.asyncIterator]();
  await ledger.statusBoard.put({ cluster: 'east' }, 1);
  expect((await followed.next()).value).toMatchObject({ value: 1 });
  const next = followed.next();
  await loseStore();
  await vi.waitFor(() => ledger.statusBoard.put({ cluster: 'east' }, 2), { timeout: 15_000, interval: 50 });
  expect((await next).value).toMatchObject({ value: 2 });
  stop.abort();
  await followed.return?.();
});

test('bundles can be looked for, stored and tidied again after their stream was lost', async () => {
  const ledger = await rig.ledger('hub-1');
  const bytes = new TextEncoder().encode('{"objects":[]}');
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  await ledger.bundles.put('east', digest, bytes);
  const manager = await jetstreamManager(natsOf(await rig.hub({ name: 'vandal' })));
  await manager.streams.delete('MERIDIAN_BUNDLES');
  expect(await ledger.bundles.has('east', digest)).toBe(false);
  await manager.streams.delete('MERIDIAN_BUNDLES');
  await ledger.bundles.put('east', digest, bytes);
  expect(new Uint8Array(await ledger.bundles.get('east', digest))).toEqual(bytes);
  await manager.streams.delete('MERIDIAN_BUNDLES');
  expect(await ledger.bundles.keep('east', [])).toEqual([]);
});
