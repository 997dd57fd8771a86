import type { IgnoreRule } from '@meridian/fleet';
import type { Json, KubeObject } from '@meridian/manifests';
import { describe, expect, it } from 'vitest';
import { usePlane } from '../testing/plane.ts';
import { configMap, deployment, until } from '../testing/rig.ts';
import { scaleDeployment } from '../testing/scale.ts';
import { inside, isDone, makeNamespace, startWorld } from '../testing/world.ts';
import type { World } from '../testing/world.ts';

const signal = new AbortController().signal;
const plane = usePlane('ignoring');

const ignoring = (rule: Omit<IgnoreRule, 'group' | 'kind'> & Partial<IgnoreRule>, respects = false) => ({
  rules: {
    ignoreDifferences: [{ group: '', kind: 'ConfigMap', ...rule }],
    ...(respects ? { respectIgnoreDifferences: true as const } : {}),
  },
});
const replicasRule = (respects: boolean) =>
  ignoring({ group: 'apps', kind: 'Deployment', jsonPointers: ['/spec/replicas'] }, respects);

type Changes = Parameters<World['hub']['sign']>[2];

/** Gives the next bundle and waits until it is applied; where no controllers run, Deployments never become healthy. */
async function gives(world: World, objects: readonly KubeObject[], changes: Changes = {}) {
  const before = world.agent.status('web')?.generation ?? 0;
  await world.agent.give('web', world.hub.sign('web', objects, changes));
  return world.agent.reaches('web', 'is synced', (now) => now.generation > before && now.sync === 'Synced');
}

async function edit(world: World, name: string, data: Json, fieldManager = 'kubectl-edit'): Promise<void> {
  const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: world.namespace, name };
  await plane.kube.patch(ref, { type: 'merge', patch: { data } }, { fieldManager, signal });
}

const dataOf = async (world: World, name = 'a'): Promise<unknown> =>
  (await world.live('ConfigMap', name))?.['data'];

const replicasOf = async (world: World): Promise<unknown> =>
  ((await world.live('Deployment', 'server', 'apps/v1'))?.['spec'] as { replicas?: number } | undefined)
    ?.replicas;

const versionOf = async (world: World, kind: string, name: string, apiVersion?: string): Promise<unknown> =>
  (await world.live(kind, name, apiVersion))?.metadata.resourceVersion;

const scale = (world: World, replicas: number): Promise<void> =>
  scaleDeployment(
    plane,
    { namespace: world.namespace, name: 'server' },
    { fieldManager: 'kubectl', replicas },
  );

/** Waits until an object that is edited behind everything else has been healed: what came before was seen by then. */
async function isSeen(world: World, name = 'marker'): Promise<void> {
  await edit(world, name, { key: `edited ${Math.random()}` });
  await until(
    'the marker is healed',
    async () => JSON.stringify(await dataOf(world, name)) === '{"key":"value"}',
  );
}

