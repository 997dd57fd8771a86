import { rolloutView } from '@meridian/rollout';
import type { RolloutState } from '@meridian/rollout';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startControlRig } from './testing/control-rig.ts';
import type { ControlRig, Replica } from './testing/control-rig.ts';
import { patience, reached, stateOf } from './testing/rollout-states.ts';

let rig: ControlRig;
beforeEach(async () => {
  rig = await startControlRig();
});
afterEach(() => rig[Symbol.asyncDispose]());

const cluster = (name: string) =>
  `apiVersion: meridian.dev/v1alpha1\nkind: Cluster\nmetadata: { name: ${name}, labels: { region: ${name}, tier: prod } }\n`;
const application = (name: string) => `apiVersion: meridian.dev/v1alpha1
kind: Application
metadata: { name: ${name} }
spec:
  source: { path: applications/${name}, overlays: ['overlays/{region}', base] }
  placement: { matchLabels: { tier: prod } }
  namespace: ml
  rolloutStrategy: by-region
`;
const strategy = `apiVersion: meridian.dev/v1alpha1
kind: RolloutStrategy
metadata: { name: by-region }
spec:
  stages:
    - { name: canary, clusters: { matchLabels: { region: west } } }
    - { name: east, clusters: { matchLabels: { region: east } } }
  progressDeadline: 60s
`;
const maps = (values: { readonly [name: string]: string }) =>
  Object.entries(values)
    .map(
      ([name, value]) =>
        `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\ndata: { value: '${value}' }\n`,
    )
    .join('---\n');
const fleet = {
  'fleet/clusters.yaml': `${cluster('west')}---\n${cluster('east')}---\n${cluster('eu')}`,
  'fleet/strategies.yaml': strategy,
  'fleet/web.yaml': application('web'),
  'fleet/sync.yaml': application('sync'),
  'applications/web/base/kustomization.yaml': 'resources: [maps.yaml]\n',
  'applications/web/base/maps.yaml': maps({ one: '1', two: '1' }),
  'applications/sync/base/kustomization.yaml': 'resources: [maps.yaml]\n',
  'applications/sync/base/maps.yaml': maps({ sync: '1' }),
};
const web = (values: { readonly [name: string]: string }) => ({
  'applications/web/base/maps.yaml': maps(values),
});

const reaches = (name: string, revision: string, phase: RolloutState['phase'] = 'completed') =>
  reached(rig, name, { phase, revision });

const assigned = (name: string) =>
  rig.assignments
    .filter(({ assignment }) => assignment.application === name)
    .map(({ assignment }) => `${assignment.cluster} g${assignment.generation}`);

async function leaderOf(replicas: readonly Replica[]): Promise<Replica> {
  return vi.waitFor(async () => {
    for (const replica of replicas) {
      const metric = await replica.telemetry.registry.getSingleMetricAsString('meridian_hub_leader');
      if (/meridian_hub_leader 1/.test(metric)) return replica;
    }
    throw new Error('nobody leads');
  }, patience);
}

const eventTypes = async () => (await rig.ledger.events.recent(200)).map(({ type }) => type);

test('an application that is rendered late follows its revision by itself', async () => {
  const first = rig.commit(fleet);
  const replica = await rig.replica('hub-1', { deaf: true, idle: true, impatient: true });
  await reaches('web', first);
  await reaches('sync', first);
  const second = rig.commit(web({ one: '2', two: '1' }));
  replica.control.look();
  await reaches('web', second);
  expect(replica.control.problems()).toEqual([]);
  expect(assigned('sync')).toEqual(['west g1', 'east g1', 'eu g1']);
  expect(replica.failures).toEqual([]);
});

