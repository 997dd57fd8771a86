import type { RolloutVerb } from '@meridian/fleet';
import type { RolloutState } from '@meridian/rollout';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { auditView } from './audit/audit-view.ts';
import { startControlRig } from './testing/control-rig.ts';
import type { ControlRig } from './testing/control-rig.ts';
import { reached, stateOf } from './testing/rollout-states.ts';

let rig: ControlRig;
beforeEach(async () => {
  rig = await startControlRig();
});
afterEach(() => rig[Symbol.asyncDispose]());

const map = (value: string) => ({
  'web/maps.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: web }\ndata: { value: '${value}' }\n`,
});
const strategy = (more: string) => ({
  'fleet/strategy.yaml': `apiVersion: meridian.dev/v1alpha1
kind: RolloutStrategy
metadata: { name: two }
spec:
  stages: [{ name: canary, clusters: { matchLabels: { region: west } } }]
  progressDeadline: 3s
  ${more}
`,
});
const cluster = (name: string) =>
  `apiVersion: meridian.dev/v1alpha1\nkind: Cluster\nmetadata: { name: ${name}, labels: { region: ${name} } }\n`;
const fleet = {
  'fleet/clusters.yaml': `${cluster('west')}---\n${cluster('east')}`,
  ...strategy('onBreach: rollback'),
  'fleet/web.yaml': `apiVersion: meridian.dev/v1alpha1
kind: Application
metadata: { name: web }
spec: { source: { path: web }, placement: {}, namespace: ml, rolloutStrategy: two }
`,
  'web/kustomization.yaml': 'resources: [maps.yaml]\n',
  ...map('1'),
};

const stateNow = () => stateOf(rig, 'web');
const reaches = (phase: RolloutState['phase'], revision: string) => reached(rig, 'web', { phase, revision });

const assigned = () =>
  rig.assignments.map(({ assignment }) => {
    const { cluster, generation, revision } = assignment;
    return `${cluster} g${generation} ${revision.slice(0, 7)}`;
  });

async function ask(verb: RolloutVerb, more: { readonly release?: string; readonly to?: string } = {}) {
  const release = (await stateNow())?.target.release.digest;
  const who = { application: 'web', author: 'lena', reason: 'because' };
  return rig.ledger.bus.command({ kind: 'askRollout', verb, release, ...who, ...more }, 10_000);
}

const short = (revision: string) => revision.slice(0, 7);

test('a fleet that fails goes back by itself, stays there at commits that say the same, and follows what is newer', async () => {
  const first = rig.commit(fleet);
  await rig.replica('hub-1');
  const good = await reaches('completed', first);
  rig.behave('east', 'Degraded');
  const second = rig.push(map('2'));
  await vi.waitFor(async () => expect((await stateNow())?.phase).toBe('rollingBack'), { timeout: 20_000 });
  rig.behave('east', 'Healthy');
  const back = await reaches('rolledBack', first);
  expect(back.target.release.digest).toBe(good.target.release.digest);
  expect(back.pin).toMatchObject({ revision: second, differs: ['east', 'west'] });
  expect(assigned().slice(2)).toEqual([
    `west g2 ${short(second)}`,
    `east g2 ${short(second)}`,
    `east g3 ${short(first)}`,
    `west g3 ${short(first)}`,
  ]);
  const third = rig.push({ 'README.md': 'nothing for web' });
  await vi.waitFor(async () => expect((await stateNow())?.pin?.revision).toBe(third), { timeout: 20_000 });
  expect(assigned()).toHaveLength(6);
  await reaches('completed', rig.push(map('3')));
  expect((await stateNow())?.pin).toBeUndefined();
  expect(rig.violations()).toEqual([]);
});

test('a person sends the fleet back to a release of the past, another leader goes on, and it can be started again', async () => {
  const first = rig.commit(fleet);
  const killed = await rig.replica('hub-1');
  const oldest = await reaches('completed', first);
  await reaches('completed', rig.push(map('2')));
  const third = rig.push(map('3'));
  const newest = await reaches('completed', third);
  expect(newest.kept.map(({ number }) => number)).toEqual([3, 2, 1]);
  const to = oldest.target.release.digest;
  await expect(ask('rollback', { release: to, to })).rejects.toThrow(/by now, not at release/);
  await expect(ask('rollback', { to: 'sha256:none' })).rejects.toThrow(/not among the 3/);
  rig.behave('east', 'silent');
  await ask('rollback', { to });
  await killed.kill();
  rig.behave('east', 'Healthy');
  const replica = await rig.replica('hub-2');
  const back = await reaches('rolledBack', first);
  expect(back.target.back).toMatchObject({ author: 'lena', fromRevision: third });
  // The new leader may have to read the fleet repo first.
  const start = () => ask('start', { release: newest.target.release.digest });
  await vi.waitFor(start, { timeout: 20_000, interval: 200 });
  expect((await reaches('completed', third)).pin).toBeUndefined();
  expect(rig.violations()).toEqual([]);
  expect(replica.failures).toEqual([]);
});

