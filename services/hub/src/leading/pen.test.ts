import type { Leadership, LedgerMessage } from '@meridian/ledger';
import { systemClock } from '@meridian/runtime';
import { Registry } from '@meridian/telemetry';
import { expect, test } from 'vitest';
import { controlMetrics } from './metrics.ts';
import { FencedError, Pen } from './pen.ts';
import type { PenPorts } from './pen.ts';

const message = (subject: string, sequence: number, body: object): LedgerMessage => ({
  subject,
  sequence,
  term: 1,
  body: new TextEncoder().encode(JSON.stringify(body)),
  headers: {},
  atMs: 0,
});

/** A pen of the leader that claimed at sequence 4, of a ledger that gives these answers and then the last of them for ever. */
function penOf(answers: LedgerMessage[][], tail: { readonly sequence: number }) {
  const last = answers.at(-1) ?? [];
  const ports = {
    ledger: { lastBySubject: async () => answers.shift() ?? last, tail: async () => tail },
    moves: { of: async () => undefined, outdated: async () => [] },
    outbox: { put: () => undefined, run: async () => undefined },
    clock: systemClock,
    log: { info: () => undefined },
    metrics: controlMetrics(new Registry(), () => undefined),
    shard: 'main',
    sign: () => ({ payloadType: '', payload: '', signatures: [] }),
  } as unknown as PenPorts;
  return new Pen(ports, { term: 2, incarnation: 'i', sequence: 4 } as Leadership);
}

test('a new leader does not go by a replica of the ledger that has not seen its claim', async () => {
  const behind = [message('ledger.main.index.east', 2, { applications: ['web'] })];
  const whole = [
    message('ledger.main.index.east', 3, { applications: ['registry', 'web'] }),
    message('ledger.main.claim', 4, {}),
  ];
  const pen = penOf([behind, behind, whole], { sequence: 4 });
  await pen.load(AbortSignal.timeout(5_000));
  expect(pen.book.indexes.get('east')).toEqual(['registry', 'web']);
});

test('a term ends when the ledger was lost before its leader could read it', async () => {
  const pen = penOf([[]], { sequence: 0 });
  await expect(pen.load(AbortSignal.timeout(5_000))).rejects.toThrow(FencedError);
});