test('a health rule reaches the applications that have its kind, signed, and moves no other', async () => {
  const service = 'apiVersion: v1\nkind: Service\nmetadata: { name: web }\nspec: { ports: [{ port: 80 }] }\n';
  const files = { ...fleet, 'applications/web/base/maps.yaml': `${maps({ one: '1' })}---\n${service}` };
  const first = rig.commit(files);
  await rig.replica('hub-1');
  await reaches('web', first);
  await reaches('sync', first);
  const rule = (health: string) => `apiVersion: meridian.dev/v1alpha1
kind: HealthRule
metadata: { name: services }
spec:
  resourceRules: [{ apiGroups: [''], kinds: [Service] }]
  checks: [{ expression: 'true', health: ${health} }]
`;
  const second = rig.push({ 'fleet/health.yaml': rule('Healthy') });
  await reaches('web', second);
  const given = rig.assignments.at(-1)?.assignment;
  expect(given).toMatchObject({ application: 'web', rules: { health: [{ name: 'services' }] } });
  const broken = rig.push({ 'fleet/health.yaml': rule('Healthy').replace("'true'", 'objekt') });
  await vi.waitFor(async () => expect(await eventTypes()).toContain('application.frozen'), patience);
  expect((await stateOf(rig, 'web'))?.target.release.revision).not.toBe(broken);
  expect(assigned('sync')).toEqual(['west g1', 'east g1', 'eu g1']);
  expect(assigned('web')).toHaveLength(6);
});

test('a push moves the clusters stage by stage, a revert is a new generation, and the lists name the applications', async () => {
  const first = rig.commit(fleet);
  await rig.replica('hub-1');
  await reaches('web', first);
  await reaches('sync', first);
  expect(assigned('web')).toEqual(['west g1', 'east g1', 'eu g1']);
  const second = rig.push(web({ one: '2', two: '1' }));
  const state = await reaches('web', second);
  expect(rolloutView(state, Date.now())?.stages.map(({ name, phase }) => `${name} ${phase}`)).toEqual([
    'canary passed',
    'east passed',
    'rest passed',
  ]);
  expect((await stateOf(rig, 'sync'))?.target.release.revision).toBe(first);
  rig.git('revert', '--no-edit', 'HEAD');
  const third = rig.push({});
  await reaches('web', third);
  expect(assigned('web').slice(3)).toEqual(['west g2', 'east g2', 'eu g2', 'west g3', 'east g3', 'eu g3']);
  const list = await rig.ledger.last('ledger.main.index.west');
  expect(JSON.parse(new TextDecoder().decode(list?.body))).toEqual({ applications: ['sync', 'web'] });
  expect(rig.violations()).toEqual([]);
  await vi.waitFor(async () => expect(await eventTypes()).toContain('rollout.completed'), patience);
});

test('a stage that is not healthy holds the next ones back', async () => {
  rig.behave('west', 'Progressing');
  const first = rig.commit(fleet);
  await rig.replica('hub-1');
  await reaches('web', first, 'progressing');
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(assigned('web')).toEqual(['west g1']);
  rig.behave('west', 'Healthy');
  await reaches('web', first);
  expect(assigned('web')).toEqual(['west g1', 'east g1', 'eu g1']);
});

test('another replica goes on where a killed leader stopped, and nothing is written twice or out of order', async () => {
  rig.behave('east', 'silent');
  const first = rig.commit(fleet);
  const one = await rig.replica('hub-1');
  await leaderOf([one]);
  const two = await rig.replica('hub-2');
  await vi.waitFor(() => expect(assigned('web')).toEqual(['west g1', 'east g1']), patience);
  await one.kill();
  expect((await leaderOf([two])).id).toBe('hub-2');
  rig.behave('east', 'Healthy');
  await reaches('web', first);
  expect(assigned('web')).toEqual(['west g1', 'east g1', 'eu g1']);
  expect(rig.violations()).toEqual([]);
  const terms = rig.assignments.map(({ message }) => message.term);
  expect(new Set(terms)).toEqual(new Set([1, terms.at(-1)]));
});

test('a leader that stops cleanly hands over at once', async () => {
  const first = rig.commit(fleet);
  // Longer than anybody here waits: only a lock that is given back can be taken.
  const lockMs = 600_000;
  const one = await rig.replica('hub-1', { lockMs });
  await reaches('web', first);
  const two = await rig.replica('hub-2', { lockMs });
  await one.stop();
  await leaderOf([two]);
  const second = rig.push(web({ one: '2', two: '1' }));
  await reaches('web', second);
  expect(rig.violations()).toEqual([]);
});

