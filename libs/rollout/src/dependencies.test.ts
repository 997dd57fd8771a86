import type { Dependency } from '@meridian/fleet';
import { describe, expect, test } from 'vitest';
import { dependencyHolds } from './dependencies.ts';
import type { Depended } from './dependencies.ts';
import { decide } from './decide.ts';
import type { ReleaseMade, StatusObserved } from './events.ts';
import type { RolloutState } from './state.ts';

const policy = {
  ...{ namespace: 'ml', prune: true, selfHeal: true, createNamespace: true },
  deletionBudget: '50%',
} as const;

const bundles = (letter: string, clusters = ['east', 'west']) =>
  Object.fromEntries(clusters.map((name) => [name, { digest: `${letter}-${name}`, objects: 1 }]));
const made = (letter: string, clusters?: string[]): ReleaseMade => ({
  kind: 'releaseMade',
  release: { digest: letter, application: 'db', revision: letter, bundles: bundles(letter, clusters) },
  strategy: {
    name: 'all',
    stages: [{ name: 'all', clusters: {}, maxConcurrent: '100%', soakMs: 0 }],
    progressDeadlineMs: 60_000,
    failureBudget: 1,
  },
  policy,
  labels: { east: {}, west: {} },
  removals: {},
});
const report = (cluster: string, letter: string, more: Partial<StatusObserved> = {}): StatusObserved => ({
  ...{ kind: 'statusObserved', cluster, release: letter, generation: 1, sync: 'Synced', health: 'Healthy' },
  ...{ message: '', observedAtMs: 1, stale: false },
  ...more,
});
const play = (events: readonly Parameters<typeof decide>[1][], nowMs = 1): RolloutState | undefined =>
  events.reduce<RolloutState | undefined>((state, event) => decide(state, event, nowMs).next, undefined);

const healthy = play([made('A'), report('east', 'A'), report('west', 'A')]);
const holds = (more: Partial<Depended> = {}, scope: Dependency['scope'] = 'cluster') =>
  dependencyHolds(
    [
      {
        dependency: { application: 'db', scope },
        wanted: bundles('A'),
        state: healthy,
        report: (cluster) => report(cluster, 'A'),
        ...more,
      },
    ],
    ['east'],
  );
const reason = (...of: Parameters<typeof holds>) => holds(...of)[0]?.reason;

describe('a cluster is held', () => {
  test('by nothing once the other application is healthy there at what git says', () => {
    expect(holds()).toEqual([]);
  });

  test('in the words of a hold, by name', () => {
    expect(holds({ wanted: bundles('B') })).toEqual([
      {
        scope: 'dependency',
        name: 'east',
        author: 'db',
        reason: 'its rollout has not brought it there',
        sinceMs: 0,
      },
    ]);
  });

  test.each<[string, Partial<Depended>, string]>([
    ['it is not known what git says', { wanted: 'it is being rendered' }, 'it is being rendered'],
    ['it does not run there', { wanted: bundles('A', ['west']) }, 'add the cluster to its placement'],
    ['it has no rollout', { state: undefined }, 'its rollout has not brought it there'],
    [
      'it is planned there only',
      { wanted: bundles('B'), state: play([made('A'), made('B')]) },
      'not healthy there yet',
    ],
    ['it was not healthy there', { state: play([made('A')]) }, 'it is not healthy there yet'],
    ['nobody has reported', { report: () => undefined }, 'its agent has not reported it there'],
    [
      'its agent is dark',
      { report: (name) => report(name, 'A', { stale: true }) },
      'its agent is silent there',
    ],
    [
      'it degrades',
      { report: (name) => report(name, 'A', { health: 'Degraded' }) },
      'it is Synced and Degraded there',
    ],
    [
      'it drifts',
      { report: (name) => report(name, 'A', { sync: 'OutOfSync' }) },
      'it is OutOfSync and Healthy there',
    ],
    [
      'the report is of a generation before',
      { report: (name) => report(name, 'A', { generation: 0 }) },
      'it is Synced',
    ],
    ['the report is of another release', { report: (name) => report(name, 'Z') }, 'it is Synced'],
    [
      'it refuses to delete',
      { report: (name) => report(name, 'A', { refusedDeletions: 3 }) },
      'it is Synced',
    ],
  ])('while %s', (_when, more, expected) => {
    expect(reason(more)).toContain(expected);
  });

  test('while it failed there, and while it was taken back from what git says', () => {
    const late = decide(play([made('A'), report('west', 'A')]), { kind: 'tick' }, 60_001).next;
    expect(reason({ state: late })).toBe('it has failed there');
    const two = play([made('A'), report('east', 'A'), report('west', 'A'), made('B')]);
    const back = decide(
      two,
      { kind: 'rollbackRequested', release: 'B', author: 'lena', reason: 'bad' },
      2,
    ).next;
    expect(back?.pin).toBeDefined();
    expect(reason({ state: back, wanted: bundles('B') })).toContain('it was taken back from what git says');
  });

  test('while a release of it waits for the end of another one, which may differ in its settings alone', () => {
    const queued = healthy && { ...healthy, queued: { release: 'A2', revision: 'A2', sinceMs: 1 } };
    expect(reason({ state: queued })).toBe('its rollout has not brought it there');
  });
});

describe('all clusters are held when the fleet is asked for', () => {
  test('by nothing once it has completed and is healthy everywhere', () => {
    expect(holds({}, 'fleet')).toEqual([]);
  });

  test('while it is not healthy in another cluster, which is named', () => {
    const dark = (cluster: string) => report(cluster, 'A', { stale: cluster === 'west' });
    expect(holds({ report: dark }, 'fleet')).toMatchObject([
      { name: '', reason: 'in west its agent is silent there' },
    ]);
    expect(holds({ report: dark })).toEqual([]);
  });

  test('while its rollout goes on, and while it runs nowhere', () => {
    const soaking = healthy && { ...healthy, phase: 'progressing' as const, stage: 1 };
    expect(reason({ state: soaking }, 'fleet')).toBe('its rollout has not completed');
    expect(reason({ wanted: {} }, 'fleet')).toContain('selects no cluster');
  });
});

describe('dependencies that change where releases wait for the end of a rollout', () => {
  const queueing = (letter: string, dependsOn?: readonly Dependency[]): ReleaseMade => {
    const { strategy, ...rest } = made(letter);
    return { ...rest, strategy: { ...strategy, onNewer: 'queue' }, ...(dependsOn ? { dependsOn } : {}) };
  };
  const onCache = [{ application: 'cache', scope: 'cluster' }] as const;
  const sameAs = (letter: string, event: ReleaseMade): ReleaseMade => ({
    ...event,
    release: { ...event.release, bundles: bundles(letter) },
  });

  test('count at once when nothing else has changed', () => {
    const state = play([queueing('A', onCache), sameAs('A', queueing('B'))]);
    expect(state?.queued).toBeUndefined();
    expect(state?.target.release.digest).toBe('B');
    expect(state?.target.dependsOn).toBeUndefined();
  });

  test('wait with a release that brings something else', () => {
    const state = play([queueing('A', onCache), queueing('B')]);
    expect(state?.queued?.release).toBe('B');
    expect(state?.target.dependsOn).toEqual(onCache);
  });
});
