import type { AgentStatus, Application, ApplicationStatus } from '@meridian/fleet';
import type { RolloutState } from '@meridian/rollout';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { emptyModel, foldChange, foldChanges } from './fleet-model.ts';
import type { FleetModel, ModelChange } from './fleet-model.ts';
import { changeOfMessage, changeOfStatus } from './model-changes.ts';
import { applicationViews, clusterViews, driftViews, fleetView, rolloutViews } from './fleet-views.ts';
import type { ViewContext } from './fleet-views.ts';

const nowMs = 1_000_000;
const application: Application = {
  name: 'web',
  labels: {},
  path: 'applications/web',
  overlays: ['base'],
  placement: {},
  namespace: 'web',
  rolloutStrategy: 'by-region',
  syncPolicy: { prune: true, selfHeal: true, createNamespace: true, deletionBudget: '50%' },
};
const context: ViewContext = {
  hub: { id: 'hub-1', version: '0.1.0' },
  source: {
    url: '/srv/fleet.git',
    branch: 'main',
    revision: 'r2',
    fetchedAtMs: nowMs,
    ageMs: 0,
    stale: false,
    message: '',
  },
  clusters: [{ name: 'east', labels: { region: 'east' } }],
  applications: [application],
  problems: [],
  warnings: [],
};

function status(more: Partial<ApplicationStatus> = {}): ApplicationStatus {
  return {
    cluster: 'east',
    application: 'web',
    release: 'sha256:r',
    revision: 'r2',
    bundle: 'sha256:b',
    generation: 2,
    term: 3,
    incarnation: 'i',
    sync: 'Synced',
    health: 'Healthy',
    message: '',
    objects: [],
    drift: [],
    healthSinceMs: nowMs,
    observedAtMs: nowMs,
    ...more,
  };
}

const agent = { cluster: 'east', session: 's1', observedAtMs: nowMs } as AgentStatus;
const assigned = (generation: number): ModelChange => ({
  kind: 'assigned',
  cluster: 'east',
  application: 'web',
  assigned: { release: 'sha256:r', revision: 'r2', generation, term: 3, placed: true },
});
const reported = (value: ApplicationStatus, sequence = 1, heardAtMs = nowMs): ModelChange => ({
  kind: 'application',
  cluster: 'east',
  application: 'web',
  heard: { status: value, session: 's1', sequence, heardAtMs },
});
const heartbeat = (heardAtMs: number): ModelChange => ({
  kind: 'agent',
  cluster: 'east',
  heard: { status: agent, session: 's1', sequence: heardAtMs, heardAtMs },
});

function modelOf(...changes: ModelChange[]): FleetModel {
  return changes.reduce(foldChange, emptyModel);
}

test('an application is healthy when the agent says so of the assigned generation', () => {
  const [view] = applicationViews(modelOf(assigned(2), reported(status()), heartbeat(nowMs)), context, nowMs);
  expect(view).toMatchObject({ name: 'web', sync: 'Synced', health: 'Healthy', path: 'applications/web' });
  expect(fleetView(modelOf(assigned(2), reported(status()), heartbeat(nowMs)), context, nowMs)).toMatchObject(
    {
      clusters: { total: 1, connected: 1, stale: 0 },
      applications: { total: 1, synced: 1, healthy: 1, frozen: 0, drifted: 0 },
    },
  );
});

test('a stale status is never shown as healthy, and says how old it is', () => {
  const model = modelOf(assigned(2), reported(status()), heartbeat(nowMs));
  const [view] = applicationViews(model, context, nowMs + 42_000);
  expect(view).toMatchObject({ sync: 'Unknown', health: 'Unknown' });
  expect(view?.placements[0]?.message).toBe('stale: last heard 42 s ago');
  expect(view?.placements[0]?.status).toMatchObject({ stale: true, ageMs: 42_000 });
  expect(clusterViews(model, context, nowMs + 42_000)[0]).toMatchObject({ connected: false, healthy: 0 });
});

test('a heartbeat of the same session keeps an unchanged status fresh', () => {
  const model = modelOf(assigned(2), reported(status()), heartbeat(nowMs + 40_000));
  expect(applicationViews(model, context, nowMs + 42_000)[0]).toMatchObject({
    sync: 'Synced',
    health: 'Healthy',
  });
});

test('a status of an older generation is out of sync however healthy it is', () => {
  const model = modelOf(assigned(3), reported(status({ generation: 2 })), heartbeat(nowMs));
  const [view] = applicationViews(model, context, nowMs);
  expect(view?.sync).toBe('OutOfSync');
  expect(view?.placements[0]?.message).toContain('generation 3 is assigned');
});

test.each([{ generation: 9 }, { term: 99 }])(
  'a report of %j that was never issued proves nothing',
  (more) => {
    const [view] = applicationViews(
      modelOf(assigned(2), reported(status(more)), heartbeat(nowMs)),
      context,
      nowMs,
    );
    expect(view).toMatchObject({ sync: 'Unknown', health: 'Unknown' });
    expect(view?.placements[0]?.message).toContain('has not issued');
  },
);

test('before the first report nothing is called healthy', () => {
  expect(applicationViews(modelOf(assigned(1)), context, nowMs)[0]).toMatchObject({
    sync: 'Unknown',
    health: 'Unknown',
  });
  expect(applicationViews(emptyModel, context, nowMs)[0]).toMatchObject({
    sync: 'Unknown',
    health: 'Missing',
    placements: [],
  });
});