describe('a field that is ignored', () => {
  it('is as git has it at first, and then others may change it: no drift, no heal, also after a restart', async () => {
    await using world = await startWorld(plane);
    const objects = [deployment('server', 2), configMap('marker')];
    await gives(world, objects, replicasRule(false));
    expect(await replicasOf(world)).toBe(2);
    await scale(world, 5);
    await isSeen(world);
    expect(await replicasOf(world)).toBe(5);
    const before = await versionOf(world, 'Deployment', 'server', 'apps/v1');
    await world.restart();
    await world.agent.reaches('web', 'is synced', ({ sync }) => sync === 'Synced');
    await isSeen(world);
    expect(await versionOf(world, 'Deployment', 'server', 'apps/v1')).toBe(before);
    expect(new Set(world.agent.status('web')?.drift.map(({ key }) => key.name))).toEqual(new Set(['marker']));
  });

  it('is not named beside a change of another field, and is written with it', async () => {
    await using world = await startWorld(plane);
    await gives(
      world,
      [configMap('a', { mine: '1', theirs: '1' })],
      ignoring({ jsonPointers: ['/data/theirs'] }),
    );
    await edit(world, 'a', { theirs: '2' });
    await edit(world, 'a', { mine: '2' });
    const status = await world.agent.reaches('web', 'has healed', ({ drift }) =>
      drift.some(({ healedAtMs }) => healedAtMs),
    );
    expect(status.drift.flatMap(({ fields }) => fields)).toEqual([
      { path: 'data.mine', desired: '"1"', live: '"2"' },
    ]);
    expect(await dataOf(world)).toEqual({ mine: '1', theirs: '1' });
  });

  it('makes no write when git changes nothing else', async () => {
    await using world = await startWorld(plane);
    const rules = ignoring({ jsonPointers: ['/data/theirs'] });
    await gives(world, [configMap('a', { mine: '1', theirs: '1' })], rules);
    await edit(world, 'a', { theirs: '2' });
    const before = await versionOf(world, 'ConfigMap', 'a');
    await gives(world, [configMap('a', { mine: '1', theirs: '3' })], rules);
    expect(await versionOf(world, 'ConfigMap', 'a')).toBe(before);
    await gives(world, [configMap('a', { mine: '2', theirs: '3' })], rules);
    expect(await dataOf(world)).toEqual({ mine: '2', theirs: '3' });
  });

  it('is drift again when its rule is gone', async () => {
    await using world = await startWorld(plane);
    await gives(world, [configMap('a')], ignoring({ jsonPointers: ['/data/key'] }));
    await edit(world, 'a', { key: 'theirs' });
    await gives(world, [configMap('a')]);
    expect(await dataOf(world)).toEqual({ key: 'value' });
  });

  it('is found by an expression of jq, in items of lists too, and only where kind, name and namespace fit', async () => {
    await using world = await startWorld(plane);
    const rules = ignoring({
      name: 'a*',
      jqPathExpressions: ['.data[.data | keys[] | select(startswith("x-"))]'],
    });
    await gives(
      world,
      [configMap('a1', { 'x-1': '1' }), configMap('b1', { 'x-1': '1' }), configMap('marker')],
      rules,
    );
    await edit(world, 'a1', { 'x-1': '2' });
    await edit(world, 'b1', { 'x-1': '2' });
    await isSeen(world);
    await until(
      'the other one is healed',
      async () => JSON.stringify(await dataOf(world, 'b1')) === '{"x-1":"1"}',
    );
    expect(await dataOf(world, 'a1')).toEqual({ 'x-1': '2' });
  });

  it('is what a trusted manager has; the same field is drift when somebody else takes it', async () => {
    await using world = await startWorld(plane);
    await gives(
      world,
      [configMap('a', { key: '1' }), configMap('marker')],
      ignoring({ name: 'a', managedFieldsManagers: ['tun*'] }),
    );
    await edit(world, 'a', { key: '2' }, 'tuner');
    await isSeen(world);
    expect(await dataOf(world)).toEqual({ key: '2' });
    await edit(world, 'a', { key: '3' }, 'hand');
    await until('it is healed', async () => JSON.stringify(await dataOf(world)) === '{"key":"1"}');
    expect(
      world.agent
        .status('web')
        ?.drift.filter(({ key }) => key.name === 'a')
        .map(({ manager }) => manager),
    ).toEqual(['hand']);
  });

  it('is no reported drift either, where nothing is healed', async () => {
    await using world = await startWorld(plane);
    const rules = { ...ignoring({ jsonPointers: ['/data/theirs'] }), selfHeal: false };
    await gives(
      world,
      [configMap('a', { mine: '1', theirs: '1' }), configMap('b', { mine: '1', theirs: '1' })],
      rules,
    );
    await edit(world, 'a', { theirs: '2' });
    await edit(world, 'b', { mine: '2' });
    const names = () => world.agent.status('web')?.drift.map(({ key }) => key.name);
    await world.agent.reaches('web', 'tells of one', ({ sync }) => sync === 'OutOfSync');
    expect(names()).toEqual(['b']);
    await world.restart();
    await world.agent.reaches('web', 'tells of one', ({ sync }) => sync === 'OutOfSync');
    expect(names()).toEqual(['b']);
  });

  it('that takes too long to find is an error that names the expression; other objects are applied', async () => {
    await using world = await startWorld(plane);
    const costly = '.data | select(.[] == .[]) | .x';
    const many = Object.fromEntries(Array.from({ length: 150 }, (_, index) => [`k${index}`, 'same']));
    const wide = (value: string) => configMap('a', { ...many, value });
    const rules = ignoring({ jqPathExpressions: [costly] });
    await world.agent.give('web', world.hub.sign('web', [wide('1'), configMap('b')], rules));
    await world.agent.reaches('web', 'is applied', ({ sync }) => sync !== 'Applying');
    await world.agent.give('web', world.hub.sign('web', [wide('2'), configMap('b', { key: '2' })], rules));
    const status = await world.agent.reaches(
      'web',
      'fails',
      ({ sync, generation }) => generation === 2 && sync === 'Failed',
    );
    expect(status.message).toContain(
      `ConfigMap ${world.namespace}/a: syncPolicy.ignoreDifferences cannot be followed`,
    );
    expect(status.message).toContain(`${costly} takes too many steps`);
    expect(await dataOf(world, 'b')).toEqual({ key: '2' });
    expect(await dataOf(world, 'a')).toEqual({ ...many, value: '1' });
  });
});

