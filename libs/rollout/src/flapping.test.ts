import fc from 'fast-check';
import type { RolloutStrategy } from '@meridian/fleet';
import { expect, it } from 'vitest';
import { decide } from './decide.ts';
import type { RolloutEvent } from './events.ts';
import type { Policy, RolloutState } from './state.ts';
import { wakeAtMs } from './view.ts';

const names = ['a', 'b', 'c', 'd'] as const;
const labels = { a: { tier: 'canary' }, b: { tier: 'canary' }, c: { tier: 'prod' }, d: { tier: 'other' } };
const progressDeadlineMs = 60_000;
const policy: Policy = {
  namespace: 'ml',
  prune: true,
  selfHeal: true,
  createNamespace: true,
  deletionBudget: '50%',
};

const strategies = fc
  .record({
    soakMs: fc.constantFrom(0, 5_000, 90_000),
    maxConcurrent: fc.constantFrom(1, 2),
    failureBudget: fc.nat({ max: 4 }),
  })
  .map(({ soakMs, maxConcurrent, failureBudget }): RolloutStrategy => ({
    name: 'random',
    stages: [
      { name: 'canary', clusters: { matchLabels: { tier: 'canary' } }, maxConcurrent, soakMs },
      { name: 'prod', clusters: { matchLabels: { tier: 'prod' } }, maxConcurrent, soakMs },
    ],
    progressDeadlineMs,
    failureBudget,
  }));

/** A pattern of reports that comes again and again. */
const patterns = fc.array(
  fc.record({
    afterMs: fc.constantFrom(0, 500, 4_000, 20_000),
    cluster: fc.constantFrom(...names),
    healthy: fc.boolean(),
    stale: fc.boolean(),
    ahead: fc.constantFrom(0, 0, 0, 0, 3),
  }),
  { minLength: 1, maxLength: 8 },
);

interface Report {
  readonly afterMs: number;
  readonly cluster: (typeof names)[number];
  readonly healthy: boolean;
  readonly stale: boolean;
  readonly ahead: number;
}

function started(strategy: RolloutStrategy): RolloutState {
  const bundles = Object.fromEntries(names.map((name) => [name, { digest: `${name}-x`, objects: 2 }]));
  const release = { digest: 'r', application: 'app', revision: '1', bundles };
  const { next } = decide(
    undefined,
    { kind: 'releaseMade', release, strategy, policy, labels, removals: {} },
    0,
  );
  if (!next) throw new Error('no rollout');
  return next;
}

function reported(state: RolloutState, report: Report, nowMs: number): RolloutEvent {
  return {
    kind: 'statusObserved',
    cluster: report.cluster,
    release: 'r',
    generation: (state.placed[report.cluster]?.generation ?? 0) + report.ahead,
    sync: 'Synced',
    health: report.healthy ? 'Healthy' : 'Degraded',
    message: '',
    observedAtMs: nowMs,
    stale: report.stale,
  };
}

/** A stage assigns one cluster after the other at worst, and each of them has its deadline and the soak. */
function longestStageMs(state: RolloutState): number {
  const stage = state.phase === 'progressing' ? state.stages[state.stage] : undefined;
  if (!stage) throw new Error('no stage');
  return stage.clusters.length * (progressDeadlineMs + stage.soakMs) + stage.soakMs;
}

/** Plays a pattern until the rollout ends, with a tick whenever one is due. Every stage has to end in its time. */
function play(strategy: RolloutStrategy, pattern: readonly Report[]): void {
  let state = started(strategy);
  let nowMs = 0;
  let stage = { index: 0, endsByMs: longestStageMs(state) };
  const take = (event: RolloutEvent) => {
    state = decide(state, event, nowMs).next ?? state;
    if (state.phase !== 'progressing' || state.stage === stage.index) return;
    stage = { index: state.stage, endsByMs: nowMs + longestStageMs(state) };
  };
  for (let turn = 0; state.phase === 'progressing'; turn++) {
    const report = pattern[turn % pattern.length]!;
    const nextMs = nowMs + report.afterMs + (turn % pattern.length === 0 ? 1_000 : 0);
    for (let dueMs = wakeAtMs(state); dueMs !== undefined && dueMs <= nextMs; dueMs = wakeAtMs(state)) {
      nowMs = Math.max(nowMs, dueMs);
      take({ kind: 'tick' });
    }
    nowMs = nextMs;
    if (state.phase !== 'progressing') return;
    expect(nowMs, `stage ${stage.index} goes on`).toBeLessThanOrEqual(stage.endsByMs + 30_000);
    take(reported(state, report, nowMs));
  }
}

it('ends every stage within a finite time, whatever the clusters report', () => {
  fc.assert(fc.property(strategies, patterns, play), { numRuns: 300 });
});

it('fails a cluster that flaps during the soak when its stage has to end', () => {
  const strategy: RolloutStrategy = {
    name: 'soaked',
    stages: [{ name: 'canary', clusters: { matchLabels: {} }, maxConcurrent: 4, soakMs: 30_000 }],
    progressDeadlineMs,
    failureBudget: 0,
  };
  const report = { stale: false, ahead: 0 };
  let state = started(strategy);
  for (const cluster of names) {
    state = decide(state, reported(state, { ...report, cluster, healthy: true, afterMs: 0 }, 0), 0).next!;
  }
  const phases: string[] = [];
  for (let nowMs = 10_000; nowMs <= 100_000; nowMs += 10_000) {
    const flip = { ...report, cluster: 'a' as const, healthy: nowMs % 20_000 === 0, afterMs: 0 };
    state = decide(state, reported(state, flip, nowMs), nowMs).next!;
    state = decide(state, { kind: 'tick' }, nowMs).next!;
    phases.push(state.phase);
  }
  expect(phases.slice(0, 8)).toEqual(Array.from({ length: 8 }, () => 'progressing'));
  expect(phases.at(-1)).toBe('halted');
  expect(state.reason).toContain('1 failed (a), budget 0; did not stay healthy');
});
