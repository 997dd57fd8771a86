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
