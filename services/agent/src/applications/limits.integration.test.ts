import type { AgentLimits } from '@meridian/fleet';
import type { KubeObject } from '@meridian/manifests';
import { systemClock } from '@meridian/runtime';
import { describe, expect, it } from 'vitest';
import { usePlane } from '../testing/plane.ts';
import { configMap, deployment, until } from '../testing/rig.ts';
import { isDone, makeNamespace, startWorld } from '../testing/world.ts';
import type { World } from '../testing/world.ts';
import { createLocalLimits } from '../limits/local-limits.ts';
import type { SettableLimits } from '../limits/local-limits.ts';

const { signal } = new AbortController();
const plane = usePlane('limits');
const lift = 'only its administrator can lift that, in the limits of the agent';

interface LimitedWorld {
  readonly world: World;
  readonly limits: SettableLimits;
}

async function startLimited(first: AgentLimits = {}): Promise<LimitedWorld & AsyncDisposable> {
  const limits = createLocalLimits(systemClock, { isRequired: false });
  limits.set(first);
  const world = await startWorld(plane, { limits });
  return { world, limits, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() };
}

const give = (world: World, objects: readonly KubeObject[] | undefined, allowedDeletions = 0) =>
  world.agent.give('web', world.hub.sign('web', objects, { allowedDeletions }));

const done = (world: World, generation = 0) =>
  world.agent.reaches('web', 'is done', (status) => status.generation >= generation && isDone(status));

const says = (world: World, text: string) =>
  world.agent.reaches('web', `says ${text}`, ({ message }) => message.includes(text));

async function makeOther(name: string): Promise<void> {
  const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
  await plane.kube.create(object, { fieldManager: 'test', signal });
}

const withData = (name: string, key: string) => configMap(name, { key });

const dataOf = async (world: World, name: string) => (await world.live('ConfigMap', name))?.['data'];

async function edit({ namespace }: World, name: string, key: string): Promise<void> {
  const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace, name };
  const options = { fieldManager: 'kubectl-edit', signal };
  await plane.kube.patch(ref, { type: 'merge', patch: { data: { key } } }, options);
}

const eventsOf = ({ agent }: World, type: string) => agent.events.filter((event) => event.type === type);