test('a frozen application is in the view with its problems, also when its document cannot be read any more', () => {
  const problem = { file: 'fleet/x.yaml', line: 3, message: 'broken', application: 'other' };
  const views = applicationViews(emptyModel, { ...context, problems: [problem] }, nowMs);
  expect(views.map(({ name, frozen }) => [name, frozen.length])).toEqual([
    ['other', 1],
    ['web', 0],
  ]);
});

test('drift names its cluster and application, present drift first', () => {
  const drift = (firstSeenMs: number, healedAtMs?: number) => ({
    key: { group: 'apps', kind: 'Deployment', namespace: 'web', name: 'web' },
    change: 'modified' as const,
    manager: 'kubectl',
    fields: [],
    firstSeenMs,
    ...(healedAtMs === undefined ? {} : { healedAtMs }),
  });
  const model = modelOf(
    assigned(2),
    reported(status({ drift: [drift(1, 5), drift(2, 9), drift(3)] })),
    heartbeat(nowMs),
  );
  expect(driftViews(model).map(({ firstSeenMs }) => firstSeenMs)).toEqual([3, 2, 1]);
  expect(driftViews(model)[0]).toMatchObject({ cluster: 'east', application: 'web' });
  expect(fleetView(model, context, nowMs).applications.drifted).toBe(1);
});

test('whatever the order of arrival, the model ends the same and nothing goes back', () => {
  const changes = [
    assigned(1),
    assigned(2),
    assigned(3),
    reported(status({ generation: 1 }), 1),
    reported(status({ generation: 2 }), 2),
    heartbeat(nowMs),
    heartbeat(nowMs + 5),
    { kind: 'claimed', term: 1, holder: 'a' } as const,
    { kind: 'claimed', term: 2, holder: 'b' } as const,
  ];
  const expected = modelOf(...changes);
  fc.assert(
    fc.property(fc.shuffledSubarray(changes, { minLength: changes.length }), (shuffled) => {
      expect(modelOf(...shuffled)).toEqual(expected);
    }),
  );
});

test('many changes at once fold as one after another, and a fold that says nothing new gives the same model', () => {
  const changes = [assigned(2), reported(status()), heartbeat(nowMs), assigned(1)];
  const folded = foldChanges(emptyModel, changes);
  expect(folded).toEqual(modelOf(...changes));
  expect(
    foldChanges(folded, [
      assigned(1),
      {
        ...reported(status()),
        heard: {
          ...(reported(status()) as Extract<ModelChange, { kind: 'application' }>).heard!,
          sequence: 0,
        },
      } as ModelChange,
    ]),
  ).toBe(folded);
  expect(emptyModel.assigned.size).toBe(0);
});

test('a replay of a large fleet is not quadratic', () => {
  const changes = Array.from({ length: 20_000 }, (_, index): ModelChange => {
    const cluster = `c${index % 1_000}`;
    const name = `a${Math.floor(index / 1_000)}`;
    return {
      kind: 'assigned',
      cluster,
      application: name,
      assigned: { release: 'r', revision: 'r', generation: 1, term: 1, placed: true },
    };
  });
  let maps = 0;
  class CountedMap<Key, Value> extends Map<Key, Value> {
    constructor(entries?: Iterable<readonly [Key, Value]>) {
      super(entries);
      maps += 1;
    }
  }
  vi.stubGlobal('Map', CountedMap);
  try {
    const { assigned: ofClusters } = foldChanges(emptyModel, changes);
    expect([...ofClusters.values()].map(({ size }) => size)).toEqual(Array(1_000).fill(20));
  } finally {
    vi.unstubAllGlobals();
  }
  // A few for each cluster, none for each change.
  expect(maps).toBeLessThan(3_000);
});

test('a cleared status is forgotten', () => {
  const model = modelOf(reported(status()), {
    kind: 'application',
    cluster: 'east',
    application: 'web',
    heard: undefined,
  });
  expect(model.applications.size).toBe(0);
});

test('messages that cannot be read change nothing', () => {
  const message = { sequence: 1, term: 1, headers: {}, atMs: 1, body: new TextEncoder().encode('garbage') };
  for (const subject of [
    'ledger.main.rollout.web',
    'ledger.main.assign.east.web',
    'ledger.main.index.east',
    'ledger.main.x',
  ]) {
    expect(changeOfMessage({ ...message, subject })).toBeUndefined();
  }
  expect(changeOfStatus({ cluster: 'east', value: { nonsense: 1 }, sequence: 1, atMs: 1 })).toBeUndefined();
});

test('rollouts are listed newest first', () => {
  const state = (name: string, startedAtMs: number) =>
    ({
      version: 1,
      application: name,
      phase: 'waiting',
      reason: '',
      stages: [],
      placed: {},
      history: [],
      kept: [],
      target: {
        number: 1,
        startedAtMs,
        release: { digest: 'd', revision: 'r', application: name, bundles: {} },
        strategy: { name: 's' },
      },
    }) as unknown as RolloutState;
  const model = modelOf({ kind: 'rollout', state: state('a', 1) }, { kind: 'rollout', state: state('b', 2) });
  expect(rolloutViews(model, nowMs).map(({ id }) => id)).toEqual(['b-1', 'a-1']);
});
