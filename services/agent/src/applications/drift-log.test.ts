import type { Drift } from '@meridian/fleet';
import { keyText } from '@meridian/manifests';
import { expect, test } from 'vitest';
import { emptyRecord } from '../testing/record.ts';
import { createDriftLog, maxDrifts } from './drift-log.ts';
import { ObjectBook } from './object-book.ts';

const key = (name: string) => ({ group: '', kind: 'ConfigMap', namespace: 'a', name });
const drift = (name: string, more: Partial<Drift> = {}): Drift => ({
  key: key(name),
  change: 'modified',
  manager: 'hand',
  fields: [],
  firstSeenMs: 1,
  ...more,
});
const healed = (name: string, more: Partial<Drift> = {}): Drift => drift(name, { healedAtMs: 2, ...more });

function heldWith(...names: readonly string[]) {
  const books = new Map(names.map((name) => [keyText(key(name)), new ObjectBook(key(name))]));
  return { books, record: emptyRecord };
}

test('what was healed is kept at once, and what follows ten seconds later', () => {
  const at = { ms: 0 };
  const log = createDriftLog({ monotonicMs: () => at.ms });
  const held = heldWith();
  expect(log.dueAtMs).toBeUndefined();
  log.add(healed('a'));
  expect(log.dueAtMs).toBe(0);
  log.keepIn(held);
  expect(held.record.drift).toEqual([healed('a')]);
  const kept = held.record;
  log.add(healed('b'));
  expect(log.dueAtMs).toBe(10_000);
  at.ms = 9_999;
  log.keepIn(held);
  expect(held.record).toBe(kept);
  at.ms = 10_000;
  log.keepIn(held);
  expect(held.record.drift).toEqual([healed('b'), healed('a')]);
  expect(log.dueAtMs).toBeUndefined();
});

test('a restart takes back what was healed, and since when an object that still has drifted had', () => {
  const before = heldWith('open', 'other');
  const record = {
    ...before.record,
    drift: [drift('open', { firstSeenMs: 5 }), healed('old'), drift('gone')],
  };
  const log = createDriftLog({ monotonicMs: () => 0 });
  log.restore(record, before.books);
  expect(log.with(before.books)).toEqual([healed('old')]);
  const book = before.books.get(keyText(key('open')));
  const seen = book?.seeMissing(99);
  expect(seen).toMatchObject({ change: 'drifted', drift: { change: 'deleted', firstSeenMs: 99 } });
  const again = new ObjectBook(key('open'));
  again.knowDrift(drift('open', { change: 'deleted', manager: 'unknown', firstSeenMs: 5 }));
  expect(again.seeMissing(99)).toMatchObject({ change: 'drifted', drift: { firstSeenMs: 5 } });
});

test('what is kept is bounded in number and size, the newest first', () => {
  const log = createDriftLog({ monotonicMs: () => 0 });
  const held = heldWith();
  for (let index = 0; index < 80; index += 1) log.add(healed(`small-${index}`));
  log.keepIn(held);
  expect(held.record.drift).toHaveLength(maxDrifts);
  expect(held.record.drift?.[0]?.key.name).toBe('small-79');
  const large = createDriftLog({ monotonicMs: () => 0 });
  const fields = Array.from({ length: 20 }, () => ({
    path: 'data.x',
    desired: 'x'.repeat(200),
    live: 'y'.repeat(200),
  }));
  for (let index = 0; index < 50; index += 1) large.add(healed(`large-${index}`, { fields }));
  large.keepIn(held);
  expect(JSON.stringify(held.record.drift).length).toBeLessThan(33_000);
  expect(held.record.drift?.[0]?.key.name).toBe('large-49');
});

test('what was healed since the last save stays known when what was kept is taken up again', () => {
  const { books, record } = heldWith();
  const log = createDriftLog({ monotonicMs: () => 0 });
  log.restore({ ...record, drift: [healed('old')] }, books);
  log.add(healed('new'));
  log.restore({ ...record, drift: [healed('old')] }, books);
  expect(log.with(books)).toEqual([healed('new'), healed('old')]);
});
