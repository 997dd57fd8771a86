import type { FieldManagerRule } from '@meridian/fleet';
import type { KubeObject } from '@meridian/manifests';
import { isJsonObject } from '@meridian/manifests';
import { describe, expect, it } from 'vitest';
import { usePlane } from '../testing/plane.ts';
import { configMap, deployment, until } from '../testing/rig.ts';
import { scaleDeployment } from '../testing/scale.ts';
import { inside, makeNamespace, isDone, startWorld } from '../testing/world.ts';
import type { World } from '../testing/world.ts';

const signal = new AbortController().signal;
const plane = usePlane('managers');

const rules = (...fieldManagers: readonly FieldManagerRule[]) => ({ fieldManagers });
const tuner = 'tuner';

/** A ConfigMap of somebody else, who has no annotations, not even none. */
const theirs = (world: World, data: KubeObject['data']): KubeObject =>
  inside({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, ...(data ? { data } : {}) }, world);

const dataOf = async (world: World, name = 'a') => (await world.live('ConfigMap', name))?.['data'];

describe('a field manager that is yielded to', () => {
  const yields = rules({ manager: 'tun*', policy: 'yield' });

  it('keeps what it had before us, whatever git says, and the status tells so', async () => {
    await using world = await startWorld(plane);
    await makeNamespace(plane, world);
    await plane.kube.apply(inside(configMap('a', { tuned: '9' }), world), {
      fieldManager: tuner,
      force: true,
      signal,
    });
    await world.agent.give('web', world.hub.sign('web', [configMap('a', { tuned: '1', ours: 'x' })], yields));
    const status = await world.agent.reaches('web', 'is done', isDone);
    expect(await dataOf(world)).toEqual({ tuned: '9', ours: 'x' });
    expect(status.objects[0]?.reason).toContain('data.tuned is left to tuner');
    expect(status.drift).toEqual([]);
  });

  it('may go on applying without force: what it has is not ours, even where the values are equal', async () => {
    await using world = await startWorld(plane);
    await makeNamespace(plane, world);
    const tune = (value: string) =>
      plane.kube.apply(inside(configMap('a', { tuned: value }), world), {
        fieldManager: tuner,
        force: false,
        signal,
      });
    await tune('1');
    await world.agent.give('web', world.hub.sign('web', [configMap('a', { tuned: '1', ours: 'x' })], yields));
    await world.agent.reaches('web', 'is done', isDone);
    await tune('2');
    await world.agent.give('web', world.hub.sign('web', [configMap('a', { tuned: '3', ours: 'y' })], yields));
    await world.agent.reaches('web', 'is done', (status) => status.generation === 2 && isDone(status));
    expect(await dataOf(world)).toEqual({ tuned: '2', ours: 'y' });
  });

  it('may take a field that we had: no drift, no heal; anybody else may not', async () => {
    await using world = await startWorld(plane);
    const { agent } = world;
    await agent.give('web', world.hub.sign('web', [configMap('a', { tuned: '1', ours: 'x' })], yields));
    await agent.reaches('web', 'is done', isDone);
    const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: world.namespace, name: 'a' };
    await plane.kube.patch(
      ref,
      { type: 'merge', patch: { data: { tuned: '5' } } },
      { fieldManager: tuner, signal },
    );
    await agent.reaches(
      'web',
      'tells',
      ({ objects }) => objects[0]?.reason.includes('left to tuner') === true,
    );
    await plane.kube.patch(
      ref,
      { type: 'merge', patch: { data: { ours: 'z' } } },
      { fieldManager: 'hand', signal },
    );
    const status = await agent.reaches('web', 'has healed', ({ drift }) =>
      drift.some(({ healedAtMs }) => healedAtMs),
    );
    expect(await dataOf(world)).toEqual({ tuned: '5', ours: 'x' });
    expect(status.drift.map(({ manager }) => manager)).toEqual(['hand']);
  });
});

