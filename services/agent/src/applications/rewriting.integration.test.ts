import type { KubeObject } from '@meridian/manifests';
import { describe, expect, it } from 'vitest';
import { usePlane } from '../testing/plane.ts';
import { configMap, deployment, until } from '../testing/rig.ts';
import { scaleDeployment } from '../testing/scale.ts';
import { inside, isDone, makeNamespace, startWorld } from '../testing/world.ts';
import type { World } from '../testing/world.ts';

const signal = new AbortController().signal;
const plane = usePlane('rewriting');

const whole = { 'argocd.argoproj.io/sync-options': 'Replace=true' };
const byHand = { fieldManager: 'hand', force: true, signal };

const settings = (data: { readonly [key: string]: string }, annotations: object = whole): KubeObject =>
  configMap('settings', data, annotations);

const dataOf = async (world: World) => (await world.live('ConfigMap', 'settings'))?.['data'];

const isSynced = ({ sync }: { readonly sync: string }) => sync === 'Synced';

/** Gives the next bundle and waits until it is applied; where no controllers run, Deployments never become healthy. */
async function gives(
  world: World,
  objects: readonly KubeObject[],
  changes: Parameters<World['hub']['sign']>[2] = {},
): Promise<void> {
  const before = world.agent.status('web')?.generation ?? 0;
  await world.agent.give('web', world.hub.sign('web', objects, changes));
  await world.agent.reaches('web', 'is synced', (now) => now.generation > before && isSynced(now));
}

/** The same with an annotation that nobody else gives it. */
const asWhole = (object: KubeObject, more: object = {}): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, annotations: { ...whole, ...more } },
});

const containersOf = (live: KubeObject | undefined): unknown => {
  const spec = live?.['spec'] as { template: { spec: { containers: unknown } } } | undefined;
  return spec?.template.spec.containers;
};

describe('an object that is written as a whole', () => {
  it('loses what others have set beside the bundle, but not its finalizers, owners or identity', async () => {
    await using world = await startWorld(plane);
    await makeNamespace(plane, world);
    const owner = await plane.kube.create(inside(configMap('owner'), world), {
      fieldManager: 'hand',
      signal,
    });
    const theirs = inside(configMap('settings', { theirs: 'x', ours: 'old' }, { theirs: 'x' }), world);
    const ownerReferences = [
      { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner.metadata.uid ?? '' },
    ];
    const metadata = { ...theirs.metadata, finalizers: ['test.example/keep'], ownerReferences };
    const { object: before } = await plane.kube.apply({ ...theirs, metadata }, byHand);
    await gives(world, [settings({ ours: 'new' })]);
    const live = await world.live('ConfigMap', 'settings');
    expect(live?.['data']).toEqual({ ours: 'new' });
    expect(live?.metadata.annotations).toEqual(whole);
    expect(live?.metadata).toMatchObject({
      uid: before.metadata.uid,
      finalizers: ['test.example/keep'],
      ownerReferences,
    });
    await plane.kube.patch(
      { apiVersion: 'v1', kind: 'ConfigMap', namespace: world.namespace, name: 'settings' },
      { type: 'merge', patch: { metadata: { finalizers: null } } },
      byHand,
    );
  });

  it('is made where it is missing, healed in what the bundle names, and its author is told', async () => {
    await using world = await startWorld(plane);
    await gives(world, [settings({ a: '1' }), asWhole(deployment('server', 0))]);
    await plane.kube.apply(inside(configMap('settings', { a: '2', beside: 'x' }), world), byHand);
    const { drift } = await world.agent.reaches('web', 'has healed', ({ drift: seen }) =>
      seen.some(({ healedAtMs }) => healedAtMs !== undefined),
    );
    expect(drift).toMatchObject([
      { manager: 'hand', fields: [{ path: 'data.a', desired: '"1"', live: '"2"' }] },
    ]);
    expect(await dataOf(world)).toEqual({ a: '1' });

    const before = containersOf(await world.live('Deployment', 'server', 'apps/v1'));
    const side = { name: 'side', image: 'registry.example/side:1' };
    await plane.kube.patch(
      { apiVersion: 'apps/v1', kind: 'Deployment', namespace: world.namespace, name: 'server' },
      { type: 'json', patch: [{ op: 'add', path: '/spec/template/spec/containers/-', value: side }] },
      byHand,
    );
    await world.agent.reaches('web', 'has healed the list', ({ drift: seen }) =>
      seen.some(({ fields }) => fields.some(({ path }) => path === 'spec.template.spec.containers')),
    );
    await world.agent.reaches('web', 'is synced again', isSynced);
    expect(containersOf(await world.live('Deployment', 'server', 'apps/v1'))).toEqual(before);
  });

  it('may have content that cannot be merged', async () => {
    await using world = await startWorld(plane);
    const made = deployment('server', 0);
    const env = [
      { name: 'TWICE', value: '1' },
      { name: 'TWICE', value: '2' },
    ];
    const containers = [{ name: 'server', image: 'registry.example/server:1', env }];
    const template = { metadata: { labels: { app: 'server' } }, spec: { containers } };
    const twice = { ...made, spec: { ...(made['spec'] as object), template } };
    await gives(world, [asWhole(twice)]);
    expect(containersOf(await world.live('Deployment', 'server', 'apps/v1'))).toMatchObject([{ env }]);
  });

  it('is written again by an agent that starts, and not counted as drift where it is as desired', async () => {
    await using world = await startWorld(plane);
    await gives(world, [settings({ a: '1' })]);
    const uid = (await world.live('ConfigMap', 'settings'))?.metadata.uid;
    await world.restart({ withoutDisk: true });
    const status = await world.agent.reaches('web', 'is done', isDone);
    expect(status.drift).toEqual([]);
    expect((await world.live('ConfigMap', 'settings'))?.metadata.uid).toBe(uid);
  });

  it('is only looked at, by a dry run, where nothing may be healed', async () => {
    await using world = await startWorld(plane);
    await gives(world, [settings({ a: '1' })], { selfHeal: false });
    await world.agent.stop();
    await plane.kube.apply(inside(configMap('settings', { a: '2' }), world), byHand);
    await world.restart();
    const status = await world.agent.reaches('web', 'tells', ({ sync }) => sync === 'OutOfSync');
    expect(status.drift).toMatchObject([{ manager: 'hand', fields: [{ path: 'data.a' }] }]);
    expect(await dataOf(world)).toEqual({ a: '2' });
  });

  it('goes back to being applied without leaving anything behind', async () => {
    await using world = await startWorld(plane);
    await gives(world, [settings({ a: '1', b: '1' })]);
    await gives(world, [settings({ a: '2', b: '2' }, {})]);
    await gives(world, [settings({ a: '2' }, {})]);
    expect(await dataOf(world)).toEqual({ a: '2' });
  });
});

