import { FaultError } from '@meridian/runtime';
import { createTelemetry } from '@meridian/telemetry';
import { expect, test } from 'vitest';
import type { Inbox } from './inbox.ts';
import { controlMetrics } from './metrics.ts';
import { runTerm } from './term.ts';
import type { TermPorts } from './term.ts';

/** A term on a fake clock in which every turn has mail and takes 300 ms. */
async function busyTerm(turns: number, tidy: () => Promise<void> = async () => undefined) {
  const stop = new AbortController();
  let nowMs = 0;
  let taken = 0;
  const pulses: number[] = [];
  const renewals: number[] = [];
  const inbox: Pick<Inbox, 'take'> = {
    async take() {
      nowMs += 300;
      taken += 1;
      if (taken > turns) stop.abort();
      return { source: undefined, reports: new Map([['web', new Set(['east'])]]), commands: [] };
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
    log,
    tracer,
    pen: {
      book: { rollouts: new Map() },
      load: async () => undefined,
      carryOut: async () => undefined,
      renew: async () => void renewals.push(nowMs),
      pulse: async () => void pulses.push(nowMs),
    },
    desk: { tidy },
    statuses: { observed: () => undefined, clustersOf: () => [] },
    clock: { nowMs: () => nowMs, monotonicMs: () => nowMs, wait: async () => undefined },
    metrics: controlMetrics(registry, () => undefined),
    shard: 'main',
    isLockUnreachable: () => true,
  } as unknown as TermPorts;
  await runTerm(ports, stop.signal);
  return { pulses, renewals };
}

test('a leader with mail in every turn still shows a sign of life and renews at least once a second', async () => {
  const { pulses, renewals } = await busyTerm(12);
  expect(pulses.length).toBeGreaterThanOrEqual(3);
  expect(pulses[0]).toBeLessThanOrEqual(1_200);
  expect(renewals).toEqual(pulses);
});

test('a fault while bundles are tidied costs neither the lead nor the sign of life', async () => {
  const { pulses } = await busyTerm(12, () =>
    Promise.reject(new FaultError('timeout', 'slow', { retry: 'later' })),
  );
  expect(pulses.length).toBeGreaterThanOrEqual(3);
});