test('a broken overlay freezes only its application, and the next good commit recovers it', async () => {
  const first = rig.commit(fleet);
  const hub = await rig.replica('hub-1');
  await reaches('web', first);
  const broken = rig.push({
    'applications/web/base/maps.yaml': 'kind: [',
    'applications/sync/base/maps.yaml': maps({ sync: '2' }),
  });
  await reaches('sync', broken);
  expect((await stateOf(rig, 'web'))?.target.release.revision).toBe(first);
  expect(hub.control.problems()).toMatchObject([
    {
      application: 'web',
      file: 'applications/web/base/maps.yaml',
      revision: broken,
      message: expect.stringContaining('also in'),
    },
  ]);
  await vi.waitFor(async () => expect(await eventTypes()).toContain('application.frozen'), patience);
  const good = rig.push(web({ one: '3', two: '1' }));
  await reaches('web', good);
  expect(hub.control.problems()).toEqual([]);
  await vi.waitFor(async () => expect(await eventTypes()).toContain('application.recovered'), patience);
});

test('an application whose document is gone stays where it is, and is told as a problem', async () => {
  const first = rig.commit(fleet);
  const hub = await rig.replica('hub-1');
  await reaches('sync', first);
  const before = rig.assignments.length;
  rig.push({ 'fleet/sync.yaml': undefined });
  await vi.waitFor(() => {
    expect(hub.control.problems()).toMatchObject([{ application: 'sync', file: 'fleet' }]);
  }, patience);
  await reaches('web', first);
  expect(rig.assignments.slice(before).filter(({ assignment }) => assignment.application === 'sync')).toEqual(
    [],
  );
});

test('an emptied overlay waits for a person, who approves exactly that release', async () => {
  const first = rig.commit(fleet);
  await rig.replica('hub-1');
  await reaches('web', first);
  const before = assigned('web').length;
  const emptied = rig.push({ 'applications/web/base/kustomization.yaml': 'resources: []\n' });
  const waiting = await reaches('web', emptied, 'waiting');
  expect(waiting.reason).toContain('empties');
  const command = (release: string) =>
    rig.ledger.bus.command(
      { kind: 'approveDeletions', application: 'web', release, author: 'lena', reason: 'closing' },
      5_000,
    );
  await expect(command('sha256:wrong')).rejects.toMatchObject({ code: 'conflict' });
  await expect(rig.ledger.bus.command({ kind: 'nonsense' }, 5_000)).rejects.toMatchObject({
    code: 'invalid',
  });
  expect(assigned('web')).toHaveLength(before);
  await command(waiting.target.release.digest);
  await reaches('web', emptied);
  const last = rig.assignments.filter(({ assignment }) => assignment.application === 'web').slice(before);
  expect(last.map(({ assignment }) => [assignment.cluster, assignment.allowedDeletions])).toEqual([
    ['west', 2],
    ['east', 2],
    ['eu', 2],
  ]);
  const approval = await rig.ledger.last('ledger.main.approval.web');
  expect(JSON.parse(new TextDecoder().decode(approval?.body))).toMatchObject({
    author: 'lena',
    reason: 'closing',
  });
  expect(rig.violations()).toEqual([]);
});

test('deletions that an agent refuses are told at once, and go ahead in the number that a person approved', async () => {
  rig.behave('west', { leftovers: 3 });
  const first = rig.commit(fleet);
  const one = await rig.replica('hub-1');
  await reaches('web', first, 'progressing');
  const asked = await vi.waitFor(async () => {
    const view = rolloutView(await stateOf(rig, 'web'), Date.now());
    expect(view?.approvalNeeded?.deletions).toEqual({ west: 3 });
    return view!;
  }, patience);
  expect(asked.reason).toContain('west refuses to delete 3 objects');
  expect(assigned('web')).toEqual(['west g1']);
  await vi.waitFor(
    async () =>
      expect((await eventTypes()).filter((type) => type === 'rollout.approval.needed')).toHaveLength(2),
    patience,
  );
  const approve = (deletions: { readonly [cluster: string]: number }) =>
    rig.ledger.bus.command(
      {
        kind: 'approveDeletions',
        application: 'web',
        release: asked.release,
        author: 'lena',
        reason: 'leftovers',
        deletions,
      },
      5_000,
    );
  await expect(approve({ west: 2 })).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('more than the 2 that were approved'),
  });
  await one.stop();
  await leaderOf([await rig.replica('hub-2')]);
  // It leads a moment before it takes commands.
  const answer = await vi.waitFor(() => approve({ west: 3 }), patience);
  expect(answer).toMatchObject({ reason: expect.stringContaining('lena approved 3 deletions in west') });
  await reaches('web', first);
  await expect(approve({ west: 3 })).rejects.toMatchObject({ code: 'conflict' });
  expect(assigned('web')).toEqual(['west g1', 'west g2', 'east g1', 'eu g1']);
  const limits = rig.assignments
    .filter(({ assignment }) => assignment.application === 'web')
    .map(({ assignment }) => assignment.allowedDeletions);
  expect(limits).toEqual([0, 3, 0, 0]);
  const approval = await rig.ledger.last('ledger.main.approval.web');
  expect(JSON.parse(new TextDecoder().decode(approval?.body))).toMatchObject({
    release: asked.release,
    author: 'lena',
    reason: 'leftovers',
    deletions: { west: 3 },
  });
  expect(rig.violations()).toEqual([]);
});

