import type { Ledger, LedgerMessage } from '@meridian/ledger';
import { expect, test } from 'vitest';
import { rolloutIn, watchLedger } from './rollout-watch.ts';

function message(sequence: number, subject: string, more: Partial<LedgerMessage> = {}): LedgerMessage {
  return {
    subject,
    sequence,
    term: 1,
    body: new Uint8Array(10 * sequence),
    headers: {},
    atMs: sequence,
    ...more,
  };
}

/** A watch of a ledger that tells one message with each call of `tell`. */
function rig() {
  const over = new AbortController();
  const told: LedgerMessage[] = [];
  let ring = () => {};
  const ledger = {
    async *follow() {
      for (;;) {
        const next = told.shift();
        if (next) yield next;
        else if (over.signal.aborted) return;
        else await new Promise<void>((resolve) => (ring = resolve));
      }
    },
  } as unknown as Ledger;
  const watch = watchLedger(ledger, over.signal);
  const tell = (...messages: LedgerMessage[]) => {
    told.push(...messages);
    ring();
  };
  return { watch, tell };
}

const at = (sequence: number) => (one: LedgerMessage) =>
  one.sequence === sequence ? one.subject : undefined;

test('finds what comes later, and what came after a place that it has passed', async () => {
  const { watch, tell } = rig();
  const second = watch.next('the second', at(2));
  tell(message(1, 'ledger.main.rollout.a'), message(2, 'ledger.main.rollout.b'));
  expect(await second).toBe('ledger.main.rollout.b');
  expect(await watch.next('the first', at(1), { after: 0 })).toBe('ledger.main.rollout.a');
  expect(watch.sequence()).toBe(2);
});

test('does not take what came before for news, and says what it waited for', async () => {
  const { watch, tell } = rig();
  const first = watch.next('the first', at(1));
  tell(message(1, 'ledger.main.rollout.a'));
  await first;
  await expect(watch.next('the first again', at(1), { withinMs: 20 })).rejects.toThrow(/the first again/);
});

test('knows who claimed last, and the sizes of what was written since', async () => {
  const { watch, tell } = rig();
  const third = watch.next('the third', at(3));
  const headers = { 'Meridian-Holder': 'hub-2' };
  tell(message(1, 'ledger.main.claim', { headers, term: 7 }), message(2, 'x'), message(3, 'y'));
  await third;
  expect(watch.leader()).toEqual({ holder: 'hub-2', term: 7 });
  expect(watch.sizesAfter(1)).toEqual([20, 30]);
});

test('a message of something else holds no rollout, and one that cannot be read is no silence', () => {
  expect(rolloutIn(message(1, 'ledger.main.rollout.other'), 'web')).toBeUndefined();
  expect(() => rolloutIn(message(4, 'ledger.main.rollout.web'), 'web')).toThrow(/at 4/);
});
