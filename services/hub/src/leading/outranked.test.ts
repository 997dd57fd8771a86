import type { Assignment, Check } from '@meridian/fleet';
import type { StatusObserved } from '@meridian/rollout';
import { expect, test } from 'vitest';
import { emptyBook, noteAssignment } from './ledger-book.ts';
import { outranked } from './outranked.ts';
import type { Writer } from './records.ts';
import type { SeenTerm } from './status-memory.ts';

const writer: Writer = {
  shard: 'main',
  term: 7,
  incarnation: 'new',
  sign: () => ({ payloadType: '', payload: '', signatures: [] }),
};

type Known = Pick<Assignment, 'checks'> & { readonly report?: StatusObserved };

/** Whether what the ledger has with a term is signed anew for an agent that has seen another one. */
function isSignedAnew(term: number, seen: SeenTerm | undefined, { report, ...more }: Known = {}): boolean {
  const book = emptyBook();
  noteAssignment(book, {
    assignment: {
      cluster: 'east',
      application: 'web',
      release: 'r',
      revision: '1',
      generation: 1,
      namespace: 'ml',
      prune: true,
      selfHeal: true,
      createNamespace: false,
      allowedDeletions: 0,
      term,
      incarnation: 'new',
      issuedAtMs: 0,
      expiresAtMs: 1,
      ...more,
    },
    traceparent: undefined,
  });
  const reports = new Map([['web', ['east', 'west']]]);
  const found = outranked(book, reports, {
    statuses: { termOf: () => seen, observed: () => report },
    writer,
    nowMs: 1,
  });
  return found.some(({ assignment }) => assignment.cluster === 'east');
}

test('an agent that has seen a greater term than an assignment bears would refuse it', () => {
  expect(isSignedAnew(4, { term: 6, incarnation: 'lost' })).toBe(true);
  expect(isSignedAnew(4, { term: 6, incarnation: 'new' })).toBe(true);
});

test('an equal term is refused only when it is of another ledger', () => {
  expect(isSignedAnew(6, { term: 6, incarnation: 'lost' })).toBe(true);
  expect(isSignedAnew(6, { term: 6, incarnation: 'new' })).toBe(false);
  expect(isSignedAnew(6, { term: 6, incarnation: undefined })).toBe(false);
});

test('what agents take, or would not take from this leader either, stays as it is', () => {
  expect(isSignedAnew(6, { term: 5, incarnation: 'lost' })).toBe(false);
  expect(isSignedAnew(4, { term: 7, incarnation: 'lost' })).toBe(false);
  expect(isSignedAnew(4, undefined)).toBe(false);
});

const check: Check = { id: 'g-1-1', kind: 'job', when: 'healthy', spec: {}, timeoutMs: 1_000 };
const report = (generation: number, ids: readonly string[]): StatusObserved => ({
  ...{ kind: 'statusObserved', cluster: 'east', release: 'r', generation, sync: 'Synced', health: 'Healthy' },
  ...{ message: '', observedAtMs: 1, stale: false },
  checks: ids.map((id) => ({ id, phase: 'pending', observedAtMs: 0, message: '' })),
});

test('checks that an agent says nothing of at their generation are asked for anew, once by each leader', () => {
  const seen = { term: 6, incarnation: 'new' };
  const asked = { checks: [check] };
  expect(isSignedAnew(6, seen, { ...asked, report: report(1, []) })).toBe(true);
  expect(isSignedAnew(6, seen, { ...asked, report: report(1, ['g-1-2']) })).toBe(true);
  expect(isSignedAnew(6, seen, { ...asked, report: report(1, ['g-1-1']) })).toBe(false);
  expect(isSignedAnew(6, seen, { ...asked, report: report(0, []) })).toBe(false);
  expect(isSignedAnew(6, seen, { report: report(1, []) })).toBe(false);
  expect(isSignedAnew(7, seen, { ...asked, report: report(1, []) })).toBe(false);
});