test('a pause is signed into the assignment with who and why, holds what comes later, and ends by a word', async () => {
  const first = rig.commit(fleet);
  const one = await rig.replica('hub-1');
  await reaches('web', first);
  const ask = (command: object) =>
    rig.ledger.bus.command({ application: 'web', cluster: 'west', author: 'lena', ...command }, 5_000);
  const pause = { kind: 'pause', reason: 'hot patch', forMs: 3_600_000 };
  await expect(ask({ kind: 'resume', reason: 'x' })).rejects.toMatchObject({ code: 'conflict' });
  await expect(ask({ ...pause, cluster: 'mars' })).rejects.toMatchObject({ code: 'not_found' });
  const answer = await ask(pause);
  expect(answer).toMatchObject({ reason: expect.stringMatching(/^paused by lena until .*: hot patch$/) });
  const inWest = () =>
    rig.assignments
      .map(({ assignment }) => assignment)
      .filter(({ application: name, cluster: where }) => name === 'web' && where === 'west');
  const paused = await vi.waitFor(() => {
    expect(inWest()).toHaveLength(2);
    return inWest();
  }, patience);
  expect(paused.map(({ generation, pause: held }) => [generation, held?.author, held?.reason])).toEqual([
    [1, undefined, undefined],
    [1, 'lena', 'hot patch'],
  ]);
  expect(paused[1]!.expiresAtMs).toBeGreaterThan(paused[0]!.expiresAtMs);
  // Another leader knows of it from the ledger alone, and pushes nothing there.
  await one.stop();
  await leaderOf([await rig.replica('hub-2')]);
  const second = rig.push(web({ one: '2', two: '1' }));
  await vi.waitFor(async () => {
    const state = await stateOf(rig, 'web');
    expect(state?.reason).toMatch(/ waits: west paused by lena until .* \(hot patch\)$/);
  }, patience);
  expect(inWest()).toHaveLength(2);
  const others = rig.assignments.filter(({ assignment: { cluster: where } }) => where !== 'west');
  expect(others.filter(({ assignment }) => assignment.pause)).toEqual([]);
  await vi.waitFor(() => ask({ kind: 'resume', reason: 'the patch is in git' }), patience);
  await reaches('web', second);
  expect(inWest().map(({ generation, pause: held }) => [generation, held?.author])).toEqual([
    [1, undefined],
    [1, 'lena'],
    [1, undefined],
    [2, undefined],
  ]);
  const record = await rig.ledger.last('ledger.main.pause.west.web');
  expect(JSON.parse(new TextDecoder().decode(record?.body))).toMatchObject({
    author: 'lena',
    reason: 'the patch is in git',
  });
  expect((await eventTypes()).filter((type) => type.startsWith('pause.')).sort()).toEqual([
    'pause.lifted',
    'pause.placed',
  ]);
  expect(rig.violations()).toEqual([]);
});

test('removing fewer objects than the budget is told to the agents as their limit', async () => {
  const first = rig.commit(fleet);
  await rig.replica('hub-1');
  await reaches('web', first);
  const second = rig.push(web({ one: '1' }));
  await reaches('web', second);
  const limits = rig.assignments.slice(-3).map(({ assignment }) => assignment.allowedDeletions);
  expect(limits).toEqual([1, 1, 1]);
});