describe('what an object that is written as a whole has of others', () => {
  it('stays where they are yielded to, and stops the write where they are to', async () => {
    await using world = await startWorld(plane);
    await makeNamespace(plane, world);
    const tuned = { fieldManager: 'tuner', force: true, signal };
    const { annotations: _none, ...metadata } = inside(configMap('settings'), world).metadata;
    const theirs = { ...configMap('settings', { tuned: '9', beside: 'x' }), metadata };
    await plane.kube.apply(theirs, tuned);
    const objects = [settings({ tuned: '1', ours: 'x' })];
    await gives(world, objects, { fieldManagers: [{ manager: 'tuner', policy: 'yield' }] });
    expect(await dataOf(world)).toEqual({ tuned: '9', ours: 'x' });
    expect(world.agent.status('web')?.objects[0]?.reason).toContain('data.tuned is left to tuner');

    const stop = { fieldManagers: [{ manager: 'tuner', policy: 'fail' as const }] };
    await world.agent.give('web', world.hub.sign('web', objects, stop));
    const { message } = await world.agent.reaches('web', 'is stopped', ({ sync }) => sync === 'Failed');
    expect(message).toContain('field manager tuner has .data.tuned with another value');
    expect(await dataOf(world)).toEqual({ tuned: '9', ours: 'x' });
  });

  it('are the replicas of an autoscaler and what the API server has chosen', async () => {
    await using world = await startWorld(plane);
    const scaler = {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'server' },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'server' },
        minReplicas: 1,
        maxReplicas: 9,
      },
    };
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'server' },
      spec: { selector: { app: 'server' }, ports: [{ port: 80, targetPort: 8080 }] },
    };
    const objects = (image: string, port: number) => [
      asWhole(deployment('server', 2, image)),
      asWhole({ ...service, spec: { ...service.spec, ports: [{ port, targetPort: 8080 }] } }),
      scaler,
    ];
    await world.agent.give('web', world.hub.sign('web', objects('a/b:1', 80)));
    await world.agent.reaches('web', 'is synced', isSynced);
    const at = { namespace: world.namespace, name: 'server' };
    await scaleDeployment(plane, at, { replicas: 5, fieldManager: 'kube-controller-manager' });
    const address = (await world.live('Service', 'server'))?.['spec'] as { clusterIP: string };
    expect(address.clusterIP).toMatch(/^\d/);
    await world.agent.give('web', world.hub.sign('web', objects('a/b:2', 81)));
    await world.agent.reaches('web', 'is synced', (now) => now.generation === 2 && isSynced(now));
    expect((await world.live('Deployment', 'server', 'apps/v1'))?.['spec']).toMatchObject({ replicas: 5 });
    expect((await world.live('Service', 'server'))?.['spec']).toMatchObject({
      clusterIP: address.clusterIP,
      ports: [{ port: 81 }],
    });
  });
});

describe('a field that cannot be changed in an object that is written as a whole', () => {
  const sealed = (value: string, options: string): KubeObject => ({
    ...configMap('sealed', { key: value }, { 'argocd.argoproj.io/sync-options': options }),
    immutable: true,
  });

  it('deletes nothing without Force, and with it the object is made again', async () => {
    await using world = await startWorld(plane);
    await gives(world, [sealed('1', 'Replace=true')]);
    const uid = (await world.live('ConfigMap', 'sealed'))?.metadata.uid;
    await world.agent.give('web', world.hub.sign('web', [sealed('2', 'Replace=true')]));
    await world.agent.reaches('web', 'is refused', ({ sync }) => sync === 'Failed');
    expect((await world.live('ConfigMap', 'sealed'))?.metadata.uid).toBe(uid);
    await world.agent.give('web', world.hub.sign('web', [sealed('2', 'Replace=true,Force=true')]));
    await world.agent.reaches('web', 'is done', isDone);
    const live = await until('it is made again', () => world.live('ConfigMap', 'sealed'));
    expect(live.metadata.uid).not.toBe(uid);
    expect(live['data']).toEqual({ key: '2' });
  });
});
