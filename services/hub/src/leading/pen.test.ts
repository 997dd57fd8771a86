import type { Leadership, LedgerMessage } from '@meridian/ledger';
import { systemClock } from '@meridian/runtime';
import { Registry } from '@meridian/telemetry';
import { expect, test } from 'vitest';
import { controlMetrics } from './metrics.ts';
import { Pen } from './pen.ts';
import type { PenPorts } from './pen.ts';

const message = (subject: string, sequence: number, body: object): LedgerMessage => ({
  subject,
  sequence,
  term: 1,
  body: new TextEncoder().encode(JSON.stringify(body)),
  headers: {},
  atMs: 0,
});

test('a new leader does not go by a replica of the ledger that has not seen its claim', async () => {
  const behind = [message('ledger.main.index.east', 2, { applications: ['web'] })];
  const whole = [
    message('ledger.main.index.east', 3, { applications: ['registry', 'web'] }),
    message('ledger.main.claim', 4, {}),
  ];
  const answers = [behind, behind, whole];
  const ports = {
    ledger: { lastBySubject: async () => answers.shift() ?? whole },
    moves: { of: async () => undefined, outdated: async () => [] },
    outbox: { put: () => undefined, run: async () => undefined },
    clock: systemClock,
    log: { info: () => undefined },
    metrics: controlMetrics(new Registry(), () => undefined),
    shard: 'main',
    sign: () => ({ payloadType: '', payload: '', signatures: [] }),
  } as unknown as PenPorts;
  const leadership = { term: 2, incarnation: 'i', sequence: 4 } as Leadership;
  const pen = new Pen(ports, leadership);
  await pen.load(AbortSignal.timeout(5_000));
  expect(pen.book.indexes.get('east')).toEqual(['registry', 'web']);
});