test('a rollout stands still and is given up by the word of a person, and asking twice does no harm', async () => {
  const first = rig.commit(fleet);
  await rig.replica('hub-1');
  await reaches('completed', first);
  rig.behave('west', 'Progressing');
  const second = rig.push(map('2'));
  await reaches('progressing', second);
  await ask('pause');
  await ask('pause');
  await expect(ask('promote')).rejects.toMatchObject({ code: 'conflict' });
  // Longer than its deadline; nothing fails meanwhile, and nothing is assigned when it becomes healthy.
  await new Promise((resolve) => setTimeout(resolve, 3_500));
  rig.behave('west', 'Healthy');
  expect((await stateNow())?.phase).toBe('progressing');
  expect(assigned()).toHaveLength(3);
  await ask('resume');
  await reaches('completed', second);
  rig.behave('west', 'Progressing');
  const third = rig.push(map('3'));
  await reaches('progressing', third);
  await ask('abort');
  await ask('abort');
  expect((await reaches('aborted', third)).stages[1]?.clusters[0]).toMatchObject({ phase: 'waiting' });
  const words = await rig.ledger.last('ledger.main.verb.web');
  expect(JSON.parse(new TextDecoder().decode(words?.body))).toMatchObject({
    verb: 'abort',
    author: 'lena',
    reason: 'because',
  });
  expect(rig.violations()).toEqual([]);
});

test('a newer release waits for the end of the present one when the strategy says so', async () => {
  const first = rig.commit({ ...fleet, ...strategy('onNewer: queue') });
  await rig.replica('hub-1');
  await reaches('completed', first);
  rig.behave('west', 'Progressing');
  const second = rig.push(map('2'));
  await reaches('progressing', second);
  const third = rig.push(map('3'));
  await vi.waitFor(async () => expect((await stateNow())?.queued?.revision).toBe(third), { timeout: 20_000 });
  rig.behave('west', 'Healthy');
  const last = await reaches('completed', third);
  expect(last.history.map(({ phase, revision }) => `${phase} ${short(revision)}`)).toEqual([
    `completed ${short(second)}`,
    `completed ${short(first)}`,
  ]);
  expect(rig.violations()).toEqual([]);
});

test('what people asked is read back from the ledger, the newest first', async () => {
  const first = rig.commit(fleet);
  await rig.replica('hub-1');
  await reaches('completed', first);
  const who = { author: 'lena', reason: 'because' };
  const hold = { scope: 'cluster', name: 'east', ...who };
  await rig.ledger.bus.command({ kind: 'hold', ...hold }, 10_000);
  await rig.ledger.bus.command({ kind: 'releaseHold', ...hold }, 10_000);
  const paused = { application: 'web', cluster: 'west', ...who };
  await rig.ledger.bus.command({ kind: 'pause', forMs: 60_000, ...paused }, 10_000);
  rig.push(map('2'));
  await vi.waitFor(async () => expect((await stateNow())?.phase).toBe('progressing'), { timeout: 20_000 });
  await ask('pause');
  await ask('pause');
  const read = async (application?: string) => {
    const query = { limit: 10, application };
    const entries = await auditView(
      { ledger: rig.ledger, shard: 'main' },
      query,
      AbortSignal.timeout(10_000),
    );
    return entries.map(({ action, application: of, cluster: at, author }) =>
      [action, of ?? at, author].join(' '),
    );
  };
  const ofWeb = ['pause web lena', 'pauseInCluster web lena'];
  expect(await read('web')).toEqual(ofWeb);
  expect(await read('none')).toEqual([]);
  expect(await read()).toEqual([...ofWeb, 'releaseHold east lena', 'hold east lena']);
});

test('what a person holds is not pushed to, by another leader neither, until it is released', async () => {
  const held = (kind: 'hold' | 'releaseHold', scope: string, name: string) =>
    rig.ledger.bus.command({ kind, scope, name, author: 'lena', reason: 'incident' }, 10_000);
  const first = rig.commit(fleet);
  const killed = await rig.replica('hub-1');
  await reaches('completed', first);
  await held('hold', 'cluster', 'east');
  await expect(held('hold', 'fleet', 'east')).rejects.toThrow(/no name/);
  await expect(held('releaseHold', 'fleet', '')).rejects.toThrow(/nobody holds the fleet/);
  const second = rig.push(map('2'));
  const waits = { timeout: 20_000, interval: 50 };
  const isHeld = async () =>
    expect((await stateNow())?.reason).toContain('waits: east held by lena (incident)');
  await vi.waitFor(isHeld, waits);
  await held('hold', 'fleet', '');
  await killed.kill();
  const replica = await rig.replica('hub-2');
  const third = rig.push(map('3'));
  await vi.waitFor(async () => {
    const state = await stateNow();
    expect([state?.target.release.revision, state?.reason]).toEqual([
      third,
      expect.stringContaining('waits: west held with the fleet by lena'),
    ]);
  }, waits);
  // An application that is new obeys as well.
  rig.push({ 'fleet/new.yaml': fleet['fleet/web.yaml'].replace('name: web', 'name: new') });
  const isKnown = async () => expect(await rig.ledger.last('ledger.main.rollout.new')).toBeDefined();
  await vi.waitFor(isKnown, waits);
  expect(assigned()).toHaveLength(3);
  await vi.waitFor(() => held('releaseHold', 'fleet', ''), waits);
  await vi.waitFor(isHeld, waits);
  await held('releaseHold', 'cluster', 'east');
  await reaches('completed', third);
  const { revision } = rig.assignments.findLast(
    ({ assignment }) => assignment.application === 'web',
  )!.assignment;
  expect([second, third].indexOf(revision)).toBe(1);
  expect(rig.violations()).toEqual([]);
  expect(replica.failures).toEqual([]);
});