describe('what the limits of a cluster refuse', () => {
  it('is named with the limit and the value, the rest of the application proceeds, and other limits let it in', async () => {
    await using limited = await startLimited({ namespaces: { denied: ['other-*'] } });
    const { world, limits } = limited;
    const other = `other-${world.namespace}`;
    await makeOther(other);
    const outside: KubeObject = { ...configMap('b'), metadata: { name: 'b', namespace: other } };
    await give(world, [configMap('a'), outside]);
    const refused = await world.agent.reaches('web', 'fails', ({ sync }) => sync === 'Failed');
    const why = `the limits of this cluster deny other-* (namespaces.denied; its namespace is ${other}); ${lift}`;
    expect(refused.message).toBe(`ConfigMap ${other}/b: ${why}`);
    expect(refused.objects.find(({ key }) => key.name === 'b')?.reason).toBe(why);
    await until('the other is there', async () => (await world.live('ConfigMap', 'a')) !== undefined);
    const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: other, name: 'b' };
    expect(await plane.kube.get(ref, signal)).toBeUndefined();
    expect(eventsOf(world, 'limits.refused')).toMatchObject([{ level: 'warning', application: 'web' }]);
    limits.set({});
    await done(world);
    expect(await plane.kube.get(ref, signal)).toBeDefined();
  });

  it('is refused by kind and by registry, in all kinds that run images, and in any field that hides one', async () => {
    const kinds = { denied: ['Secret'], clusterScoped: ['Namespace'] };
    await using limited = await startLimited({ kinds, registries: ['registry.example'] });
    const { world } = limited;
    const role: KubeObject = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      // The API server ignores this namespace, so it must not make the role one inside of it.
      metadata: { name: `limits-${world.namespace}`, namespace: world.namespace },
      rules: [],
    };
    const job: KubeObject = {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'job' },
      spec: {
        schedule: '0 0 1 1 *',
        jobTemplate: {
          spec: {
            template: {
              spec: {
                restartPolicy: 'Never',
                initContainers: [{ name: 'init', image: 'registry.example.evil.com/init' }],
                containers: [{ name: 'main', image: 'registry.example/main' }],
              },
            },
          },
        },
      },
    };
    const secret: KubeObject = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' } };
    await give(world, [
      configMap('a'),
      secret,
      role,
      job,
      deployment('good', 0),
      deployment('hub', 0, 'nginx'),
      deployment('user', 0, 'hunter2:hunter2@registry.example/x'),
    ]);
    const { message, objects } = await world.agent.reaches('web', 'fails', ({ sync }) => sync === 'Failed');
    const reason = (name: string) => objects.find(({ key }) => key.name === name)?.reason ?? '';
    expect(reason('s')).toContain('deny Secret (kinds.denied; its kind is Secret)');
    expect(reason(role.metadata.name)).toContain(
      '(kinds.clusterScoped; its kind is rbac.authorization.k8s.io/ClusterRole)',
    );
    expect(reason('job')).toContain('initContainers[0].image is from registry.example.evil.com/init)');
    expect(reason('hub')).toContain('containers[0].image is from docker.io/library/nginx)');
    expect(reason('user')).toContain('containers[0].image names is no image that can be read');
    expect(message + JSON.stringify(objects) + JSON.stringify(world.agent.events)).not.toContain('hunter2');
    await until(
      'what is allowed is there',
      async () => (await world.live('Deployment', 'good', 'apps/v1')) !== undefined,
    );
    expect(await world.live('ConfigMap', 'a')).toBeDefined();
    for (const name of ['hub', 'user'])
      expect(await world.live('Deployment', name, 'apps/v1')).toBeUndefined();
    expect(await world.live('Secret', 's')).toBeUndefined();
    expect(await world.live('CronJob', 'job', 'batch/v1')).toBeUndefined();
    expect(await world.live('ClusterRole', role.metadata.name, role.apiVersion)).toBeUndefined();
  });

  it('stays in the cluster when it was there before: it is neither changed, healed nor deleted, also after a restart', async () => {
    await using limited = await startLimited();
    const { world, limits } = limited;
    await give(world, [configMap('a'), configMap('b')]);
    await done(world);
    limits.set({ kinds: { denied: ['ConfigMap'] } });
    await says(
      world,
      `ConfigMap ${world.namespace}/a: the limits of this cluster deny ConfigMap (kinds.denied;`,
    );
    await edit(world, 'a', 'edited');
    await says(world, 'was modified by kubectl-edit and is not healed');
    await world.restart();
    await says(world, 'was modified by kubectl-edit and is not healed');
    // The bundle drops b, and what is to be deleted is of a kind that is denied.
    await give(world, [configMap('a')], 5);
    await world.agent.reaches('web', 'takes it', ({ generation }) => generation === 2);
    expect(await dataOf(world, 'a')).toEqual({ key: 'edited' });
    expect(await dataOf(world, 'b')).toEqual({ key: 'value' });
    limits.set({});
    await done(world, 2);
    expect(await dataOf(world, 'a')).toEqual({ key: 'value' });
    expect(await world.live('ConfigMap', 'b')).toBeUndefined();
  });

  it('is not pruned where nothing may be touched, is named, and goes when that is lifted', async () => {
    await using limited = await startLimited();
    const { world, limits } = limited;
    const other = `closed-${world.namespace}`;
    await makeOther(other);
    const outside: KubeObject = { ...configMap('c'), metadata: { name: 'c', namespace: other } };
    await give(world, [configMap('a'), configMap('b'), outside]);
    await done(world);
    limits.set({ namespaces: { denied: ['closed-*'] } });
    await give(world, [configMap('a')], 2);
    await says(
      world,
      `ConfigMap ${other}/c is not deleted: the limits of this cluster deny closed-* (namespaces.denied;`,
    );
    expect(world.agent.status('web')).toMatchObject({ generation: 2, sync: 'Failed' });
    await until('the other is pruned', async () => (await world.live('ConfigMap', 'b')) === undefined);
    const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: other, name: 'c' };
    expect(await plane.kube.get(ref, signal)).toBeDefined();
    limits.set({});
    await done(world, 2);
    expect(await plane.kube.get(ref, signal)).toBeUndefined();
  });

  it('is no hook that runs, and holds back what comes behind it until it is allowed', async () => {
    await using limited = await startLimited({ registries: ['registry.example'] });
    const { world, limits } = limited;
    await makeNamespace(plane, world);
    const annotations = { 'meridian.dev/hook': 'PreSync' };
    const pod: KubeObject = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'hook', annotations },
      spec: deployment('hook', 0, 'nginx')['spec'] ?? {},
    };
    await give(world, [pod, configMap('a')]);
    const { message } = await world.agent.reaches('web', 'fails', ({ sync }) => sync === 'Failed');
    expect(message).toContain(
      `Deployment ${world.namespace}/hook: the limits of this cluster allow only images of registry.example`,
    );
    expect(await world.live('Deployment', 'hook', 'apps/v1')).toBeUndefined();
    expect(await world.live('ConfigMap', 'a')).toBeUndefined();
    limits.set({});
    await until(
      'the hook runs',
      async () => (await world.live('Deployment', 'hook', 'apps/v1')) !== undefined,
    );
  });

  it('is the namespace of an application, too, made or given labels; one that is there is used', async () => {
    await using limited = await startLimited({ kinds: { denied: ['Namespace'] } });
    const { world } = limited;
    await give(world, [configMap('a')]);
    await says(
      world,
      `Namespace ${world.namespace}: the limits of this cluster deny Namespace (kinds.denied;`,
    );
    expect(await world.live('ConfigMap', 'a')).toBeUndefined();
    await makeNamespace(plane, world);
    await until('the object is there', async () => (await world.live('ConfigMap', 'a')) !== undefined);
    const space: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: world.namespace } };
    await give(world, [space, withData('a', 'next')]);
    await until(
      'what is in it is written',
      async () => JSON.stringify(await dataOf(world, 'a')) === '{"key":"next"}',
    );
    expect(world.agent.status('web')).toMatchObject({ sync: 'Failed' });
  });
});

