import { expect, test } from 'vitest';
import { auditLedger } from './audit.ts';
import type { LedgerMessage } from './index.ts';

function message(
  sequence: number,
  rest: { subject: string; term: number; holder?: string; body?: unknown },
): LedgerMessage {
  return {
    subject: `ledger.main.${rest.subject}`,
    sequence,
    term: rest.term,
    body: new TextEncoder().encode(JSON.stringify(rest.body ?? {})),
    headers: { 'Meridian-Holder': rest.holder ?? 'hub-1' },
    atMs: 0,
  };
}
const claim = (sequence: number, term: number, more: { holder?: string; incarnation?: string } = {}) => {
  const { holder = 'hub-1', incarnation = 'i' } = more;
  return message(sequence, { subject: 'claim', term, holder, body: { term, holder, incarnation } });
};
const entry = (sequence: number, term: number, holder = 'hub-1') =>
  message(sequence, { subject: 'rollout.app', term, holder });
const assign = (sequence: number, generation: number, subject = 'assign.a.app') =>
  message(sequence, {
    subject,
    term: 1,
    body: { payload: Buffer.from(JSON.stringify({ generation })).toString('base64') },
  });
const broken = (messages: LedgerMessage[]) =>
  auditLedger(messages).map(({ invariant, sequence }) => `${invariant}@${sequence}`);

test('a sound ledger has no violations, in whatever order it is read', () => {
  expect(broken([entry(4, 3, 'hub-2'), claim(1, 1), entry(2, 1), claim(3, 3, { holder: 'hub-2' })])).toEqual(
    [],
  );
});

test('messages before the oldest claim that is left may be of older terms', () => {
  expect(broken([entry(10, 3), entry(12, 5), claim(20, 9), entry(21, 9)])).toEqual([]);
  expect(broken([entry(10, 5), entry(12, 3), claim(20, 9)])).toEqual(['I2@12']);
  expect(broken([entry(10, 9), claim(20, 9)])).toEqual(['I1@20']);
});

test('a term that is claimed twice or goes back breaks I1', () => {
  expect(broken([claim(1, 2), claim(2, 2)])).toEqual(['I1@2']);
  expect(broken([claim(1, 2), claim(2, 1)])).toEqual(['I1@2']);
  expect(broken([claim(1, 1), claim(2, 2, { incarnation: 'other' })])).toEqual(['I1@2']);
});

test('a write of an older leader after a claim breaks I2', () => {
  expect(broken([claim(1, 1), claim(2, 2), entry(3, 1)])).toEqual(['I2@3']);
  expect(broken([claim(1, 1), entry(2, 1, 'somebody')])).toEqual(['I2@2']);
});

test('a generation that goes back breaks I3, per cluster and application', () => {
  expect(
    broken([claim(1, 1), assign(2, 4), assign(3, 4), assign(4, 1, 'assign.b.app'), assign(5, 5)]),
  ).toEqual([]);
  expect(broken([claim(1, 1), assign(2, 4), assign(3, 3), assign(4, 4)])).toEqual(['I3@3']);
  expect(broken([claim(1, 1), message(2, { subject: 'assign.a.app', term: 1, body: 'x' })])).toEqual([
    'I3@2',
  ]);
});

test('the seal of a candidate has no term of its own, and what follows it is held to the claim as before', () => {
  const seal = (sequence: number, term: number) =>
    message(sequence, { subject: 'seal.x', term, holder: 'hub-2' });
  expect(broken([seal(1, 0), claim(2, 1), seal(3, 1), entry(4, 1)])).toEqual([]);
  expect(broken([seal(1, 0), claim(2, 1), seal(3, 1), entry(4, 1, 'hub-2')])).toEqual(['I2@4']);
});

test('a message without a term breaks I8', () => {
  expect(broken([claim(1, 1), entry(2, 0)])).toEqual(['I8@2']);
});
