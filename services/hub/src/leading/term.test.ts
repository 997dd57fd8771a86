import { FaultError } from '@meridian/runtime';
import { createTelemetry } from '@meridian/telemetry';
import { expect, test } from 'vitest';
import type { Inbox } from './inbox.ts';
import { controlMetrics } from './metrics.ts';
import { runTerm } from './term.ts';
import { emptyBook } from './ledger-book.ts';
import type { TermPorts } from './term.ts';

/** A term on a fake clock in which every turn has mail and takes 300 ms. */
async function busyTerm(
  turns: number,
  { tidy = async () => undefined, rollouts = {} }: { tidy?: () => Promise<void>; rollouts?: object } = {},
) {
  const stop = new AbortController();
  let nowMs = 0;
  let taken = 0;
  const pulses: number[] = [];
  const renewals: number[] = [];
  const looks: string[] = [];
  const inbox: Pick<Inbox, 'take'> = {
    async take() {
      nowMs += 300;
      taken += 1;
      if (taken > turns) stop.abort();
      return { source: undefined, reports: new Map([['web', new Set(['east'])]]), commands: [], answers: [] };
    },
  };
  const { log, tracer, registry } = createTelemetry({
    service: 'hub',
    instance: 'h',
    logLevel: 'error',
    destination: { write: () => undefined },
  });
  const ports = {
    inbox,
    asker: { look: () => undefined },
    log,
    tracer,
    pen: {
      book: { ...emptyBook(), rollouts: new Map(Object.entries(rollouts)) },
      load: async () => undefined,
      carryOut: async () => undefined,
      renew: async () => void renewals.push(nowMs),
      pulse: async () => void pulses.push(nowMs),
    },
    desk: { tidy },
    dependencies: { holdsOf: () => [] },
    statuses: {
      observed: (application: string) => void looks.push(application),
      clustersOf: () => [],
      freezes: () => new Map(),
    },
    clock: { nowMs: () => nowMs, monotonicMs: () => nowMs, wait: async () => undefined },
    metrics: controlMetrics(registry, () => undefined),
    shard: 'main',
    isLockUnreachable: () => true,
  } as unknown as TermPorts;
  await runTerm(ports, stop.signal);
  return { pulses, renewals, looks };
}

test('a leader with mail in every turn still shows a sign of life and renews at least once a second', async () => {
  const { pulses, renewals } = await busyTerm(12);
  expect(pulses.length).toBeGreaterThanOrEqual(3);
  expect(pulses[0]).toBeLessThanOrEqual(1_200);
  expect(renewals).toEqual(pulses);
});

test('a fault while bundles are tidied costs neither the lead nor the sign of life', async () => {
  const tidy = () => Promise.reject(new FaultError('timeout', 'slow', { retry: 'later' }));
  const { pulses } = await busyTerm(12, { tidy });
  expect(pulses.length).toBeGreaterThanOrEqual(3);
});

test('a rollout that nothing was heard of is looked at once a second, however busy the others are', async () => {
  const stages = [{ clusters: [{ name: 'east' }] }];
  const state = { phase: 'progressing', stage: 0, stages, target: {}, placed: {} };
  const { looks } = await busyTerm(12, { rollouts: { quiet: { state }, web: { state } } });
  const looksAt = (application: string) => looks.filter((name) => name === application).length;
  // In 3.6 s; each turn hears of `web`, and looks at it for its report and for the time.
  expect(looksAt('web')).toBe(24);
  expect(looksAt('quiet')).toBe(4);
});