describe('a guard on deletions', () => {
  it('lets nothing go when one assignment would take too much, whatever the hub allows, until a person approves the release', async () => {
    await using limited = await startLimited({ deletions: { objects: 1, approved: [] } });
    const { world, limits } = limited;
    await give(world, [configMap('a'), configMap('b'), configMap('c')]);
    await done(world);
    await give(world, undefined, 100);
    await says(world, '3 of 3 objects would be deleted');
    const { release = '', sync, message } = world.agent.status('web') ?? {};
    expect(sync).toBe('OutOfSync');
    expect(message).toContain('but the limits of this cluster let one assignment delete at most 1 object');
    expect(message).toContain(`deletions.approved: [{ application: web, release: '${release}' }]`);
    expect(world.agent.status('web')).not.toHaveProperty('refusedDeletions');
    limits.set({ deletions: { objects: 1, approved: [{ application: 'api', release }] } });
    await says(world, '3 of 3 objects would be deleted');
    expect(await world.live('ConfigMap', 'a')).toBeDefined();
    limits.set({ deletions: { objects: 1, approved: [{ application: 'web', release }] } });
    await until('all is gone', async () => (await world.live('ConfigMap', 'a')) === undefined);
    await until('all is gone', async () => (await world.live('ConfigMap', 'c')) === undefined);
  });

  it('counts a share of what the application has, and lets smaller prunes go', async () => {
    await using limited = await startLimited({ deletions: { percent: 50, approved: [] } });
    const { world } = limited;
    const four = ['a', 'b', 'c', 'd'].map((name) => configMap(name));
    await give(world, four);
    await done(world);
    await give(world, four.slice(0, 2), 100);
    await done(world, 2);
    expect(await world.live('ConfigMap', 'd')).toBeUndefined();
    await give(world, [configMap('z')], 100);
    await says(world, '2 of 3 objects would be deleted');
    expect(await world.live('ConfigMap', 'a')).toBeDefined();
  });
});