describe('a field manager that is stopped for', () => {
  it('keeps the object as it is, is named with the field, and holds up no other object', async () => {
    await using world = await startWorld(plane);
    const { agent, hub } = world;
    await makeNamespace(plane, world);
    const options = { fieldManager: tuner, force: true, signal };
    await plane.kube.apply(theirs(world, { tuned: '9' }), options);
    const fails = rules({ manager: tuner, policy: 'fail' });
    const objects = [configMap('a', { tuned: '1', ours: 'x' }), configMap('b', { key: 'value' })];
    await agent.give('web', hub.sign('web', objects, fails));
    const failed = await agent.reaches('web', 'fails', ({ sync }) => sync === 'Failed');
    expect(failed.message).toContain('field manager tuner has .data.tuned with another value');
    expect(await dataOf(world)).toEqual({ tuned: '9' });
    expect(await dataOf(world, 'b')).toEqual({ key: 'value' });
    await plane.kube.apply(theirs(world, { other: '9' }), options);
    await agent.reaches('web', 'is done', isDone);
    expect(await dataOf(world)).toEqual({ tuned: '1', ours: 'x', other: '9' });
  });

  it('does not stop us where it agrees, nor where git says nothing', async () => {
    await using world = await startWorld(plane);
    await makeNamespace(plane, world);
    await plane.kube.apply(theirs(world, { same: '1', beside: 'it' }), {
      fieldManager: tuner,
      force: true,
      signal,
    });
    const fails = rules({ manager: '*', policy: 'fail' });
    await world.agent.give('web', world.hub.sign('web', [configMap('a', { same: '1', ours: 'x' })], fails));
    await world.agent.reaches('web', 'is done', isDone);
    expect(await dataOf(world)).toEqual({ same: '1', beside: 'it', ours: 'x' });
  });

  it('loses all it has set when it is to be adopted, and only its values when it is to be forced', async () => {
    await using world = await startWorld(plane);
    await makeNamespace(plane, world);
    for (const name of ['a', 'b'])
      await plane.kube.create(inside(configMap(name, { ours: 'old', beside: 'it' }), world), {
        fieldManager: `hand-${name}`,
        signal,
      });
    const objects = [configMap('a', { ours: 'x' }), configMap('b', { ours: 'x' })];
    const policy = rules({ manager: 'hand-a', policy: 'adopt' }, { manager: 'hand-b', policy: 'force' });
    await world.agent.give('web', world.hub.sign('web', objects, policy));
    await world.agent.reaches('web', 'is done', isDone);
    expect(await dataOf(world, 'a')).toEqual({ ours: 'x' });
    expect(await dataOf(world, 'b')).toEqual({ ours: 'x', beside: 'it' });
  });
});

const scaler = (target: string): KubeObject => ({
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: target },
  spec: {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: target },
    minReplicas: 1,
    maxReplicas: 9,
  },
});

const replicasOf = async (world: World) => {
  const spec = (await world.live('Deployment', 'server', 'apps/v1'))?.['spec'];
  return isJsonObject(spec) ? spec['replicas'] : undefined;
};

const isSynced = ({ sync }: { readonly sync: string }) => sync === 'Synced';