describe('a field that is ignored and respected', () => {
  it('stays as it is when the bundle changes the object, whoever owned it; a new object has that of git', async () => {
    await using world = await startWorld(plane);
    await gives(world, [deployment('server', 2)], replicasRule(true));
    expect(await replicasOf(world)).toBe(2);
    await gives(world, [deployment('server', 3, 'registry.example/server:2')], replicasRule(true));
    expect(await replicasOf(world)).toBe(2);
    await scale(world, 5);
    const status = await gives(
      world,
      [deployment('server', 4, 'registry.example/server:3')],
      replicasRule(true),
    );
    expect(await replicasOf(world)).toBe(5);
    expect(status.drift).toEqual([]);
    const spec = (await world.live('Deployment', 'server', 'apps/v1'))?.['spec'];
    expect(JSON.stringify(spec)).toContain('server:3');
  });

  it('stays when git does not name it any more, although we had set it', async () => {
    await using world = await startWorld(plane);
    await gives(world, [deployment('server', 3)], replicasRule(true));
    const { replicas: _replicas, ...spec } = deployment('server')['spec'] as { replicas: number };
    await gives(world, [{ ...deployment('server'), spec }], replicasRule(true));
    expect(await replicasOf(world)).toBe(3);
  });

  it('stays when a tool before us had set it', async () => {
    await using world = await startWorld(plane);
    await makeNamespace(plane, world);
    await plane.kube.create(inside(configMap('a', { theirs: '9', old: 'x' }), world), {
      fieldManager: 'helm',
      signal,
    });
    await gives(
      world,
      [configMap('a', { theirs: '1', mine: '1' })],
      ignoring({ jsonPointers: ['/data/theirs'] }, true),
    );
    expect(await dataOf(world)).toEqual({ theirs: '9', mine: '1' });
  });

  it('is what a trusted manager has', async () => {
    await using world = await startWorld(plane);
    const rules = ignoring({ managedFieldsManagers: ['tuner'] }, true);
    await gives(world, [configMap('a', { theirs: '1', mine: '1' })], rules);
    await edit(world, 'a', { theirs: '9' }, 'tuner');
    await gives(world, [configMap('a', { theirs: '2', mine: '2' })], rules);
    expect(await dataOf(world)).toEqual({ theirs: '9', mine: '2' });
  });

  it('may be in an item of a list, or the item; one that is new in git is written', async () => {
    await using world = await startWorld(plane);
    const rules = ignoring(
      {
        group: 'apps',
        kind: 'Deployment',
        jqPathExpressions: [
          '.spec.template.spec.containers[].image',
          '.spec.template.spec.containers[] | select(.name == "mesh")',
        ],
      },
      true,
    );
    const withContainers = (
      ...containers: readonly { name: string; image: string; command?: string[] }[]
    ): KubeObject => {
      const base = deployment('server');
      const spec = base['spec'] as { template: object };
      return { ...base, spec: { ...spec, template: { ...spec.template, spec: { containers } } } };
    };
    const ours = { name: 'server', image: 'registry.example/server:1' };
    const mesh = { name: 'mesh', image: 'registry.example/mesh:1', command: ['a'] };
    await gives(world, [withContainers(ours, mesh)], rules);
    const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: world.namespace, name: 'server' };
    const patch = [0, 1].map((index) => ({
      op: 'replace',
      path: `/spec/template/spec/containers/${index}/image`,
      value: `registry.example/theirs:${index}`,
    }));
    await plane.kube.patch(ref, { type: 'json', patch }, { fieldManager: 'hand', signal });
    const next = { ...ours, image: 'registry.example/server:2', command: ['serve'] };
    const fresh = { name: 'fresh', image: 'registry.example/fresh:1' };
    const status = await gives(world, [withContainers(next, { ...mesh, command: ['b'] }, fresh)], rules);
    const live = (await world.live('Deployment', 'server', 'apps/v1'))?.['spec'] as {
      template: { spec: { containers: { name: string; image: string; command?: string[] }[] } };
    };
    const seen = live.template.spec.containers.map(({ name, image, command }) => ({ name, image, command }));
    expect(seen).toEqual([
      { name: 'server', image: 'registry.example/theirs:0', command: ['serve'] },
      { name: 'mesh', image: 'registry.example/theirs:1', command: ['a'] },
      fresh,
    ]);
    expect(status.drift).toEqual([]);
  });

  it('is left where the object is written as a whole, too', async () => {
    await using world = await startWorld(plane);
    const annotations = { 'argocd.argoproj.io/sync-options': 'Replace=true' };
    const settings = (data: { readonly [key: string]: string }) => configMap('a', data, annotations);
    const rules = ignoring({ jsonPointers: ['/data/theirs'] }, true);
    await gives(world, [settings({ theirs: '1', mine: '1' })], rules);
    await edit(world, 'a', { theirs: '9' });
    await gives(world, [settings({ theirs: '2', mine: '2' })], rules);
    expect(await dataOf(world)).toEqual({ theirs: '9', mine: '2' });
    await edit(world, 'a', { mine: 'x' });
    await until(
      'it is healed',
      async () => JSON.stringify(await dataOf(world)) === '{"mine":"2","theirs":"9"}',
    );
  });

  it('survives whoever changes it while the bundle is applied', async () => {
    await using world = await startWorld(plane);
    const rules = ignoring({ jsonPointers: ['/data/theirs'] }, true);
    await gives(world, [configMap('a', { theirs: '0', mine: '0' })], rules);
    let last = 0;
    let isOver = false;
    const writing = (async () => {
      while (!isOver) {
        last += 1;
        await edit(world, 'a', { theirs: `${last}` }, 'busy');
      }
    })();
    for (const mine of ['1', '2', '3', '4', '5'])
      await gives(world, [configMap('a', { theirs: '0', mine })], rules);
    isOver = true;
    await writing;
    await world.agent.reaches('web', 'is done', isDone);
    expect(await dataOf(world)).toEqual({ theirs: `${last}`, mine: '5' });
  });
});