test('a leader that cannot reach Redis goes on, and nobody takes the lead from it', async () => {
  const first = rig.commit(fleet);
  const one = await rig.replica('hub-1');
  await reaches('web', first);
  const two = await rig.replica('hub-2');
  await rig.redis.kill();
  const second = rig.push(web({ one: '2', two: '1' }));
  await reaches('web', second);
  await new Promise((resolve) => setTimeout(resolve, 8_000));
  expect((await leaderOf([one, two])).id).toBe('hub-1');
  await rig.redis.start();
  const third = rig.push(web({ one: '3', two: '1' }));
  await reaches('web', third);
  expect(rig.violations()).toEqual([]);
});

test('without Redis a replica takes over once the ledger has been silent for long', async () => {
  const first = rig.commit(fleet);
  const one = await rig.replica('hub-1');
  await reaches('web', first);
  const two = await rig.replica('hub-2');
  await rig.redis.kill();
  await one.kill();
  expect((await leaderOf([two])).id).toBe('hub-2');
  const second = rig.push(web({ one: '2', two: '1' }));
  await reaches('web', second);
  expect(rig.violations()).toEqual([]);
});

test('the hub goes on after nats-server was killed in the middle of a rollout', async () => {
  rig.behave('east', 'Progressing');
  const first = rig.commit(fleet);
  await rig.replica('hub-1');
  await vi.waitFor(() => expect(assigned('web')).toEqual(['west g1', 'east g1']), patience);
  await rig.nats.kill();
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  await rig.nats.start();
  await vi.waitFor(async () => expect(await stateOf(rig, 'web')).toBeDefined(), patience);
  rig.behave('east', 'Healthy');
  await reaches('web', first);
  expect(rig.violations()).toEqual([]);
});

test('an agent that is ahead of the ledger is assigned again above what it has seen', async () => {
  const first = rig.commit(fleet);
  await rig.replica('hub-1');
  await reaches('web', first);
  const { assignment } = rig.assignments.find(
    ({ assignment: { cluster: name, application: app } }) => name === 'eu' && app === 'web',
  )!;
  const value = {
    ...assignment,
    generation: 40,
    term: 9,
    sync: 'Synced',
    health: 'Healthy',
    message: '',
    observedAtMs: Date.now(),
  };
  await rig.ledger.statusBoard.put(
    { cluster: 'eu', application: 'web' },
    { ...value, session: 'session-eu', sequence: 1_000 },
  );
  await vi.waitFor(() => expect(assigned('web')).toContain('eu g41'), patience);
});

test('later stages carry the trace of the commit, also when another leader assigns them', async () => {
  rig.behave('west', 'Progressing');
  rig.commit(fleet);
  const one = await rig.replica('hub-1');
  const two = await rig.replica('hub-2');
  await vi.waitFor(() => expect(assigned('web')).toEqual(['west g1']), patience);
  await (await leaderOf([one, two])).kill();
  rig.behave('west', 'Healthy');
  await vi.waitFor(() => expect(assigned('web')).toEqual(['west g1', 'east g1', 'eu g1']), patience);
  const traces = rig.assignments
    .filter(({ assignment }) => assignment.application === 'web')
    .map(({ message }) => message.headers['traceparent']?.split('-')[1]);
  expect(traces).toHaveLength(3);
  expect(new Set(traces).size).toBe(1);
});

test('a force-push is followed and told', async () => {
  const first = rig.commit(fleet);
  await rig.replica('hub-1');
  await reaches('web', first);
  const second = rig.push(web({ one: '2', two: '1' }));
  await reaches('web', second);
  rig.git('reset', '--hard', '-q', first);
  const third = rig.push(web({ one: '3', two: '1' }));
  await reaches('web', third);
  await vi.waitFor(async () => expect(await eventTypes()).toContain('source.rewound'), patience);
});

test('a hint is enough for a commit to reach the clusters: nobody waits for the next look at the repo', async () => {
  const first = rig.commit(fleet);
  await rig.replica('hub-1', { idle: true });
  await reaches('web', first);
  for (let round = 2; round < 5; round++) await reaches('web', rig.push(web({ one: `${round}`, two: '1' })));
});
