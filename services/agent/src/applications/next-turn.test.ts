import { expect, it } from 'vitest';
import type { DesiredObject } from '../assignments/prepare.ts';
import { prepareObjects } from '../assignments/prepare.ts';
import { sampleAssignment } from '../testing/assignment.ts';
import { configMap } from '../testing/rig.ts';
import { bookOf, holdAssignment } from './held.ts';
import type { Held } from './held.ts';
import { nextTurnAt } from './next-turn.ts';

/** An application with one object that drifted just now and may be healed at once. */
async function drifted(): Promise<Held> {
  const prepared = await prepareObjects([configMap('a')], sampleAssignment, () => Promise.resolve(true));
  const envelope = { payloadType: '', payload: '', signatures: [] };
  const mark = { incarnation: 'first', term: 1, generation: 1 };
  const record = { application: 'web', writes: 1, mark, envelope, inventory: [], appliedAtMs: 1 };
  const held = holdAssignment(record, sampleAssignment, prepared, undefined);
  const [desired] = prepared;
  drift(held, desired);
  return held;
}

function drift(held: Held, desired: DesiredObject | undefined): void {
  if (!desired) throw new Error('nothing was prepared');
  const book = bookOf(held, desired);
  const fields = { self: false, children: new Map() };
  book.applied = { desired, uid: 'u', resourceVersion: '1', fields, projection: new Map() };
  book.drift = { key: book.key, change: 'deleted', manager: 'unknown', fields: [], firstSeenMs: 1 };
}

it('drift is healed at once, but when it waits for the change rate it is due with that, so that nothing spins', async () => {
  const held = await drifted();
  expect(nextTurnAt(held, 100, [])).toBe(100);
  held.limits.waitUntilMs = 5_000;
  expect(nextTurnAt(held, 100, [])).toBe(5_000);
});

it('nothing is due while the cluster is frozen or while the limits refuse the object', async () => {
  const held = await drifted();
  held.limits.stopped = 'this cluster is frozen by lena: audit';
  expect(nextTurnAt(held, 100, [])).toBe(Infinity);
  held.limits.stopped = undefined;
  held.limits.refused = new Map(held.desired.map(({ id }) => [id, 'no']));
  expect(nextTurnAt(held, 100, [])).toBe(Infinity);
});

it('what admission changes is written again after 10, 20, 40 min … 6 h, and with the change rate where that is later', async () => {
  const held = await drifted();
  const [book] = held.books.values();
  if (!book?.applied) throw new Error('nothing was applied');
  book.drift = undefined;
  const { object: sent } = book.applied.desired;
  const fields = { self: false, children: new Map([['f:data', { self: true, children: new Map() }]]) };
  const write = (value: string, nowMs: number) => {
    book.altered.take({ sent, stored: { ...sent, data: { key: value } }, fields }, book.key, 1);
    book.altered.written(nowMs);
    return nextTurnAt(held, nowMs, []);
  };
  const minutes = (ms: number) => ms / 60_000;
  expect([1, 2, 3, 4, 5, 6, 7].map(() => minutes(write('theirs', 0)))).toEqual([
    10, 20, 40, 80, 160, 320, 360,
  ]);
  held.limits.waitUntilMs = 30_000_000;
  expect(nextTurnAt(held, 0, [])).toBe(30_000_000);
  held.limits.waitUntilMs = undefined;
  book.error = 'refused';
  expect(nextTurnAt(held, 0, [])).toBe(Infinity);
  book.error = undefined;
  expect(write('value', 0)).toBe(Infinity);
  expect(minutes(write('theirs', 0))).toBe(10);
});