describe('the change rate', () => {
  it('spreads writes and deletions over time and loses none; a newer assignment does not wait for an older one', async () => {
    await using limited = await startLimited({
      changeRate: { writesPerMinute: 240, deletionsPerMinute: 240 },
    });
    const { world, limits } = limited;
    const many = Array.from({ length: 12 }, (_, index) => configMap(`m-${index}`));
    await give(world, many);
    await says(world, 'for the change rate that the limits of this cluster allow');
    expect(world.agent.status('web')).toMatchObject({ sync: 'Applying' });
    await done(world);
    await give(world, many.slice(0, 1), 100);
    await done(world, 2);
    expect(await world.live('ConfigMap', 'm-11')).toBeUndefined();
    limits.set({ changeRate: { writesPerMinute: 1, deletionsPerMinute: 1 } });
    await give(world, [withData('m-0', 'slow'), configMap('n')]);
    await says(world, 'for the change rate');
    limits.set({});
    await give(world, [withData('m-0', 'fast')]);
    await world.agent.reaches('web', 'has taken it', ({ generation }) => generation === 4);
    await until('it is written', async () => JSON.stringify(await dataOf(world, 'm-0')) === '{"key":"fast"}');
  });
});

describe('a freeze', () => {
  const freeze = { author: 'lena', reason: 'audit' };

  it('stops heals, new bundles, prunes and hooks, reports drift, and ends when it is taken away', async () => {
    await using limited = await startLimited();
    const { world, limits } = limited;
    await give(world, [configMap('a'), configMap('b')]);
    await done(world);
    limits.set({ freeze });
    await says(world, 'this cluster is frozen by lena: audit');
    await edit(world, 'a', 'edited');
    const drifted = await says(world, 'was modified by kubectl-edit and is not healed during the freeze');
    expect(drifted).toMatchObject({ sync: 'OutOfSync', health: 'Healthy' });
    expect(drifted.drift).toMatchObject([{ manager: 'kubectl-edit' }]);
    await world.restart();
    await says(world, 'was modified by kubectl-edit and is not healed during the freeze');
    const hook = configMap('hook', {}, { 'meridian.dev/hook': 'PreSync' });
    await give(world, [withData('a', 'next'), hook], 5);
    await world.agent.reaches('web', 'has taken it', ({ generation }) => generation === 2);
    await says(world, 'this cluster is frozen by lena: audit');
    expect(await dataOf(world, 'a')).toEqual({ key: 'edited' });
    expect(await world.live('ConfigMap', 'b')).toBeDefined();
    expect(await world.live('ConfigMap', 'hook')).toBeUndefined();
    limits.set({});
    await done(world, 2);
    expect(await dataOf(world, 'a')).toEqual({ key: 'next' });
    expect(await world.live('ConfigMap', 'b')).toBeUndefined();
  });

  it('stops an application in the middle of its objects, and blames none of them', async () => {
    const limits = createLocalLimits(systemClock, { isRequired: false });
    limits.set({ changeRate: { writesPerMinute: 240, deletionsPerMinute: 60 } });
    await using world = await startWorld(plane, { limits });
    await give(
      world,
      Array.from({ length: 20 }, (_, index) => configMap(`m-${index}`)),
    );
    await says(world, 'for the change rate');
    limits.set({ freeze });
    const status = await says(world, 'this cluster is frozen by lena: audit');
    expect(status.sync).toBe('Applying');
    const missing = status.objects.filter(({ health }) => health !== 'Healthy').length;
    expect(missing).toBeGreaterThan(0);
    limits.set({});
    await done(world);
  });

  it('ends by itself at its time', async () => {
    await using limited = await startLimited();
    const { world, limits } = limited;
    limits.set({ freeze: { ...freeze, untilMs: Date.now() + 1_500 } });
    await give(world, [configMap('a')]);
    await says(world, 'this cluster is frozen by lena until ');
    await until('it is over', () => {
      limits.look();
      return limits.stopped() === undefined;
    });
    await done(world);
  });
});
