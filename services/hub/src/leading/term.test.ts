import type { Gate, Hold } from '@meridian/fleet';
import { decide } from '@meridian/rollout';
import { FaultError } from '@meridian/runtime';
import { createTelemetry } from '@meridian/telemetry';
import { expect, test } from 'vitest';
import type { AnswerAtGate, Inbox } from './inbox.ts';
import { controlMetrics } from './metrics.ts';
import { runTerm } from './term.ts';
import { emptyBook } from './ledger-book.ts';
import type { LedgerBook } from './ledger-book.ts';
import type { Change } from './pen.ts';
import type { TermPorts } from './term.ts';

/** What a busy term has to do, beside reports. */
interface Busy {
  readonly tidy: () => Promise<void>;
  readonly rollouts: { readonly [application: string]: object };
  /** What other systems said by the first turn. */
  readonly answers: readonly AnswerAtGate[];
  /** What holds pushes from then on. */
  readonly holds: readonly Hold[];
}

/** A term on a fake clock in which every turn has mail and takes 300 ms. */
async function busyTerm(
  turns: number,
  { tidy = async () => undefined, rollouts = {}, answers = [], holds = [] }: Partial<Busy> = {},
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
      const reports = new Map([['web', new Set(['east'])]]);
      return { source: undefined, reports, commands: [], answers: taken === 1 ? answers : [] };
    },
  };
  const { log, tracer, registry } = createTelemetry({
    service: 'hub',
    instance: 'h',
    logLevel: 'error',
    destination: { write: () => undefined },
  });
  const assigned: string[] = [];
  const book = { ...emptyBook(), rollouts: new Map(Object.entries(rollouts)) } as unknown as LedgerBook;
  const carryOut = async (changes: readonly Change[]) => {
    for (const { application, next, traceparent, effects } of changes) {
      book.rollouts.set(application, { state: next, traceparent });
      assigned.push(...effects.flatMap((effect) => (effect.kind === 'assign' ? effect.cluster : [])));
    }
  };
  const ports = {
    inbox,
    asker: { look: () => undefined },
    log,
    tracer,
    pen: {
      book,
      load: async () => undefined,
      carryOut,
      outrank: async () => undefined,
      renew: async () => void renewals.push(nowMs),
      pulse: async () => void pulses.push(nowMs),
    },
    desk: { tidy },
    dependencies: { holdsOf: () => holds },
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
  return { pulses, renewals, looks, assigned };
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

test('an answer that passes a gate pushes nothing that is held by then', async () => {
  const gate: Gate = {
    kind: 'webhook',
    name: 'change',
    url: 'https://gates.example.com/',
    intervalMs: 5_000,
  };
  const stage = { name: 'all', clusters: { matchLabels: {} }, maxConcurrent: 1, soakMs: 0, before: [gate] };
  const bundles = { east: { digest: 'A', objects: 1 } };
  const { next: state } = decide(
    undefined,
    {
      kind: 'releaseMade',
      release: { application: 'api', digest: 'R1', revision: 'c0ffee', bundles },
      strategy: { name: 'gated', stages: [stage], progressDeadlineMs: 60_000, failureBudget: 0 },
      policy: { namespace: 'ml', prune: true, selfHeal: true, createNamespace: true, deletionBudget: 0 },
      labels: {},
      removals: {},
    },
    0,
  );
  const said = { kind: 'gateAnswered', rollout: 1, release: 'R1', gate: 'change', attempt: 1 } as const;
  const answers = [{ application: 'api', event: { ...said, verdict: 'pass', message: 'go' } }] as const;
  const rollouts = { api: { state: state ?? {}, traceparent: undefined } };
  const hold: Hold = { scope: 'freeze', name: 'east', author: 'ops', reason: 'training', sinceMs: 0 };
  expect((await busyTerm(1, { rollouts, answers })).assigned).toEqual(['east']);
  expect((await busyTerm(1, { rollouts, answers, holds: [hold] })).assigned).toEqual([]);
});
