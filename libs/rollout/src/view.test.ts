import type { RolloutStrategy } from '@meridian/fleet';
import { expect, test } from 'vitest';
import { decide } from './decide.ts';
import type { ReleaseMade, RolloutEvent } from './events.ts';
import type { RolloutState } from './state.ts';
import { rolloutView } from './view.ts';

const strategy: RolloutStrategy = {
  name: 'by-region',
  stages: [
    { name: 'canary', clusters: { matchLabels: { region: 'west' } }, maxConcurrent: 1, soakMs: 10 },
    { name: 'rest', clusters: {}, maxConcurrent: 1, soakMs: 0 },
  ],
  progressDeadlineMs: 60_000,
  failureBudget: 0,
};

function made(objects: number, removals: ReleaseMade['removals'] = {}): ReleaseMade {
  const digest = `sha256:${objects}`;
  const clusters = ['west', 'west-2', 'east'];
  const bundles = Object.fromEntries(clusters.map((name) => [name, { digest, objects, sizeBytes: 1 }]));
  return {
    kind: 'releaseMade',
    release: { digest, application: 'web', revision: `r${objects}`, bundles },
    strategy,
    policy: { namespace: 'web', prune: true, selfHeal: true, createNamespace: true, deletionBudget: '50%' },
    labels: { west: { region: 'west' }, 'west-2': { region: 'west' }, east: { region: 'east' } },
    removals,
  };
}

function healthy(cluster: string, atMs: number): RolloutEvent {
  return {
    kind: 'statusObserved',
    cluster,
    release: 'sha256:4',
    generation: 1,
    sync: 'Synced',
    health: 'Healthy',
    message: '',
    observedAtMs: atMs - 1,
    stale: false,
  };
}

function after(...steps: readonly (readonly [number, RolloutEvent])[]): RolloutState | undefined {
  let state: RolloutState | undefined;
  for (const [atMs, event] of steps) state = decide(state, event, atMs).next;
  return state;
}

function messages(state: RolloutState | undefined): Record<string, string> {
  const clusters = (rolloutView(state, 0)?.stages ?? []).flatMap((stage) => stage.clusters);
  return Object.fromEntries(clusters.map(({ name, message }) => [name, message]));
}

test('a cluster that waits names the stage before its own, or its turn within its own', () => {
  expect(messages(after([1, made(4)]))).toEqual({
    west: 'assigned generation 1',
    'west-2': 'waits for its turn in the stage',
    east: 'waits for stage canary to pass',
  });
});

test('a cluster that waits because the rollout waits for an approval or has halted says so', () => {
  const all = ['west', 'west-2', 'east'];
  const done = all.map((name, index): [number, RolloutEvent] => [10 + index * 20, healthy(name, 10)]);
  const ticks = [30, 60].map((atMs): [number, RolloutEvent] => [atMs, { kind: 'tick' }]);
  const steps = [...done, ...ticks].toSorted(([left], [right]) => left - right);
  const waiting = after([1, made(4)], ...steps, [100, made(0, { west: 4, 'west-2': 4, east: 4 })]);
  expect(rolloutView(waiting, 0)?.phase).toBe('waiting');
  expect(new Set(Object.values(messages(waiting)))).toEqual(new Set(['waits for an approval']));
  const halted = after([1, made(4)], [100_000, { kind: 'tick' }]);
  expect(messages(halted)).toMatchObject({ east: 'waits, for the rollout halted in stage canary' });
});

test('stages and clusters say since when they are where they are', () => {
  const soaking = after([1, made(4)], [5, healthy('west', 5)], [7, healthy('west-2', 7)]);
  expect(rolloutView(soaking, 0)?.stages[0]).toMatchObject({
    phase: 'soaking',
    sinceMs: 7,
    clusters: [
      { name: 'west', phase: 'healthy', sinceMs: 4 },
      { name: 'west-2', phase: 'healthy', sinceMs: 6 },
    ],
  });
  const passed = decide(soaking, { kind: 'tick' }, 20).next;
  const [canary, rest] = rolloutView(passed, 0)?.stages ?? [];
  expect(canary).toMatchObject({ phase: 'passed', sinceMs: 20 });
  expect(rest).not.toHaveProperty('sinceMs');
  expect(rest?.clusters[0]).not.toHaveProperty('sinceMs');
});
