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

/** Whether what the ledger has with a term is signed anew for an agent that has seen another one. */
function isSignedAnew(term: number, seen: SeenTerm | undefined): boolean {
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
    },
    traceparent: undefined,
  });
  const reports = new Map([['web', ['east', 'west']]]);
  const found = outranked(book, reports, { statuses: { termOf: () => seen }, writer });
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
