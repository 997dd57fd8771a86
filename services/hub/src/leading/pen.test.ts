import type { Leadership, LedgerMessage, LedgerRecord } from '@meridian/ledger';
import { decide } from '@meridian/rollout';
import { systemClock } from '@meridian/runtime';
import { Registry } from '@meridian/telemetry';
import { expect, test } from 'vitest';
import { controlMetrics } from './metrics.ts';
import { FencedError, Pen } from './pen.ts';
import type { Change, PenPorts } from './pen.ts';

const message = (subject: string, sequence: number, body: object): LedgerMessage => ({
  subject,
  sequence,
  term: 1,
  body: new TextEncoder().encode(JSON.stringify(body)),
  headers: {},
  atMs: 0,
});

/** A pen of the leader that claimed at sequence 4, of a ledger that gives these answers and then the last of them for ever. */
function penOf(
  answers: LedgerMessage[][],
  tail: { readonly sequence: number },
  append: Leadership['append'] = async () => ({ ok: true, sequence: 5 }),
) {
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
  return new Pen(ports, { term: 2, incarnation: 'i', sequence: 4, append } as Leadership);
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

/** The first rollout of an application in many clusters at once. */
function change(application: string, clusters: number): Change {
  const names = Array.from({ length: clusters }, (_, index) => `c${index}`);
  const bundle = { digest: `sha256:${'b'.repeat(64)}`, objects: 1 };
  const strategy = {
    name: 's',
    stages: [{ name: 'all', clusters: { matchLabels: {} }, maxConcurrent: clusters, soakMs: 0 }],
    progressDeadlineMs: 60_000,
    failureBudget: 0,
  };
  const { next, effects } = decide(
    undefined,
    {
      kind: 'releaseMade',
      release: {
        digest: `sha256:${'a'.repeat(64)}`,
        application,
        revision: 'r1',
        bundles: Object.fromEntries(names.map((name) => [name, bundle])),
      },
      strategy,
      policy: { namespace: 'ml', prune: true, selfHeal: true, createNamespace: true, deletionBudget: '50%' },
      labels: {},
      removals: {},
    },
    1_000,
  );
  return { application, next: next!, effects, traceparent: undefined, parent: undefined };
}

/** What each append wrote, by the kind and the last name in its subjects. */
function notingAppend(outcome: (nth: number) => boolean) {
  const appends: string[][] = [];
  const append = async (records: readonly LedgerRecord[]) => {
    appends.push(records.map(({ subject }) => subject));
    return outcome(appends.length)
      ? ({ ok: true, sequence: 5 } as const)
      : ({ ok: false, reason: 'fenced' } as const);
  };
  return { appends, append };
}

test('what moves a large fleet is written some at a time, each state in front of its assignments, the lists once', async () => {
  const { appends, append } = notingAppend(() => true);
  const pen = penOf([], { sequence: 4 }, append);
  await pen.carryOut(
    [change('one', 600), change('two', 600), change('three', 3)],
    AbortSignal.timeout(5_000),
  );
  const kinds = appends.map((subjects) => subjects.map((subject) => subject.split('.')[2]));
  expect(appends.map((subjects) => subjects[0])).toEqual([
    'ledger.main.rollout.one',
    'ledger.main.rollout.two',
    'ledger.main.rollout.three',
  ]);
  expect(kinds.map((some) => some.filter((kind) => kind === 'assign').length)).toEqual([600, 600, 3]);
  expect(kinds.map((some) => some.filter((kind) => kind === 'index').length)).toEqual([0, 0, 600]);
});

test('a pen that is fenced between two appends writes nothing more', async () => {
  const { appends, append } = notingAppend((nth) => nth < 2);
  const pen = penOf([], { sequence: 4 }, append);
  const writing = pen.carryOut(
    ['one', 'two', 'three'].map((name) => change(name, 600)),
    AbortSignal.timeout(5_000),
  );
  await expect(writing).rejects.toThrow(FencedError);
  expect(appends).toHaveLength(2);
});

test('numbers that change no decision are remembered, and written with what comes next', async () => {
  const { appends, append } = notingAppend(() => true);
  const pen = penOf([], { sequence: 4 }, append);
  const signal = AbortSignal.timeout(5_000);
  const first = change('web', 1);
  await pen.carryOut([first], signal);
  const [stage] = first.next.stages;
  if (!stage) throw new Error('no stage');
  const metric = {
    kind: 'metric',
    name: 'errors',
    source: 'p',
    query: 'up',
    intervalMs: 60_000,
    max: 100,
  } as const;
  const rest = { aggregate: 'every', forMs: 600_000, failAfterMs: 0, firstInstall: 'hold' } as const;
  const { strategy } = first.next.target;
  const stages = strategy.stages.map((one) => ({ ...one, after: [{ ...metric, ...rest }] }));
  const open = { ...first.next, target: { ...first.next.target, strategy: { ...strategy, stages } } };
  const gated = (value: number, message = 'is good in c0') => {
    const results = {
      c0: { phase: 'measured', value, message: '', observedAtMs: value, atMs: value },
    } as const;
    const after = [{ name: 'errors', phase: 'open', attempt: 1, message, results, goodSinceMs: 1 }] as const;
    return { ...first, next: { ...open, stages: [{ ...stage, after }] }, effects: [] };
  };
  await pen.carryOut([gated(1)], signal);
  expect(appends).toHaveLength(2);
  await pen.carryOut([gated(2)], signal);
  await pen.carryOut([gated(3)], signal);
  expect(appends).toHaveLength(2);
  expect(pen.book.rollouts.get('web')?.state).toEqual(gated(3).next);
  await pen.carryOut([gated(200, 'is 200 in c0; at most 100 is good')], signal);
  expect(appends).toHaveLength(3);
  expect(pen.book.rollouts.get('web')).not.toHaveProperty('stored');
});

test('what an agent refuses for its low term is signed anew, once', async () => {
  const { appends, append } = notingAppend(() => true);
  const pen = penOf([], { sequence: 4 }, append);
  await pen.carryOut([change('web', 2)], AbortSignal.timeout(5_000));
  const ofOne = pen.book.assignments.get('c1')?.get('web');
  if (!ofOne) throw new Error('nothing is assigned');
  // The leader before this one wrote it, before the agent was heard of.
  pen.book.assignments.get('c1')?.set('web', { ...ofOne, assignment: { ...ofOne.assignment, term: 1 } });
  const reports = new Map([['web', new Set(['c0', 'c1'])]]);
  const statuses = { termOf: () => ({ term: 1, incarnation: 'gone' }), observed: () => undefined };
  await pen.outrank(reports, statuses, AbortSignal.timeout(5_000));
  await pen.outrank(reports, statuses, AbortSignal.timeout(5_000));
  expect(appends.slice(1)).toEqual([['ledger.main.assign.c1.web']]);
  expect(pen.book.assignments.get('c1')?.get('web')?.assignment).toMatchObject({
    term: 2,
    incarnation: 'i',
    generation: ofOne.assignment.generation,
  });
});
