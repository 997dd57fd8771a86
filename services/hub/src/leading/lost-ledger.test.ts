import type { Tail } from '@meridian/ledger';
import { FaultError } from '@meridian/runtime';
import { expect, test } from 'vitest';
import { ledgerLost } from './lost-ledger.ts';

/** A leader of term 2 looks at tails that end at these sequences, one after the other; undefined is no answer. */
function lookAt(sequences: (number | undefined)[], term = 2) {
  const stop = new AbortController();
  const tail = async (): Promise<Tail> => {
    const sequence = sequences.shift();
    if (sequences.length === 0) stop.abort();
    if (sequence === undefined) throw new FaultError('timeout', 'no answer', { retry: 'later' });
    return { sequence, term, holder: 'hub-1', messageId: '', atMs: 0 };
  };
  const clock = { nowMs: () => 0, monotonicMs: () => 0, wait: async () => undefined };
  return ledgerLost({ ledger: { tail }, clock }, { sequence: 7, term: 2 }, stop.signal);
}

test('a leader with nothing to write learns that the ledger was lost or put back', async () => {
  expect(await lookAt([7, 8, 6, 7])).toBe('lost or put back');
});

test('a ledger that gives no answer, or has more than its leader wrote, is not taken for lost', async () => {
  expect(await lookAt([undefined, 7, 12])).toBeUndefined();
});

test('a leader with nothing to write learns that another hub has claimed the ledger', async () => {
  expect(await lookAt([12], 3)).toBe('claimed by another hub');
});