describe('replicas that an autoscaler has', () => {
  const byScaler = { fieldManager: 'kube-controller-manager' };
  const at = ({ namespace }: World) => ({ namespace, name: 'server' });

  it('are its own when it comes with the bundle: no drift, and no apply takes them back', async () => {
    await using world = await startWorld(plane);
    const { agent, hub } = world;
    await agent.give('web', hub.sign('web', [deployment('server', 2), scaler('server')]));
    await agent.reaches('web', 'is synced', isSynced);
    expect(await replicasOf(world)).toBe(2);
    await scaleDeployment(plane, at(world), { ...byScaler, replicas: 5 });
    await agent.reaches('web', 'tells', ({ objects }) =>
      objects.some(({ reason }) => reason.includes('is left to')),
    );
    await agent.give(
      'web',
      hub.sign('web', [deployment('server', 3, 'registry.example/server:2'), scaler('server')]),
    );
    const status = await agent.reaches('web', 'is synced', (now) => now.generation === 2 && isSynced(now));
    expect(await replicasOf(world)).toBe(5);
    expect(status.drift).toEqual([]);
    expect(status.objects.map(({ reason }) => reason).join()).toContain(
      'spec.replicas is left to HorizontalPodAutoscaler server',
    );
  });

  it('are its own when it is in the cluster already, and was before the bundle', async () => {
    await using world = await startWorld(plane);
    await makeNamespace(plane, world);
    await plane.kube.create(inside(deployment('server', 4), world), { fieldManager: 'helm', signal });
    await plane.kube.create(inside(scaler('server'), world), { fieldManager: 'ops', signal });
    await world.agent.give('web', world.hub.sign('web', [deployment('server', 2)]));
    await world.agent.reaches('web', 'is synced', isSynced);
    expect(await replicasOf(world)).toBe(4);
    await scaleDeployment(plane, at(world), { ...byScaler, replicas: 6 });
    await world.agent.give(
      'web',
      world.hub.sign('web', [deployment('server', 2, 'registry.example/server:2')]),
    );
    await world.agent.reaches('web', 'is synced', (now) => now.generation === 2 && isSynced(now));
    expect(await replicasOf(world)).toBe(6);
  });

  it('become its own when it comes later, without dropping to one in between', async () => {
    await using world = await startWorld(plane);
    const { agent, hub } = world;
    await agent.give('web', hub.sign('web', [deployment('server', 3)]));
    await agent.reaches('web', 'is synced', isSynced);
    const seen = new Set<unknown>();
    const watching = new AbortController();
    const query = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: world.namespace };
    const { resourceVersion } = await plane.kube.list(query, signal);
    const events = plane.kube.watch({
      ...query,
      resourceVersion,
      timeoutSeconds: 60,
      idleTimeoutMs: 60_000,
      signal: watching.signal,
    });
    const watched = (async () => {
      for await (const event of events)
        if (event.type !== 'BOOKMARK') seen.add((event.object['spec'] as { replicas?: number }).replicas);
    })().catch(() => undefined);
    await agent.give('web', hub.sign('web', [deployment('server', 2), scaler('server')]));
    await agent.reaches('web', 'is synced', (now) => now.generation === 2 && isSynced(now));
    await scaleDeployment(plane, at(world), { ...byScaler, replicas: 7 });
    await agent.give(
      'web',
      hub.sign('web', [deployment('server', 2, 'registry.example/server:2'), scaler('server')]),
    );
    const status = await agent.reaches('web', 'is synced', (now) => now.generation === 3 && isSynced(now));
    await until('the watch has told', () => seen.has(7));
    watching.abort();
    await watched;
    expect([...seen].filter((count) => count !== 3 && count !== 7)).toEqual([]);
    expect(status.drift).toEqual([]);
  });

  it('are those of git again when the autoscaler leaves the bundle', async () => {
    await using world = await startWorld(plane);
    const { agent, hub } = world;
    await agent.give('web', hub.sign('web', [deployment('server', 2), scaler('server')]));
    await agent.reaches('web', 'is synced', isSynced);
    await scaleDeployment(plane, at(world), { ...byScaler, replicas: 5 });
    await agent.give('web', hub.sign('web', [deployment('server', 2)], { allowedDeletions: 1 }));
    await agent.reaches('web', 'is synced', (now) => now.generation === 2 && isSynced(now));
    expect(await replicasOf(world)).toBe(2);
  });

  it('are drift as ever where there is no autoscaler', async () => {
    await using world = await startWorld(plane);
    await world.agent.give('web', world.hub.sign('web', [deployment('server', 2)]));
    await world.agent.reaches('web', 'is synced', isSynced);
    await scaleDeployment(plane, at(world), { fieldManager: 'kubectl', replicas: 5 });
    await world.agent.reaches('web', 'has healed', ({ drift }) => drift.some(({ healedAtMs }) => healedAtMs));
    expect(await replicasOf(world)).toBe(2);
  });
});
