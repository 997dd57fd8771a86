import { generateKeyPairSync } from 'node:crypto';
import type { LedgerMessage, LedgerRecord } from '@meridian/ledger';
import { signEnvelope, verifyEnvelope } from '@meridian/ledger';
import { decide } from '@meridian/rollout';
import type { AssignEffect, RolloutState } from '@meridian/rollout';
import { createSlices, systemClock } from '@meridian/runtime';
import { expect, test } from 'vitest';
import { missingAssignments, outdatedIndexes, readBook } from './ledger-book.ts';
import { assignmentLifeMs, assignmentOf, assignmentRecord, indexRecord, rolloutRecord } from './records.ts';
import type { Writer } from './records.ts';
import { Renewals } from './renewals.ts';

const pair = generateKeyPairSync('ed25519');
const signingKey = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const publicKey = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
const writer: Writer = {
  shard: 'main',
  term: 4,
  incarnation: 'i1',
  sign: (assignment) => signEnvelope(assignment, signingKey),
};
const digest = (letter: string) => `sha256:${letter.repeat(64)}`;

function begun(): { state: RolloutState; assigns: AssignEffect[] } {
  const bundles = { east: { digest: digest('b'), objects: 2 }, west: { digest: digest('c'), objects: 2 } };
  const { next, effects } = decide(
    undefined,
    {
      kind: 'releaseMade',
      release: { digest: digest('a'), application: 'web', revision: 'r1', bundles },
      strategy: { name: 's', stages: [], progressDeadlineMs: 60_000, failureBudget: 0 },
      policy: { namespace: 'ml', prune: true, selfHeal: true, createNamespace: true, deletionBudget: '50%' },
      labels: {},
      removals: {},
    },
    1_000,
  );
  return { state: next!, assigns: effects.filter((effect) => effect.kind === 'assign') };
}

function stored(record: LedgerRecord, sequence: number): LedgerMessage {
  const body = typeof record.body === 'string' ? new TextEncoder().encode(record.body) : record.body;
  return { subject: record.subject, sequence, term: 4, body, headers: { ...record.headers }, atMs: 1_000 };
}

const read = (messages: readonly LedgerMessage[]) => readBook(messages, createSlices());

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

test('what was written is read back: state, assignment, list and trace', async () => {
  const { state, assigns } = begun();
  const first = assignmentOf(writer, assigns[0]!, 1_000);
  const records = [
    rolloutRecord('main', state, traceparent),
    assignmentRecord(writer, first, traceparent),
    indexRecord('main', 'east', ['web']),
  ];
  const book = await read(records.map(stored));
  expect(book.rollouts.get('web')).toEqual({ state, traceparent });
  expect(book.assignments.get('east')?.get('web')).toEqual({ assignment: first, traceparent });
  expect(book.indexes.get('east')).toEqual(['web']);
  const envelope: unknown = JSON.parse(String(records[1]?.body));
  expect(verifyEnvelope(envelope, [publicKey], { cluster: 'east', application: 'web' })).toMatchObject({
    ok: true,
  });
});

test('assignments that their leader did not live to write are found, exactly those', async () => {
  const { state, assigns } = begun();
  const first = assignmentRecord(writer, assignmentOf(writer, assigns[0]!, 1_000), undefined);
  const book = await read([rolloutRecord('main', state, undefined), first].map(stored));
  expect(missingAssignments(book)).toEqual([assigns[1]]);
  expect([...outdatedIndexes(book)]).toEqual([['east', ['web']]]);
});

test('a list only ever grows', async () => {
  const { assigns } = begun();
  const record = assignmentRecord(writer, assignmentOf(writer, assigns[0]!, 1_000), undefined);
  const book = await read([record, indexRecord('main', 'east', ['gone', 'web'])].map(stored));
  expect(outdatedIndexes(book).size).toBe(0);
});

test('a rollout that cannot be read stops the hub from leading rather than starting over', async () => {
  const bad = { subject: 'ledger.main.rollout.web', body: '{"version":99}' };
  await expect(read([stored(bad, 7)])).rejects.toThrow(/sequence 7.*version 99/);
});

test('an assignment that has lived half of its life is signed anew at the same generation', async () => {
  const { assigns } = begun();
  const nowMs = 10 * assignmentLifeMs;
  const old = assignmentOf(writer, assigns[0]!, nowMs - assignmentLifeMs / 2 - 1);
  const young = assignmentOf(writer, assigns[1]!, nowMs - 1_000);
  const book = await read(
    [old, young].map((one, index) => stored(assignmentRecord(writer, one, traceparent), index)),
  );
  let monotonicMs = 0;
  const renewals = new Renewals({ ...systemClock, nowMs: () => nowMs, monotonicMs: () => monotonicMs });
  const later = { ...writer, term: 9 };
  expect(renewals.due(book, later)).toEqual([]);
  monotonicMs = 60_000;
  const [renewed, ...others] = renewals.due(book, later);
  expect(others).toEqual([]);
  expect(renewed?.assignment).toEqual({
    ...old,
    term: 9,
    issuedAtMs: nowMs,
    expiresAtMs: nowMs + assignmentLifeMs,
  });
  expect(renewed?.traceparent).toBe(traceparent);
});

test('tidying keeps what is assigned and what a rollout is going to assign', async () => {
  const { state, assigns } = begun();
  const record = assignmentRecord(
    writer,
    assignmentOf(writer, { ...assigns[0]!, bundle: digest('0') }, 1_000),
    undefined,
  );
  const book = await read([rolloutRecord('main', state, undefined), record].map(stored));
  let monotonicMs = 0;
  const renewals = new Renewals({ ...systemClock, monotonicMs: () => monotonicMs });
  expect(renewals.clusterToTidy(book)).toBeUndefined();
  monotonicMs = 3_600_000;
  expect(renewals.clusterToTidy(book)).toEqual({ cluster: 'east', digests: [digest('0'), digest('b')] });
  expect(renewals.clusterToTidy(book)).toBeUndefined();
});

test('a large ledger is read in slices, so that whatever else the process has to do comes in between', async () => {
  const lists = Array.from({ length: 50 }, (_, index) =>
    stored(indexRecord('main', `c${index}`, ['web']), index),
  );
  let rounds = 0;
  // A clock by which every message takes a millisecond.
  let nowMs = 0;
  const later = (go: () => void) => {
    rounds += 1;
    setImmediate(go);
  };
  const book = await readBook(lists, createSlices({ sliceMs: 10, nowMs: () => (nowMs += 1), later }));
  expect(book.indexes.size).toBe(50);
  expect(rounds).toBeGreaterThan(3);
});
