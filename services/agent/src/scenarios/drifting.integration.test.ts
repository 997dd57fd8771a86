import type { Drift } from '@meridian/fleet';
import type { Json, KubeObject } from '@meridian/manifests';
import { describe, expect, it } from 'vitest';
import { usePlane } from '../testing/plane.ts';
import { configMap, deployment, until } from '../testing/rig.ts';
import { bring, startWorld } from '../testing/world.ts';
import type { World } from '../testing/world.ts';

const { signal } = new AbortController();
const plane = usePlane('drifting');
const isSynced = ({ sync }: { readonly sync: string }) => sync === 'Synced';

/** Changes an object as a person does with `kubectl edit`. */
async function edit(world: World, { apiVersion, kind, metadata }: KubeObject, patch: Json): Promise<void> {
  const ref = { apiVersion, kind, namespace: world.namespace, name: metadata.name };
  await plane.kube.patch(ref, { type: 'merge', patch }, { fieldManager: 'kubectl-edit', signal });
}

/** The drift that was healed last, once there are as many as that. */
async function healed(world: World, times = 1): Promise<Drift | undefined> {
  const status = await world.agent.reaches(
    'web',
    `was healed ${times} times`,
    ({ drift, sync }) =>
      sync === 'Synced' && drift.filter(({ healedAtMs }) => healedAtMs !== undefined).length >= times,
  );
  return status.drift.at(-1);
}

const secret = (stringData: { readonly [key: string]: string }): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'login' },
  stringData,
});

describe('drift of a Secret', () => {
  it('is healed and told by the key, with no value of before or after, and none of the bundle', async () => {
    await using world = await startWorld(plane);
    const object = secret({ password: 'hunter-git', user: 'ml' });
    await bring(world, [object]);
    await edit(world, object, { stringData: { password: 'hunter-edit' } });
    const drift = await healed(world);
    expect(drift?.fields.map(({ path }) => path)).toEqual(['data.password']);
    const said = JSON.stringify([world.agent.reports, world.agent.events]);
    for (const value of ['hunter-git', 'hunter-edit']) {
      expect(said).not.toContain(value);
      expect(said).not.toContain(Buffer.from(value).toString('base64'));
    }
  });

  it('is what replaced a key that git gives as text, and a key that git drops is gone', async () => {
    await using world = await startWorld(plane);
    await bring(world, [secret({ first: 'a', second: 'b' })]);
    await bring(world, [secret({ first: 'a', third: 'c' })]);
    const dataOf = async () => Object.keys((await world.live('Secret', 'login'))?.['data'] ?? {}).sort();
    expect(await dataOf()).toEqual(['first', 'third']);
    await edit(world, secret({}), { data: { third: null, other: Buffer.from('x').toString('base64') } });
    await healed(world);
    expect(await dataOf()).toEqual(['first', 'other', 'third']);
  });
});

describe('drift of a map', () => {
  const object: KubeObject = {
    ...configMap('a', { kept: '1', removed: '2' }),
    metadata: { name: 'a', labels: { team: 'ml' }, annotations: { 'test.example/note': 'ours' } },
  };

  it.each([
    ['an entry that is removed', { data: { removed: null } }, 'data.removed'],
    ['a label that is removed', { metadata: { labels: { team: null } } }, 'metadata.labels.team'],
    ['a label that is changed', { metadata: { labels: { team: 'web' } } }, 'metadata.labels.team'],
    [
      'an annotation that is removed',
      { metadata: { annotations: { 'test.example/note': null } } },
      'metadata.annotations[test.example/note]',
    ],
  ])('is %s', async (_what, patch, path) => {
    await using world = await startWorld(plane);
    await bring(world, [object]);
    await edit(world, object, patch);
    expect((await healed(world))?.fields.map((field) => field.path)).toEqual([path]);
    const live = await world.live('ConfigMap', 'a');
    expect(live?.['data']).toEqual({ kept: '1', removed: '2' });
    expect(live?.metadata).toMatchObject({
      labels: { team: 'ml' },
      annotations: { 'test.example/note': 'ours' },
    });
  });

  it('is not an entry, a label or an annotation that somebody adds', async () => {
    await using world = await startWorld(plane);
    await bring(world, [object]);
    await edit(world, object, {
      data: { added: '3' },
      metadata: { labels: { added: 'x' }, annotations: { 'test.example/added': 'x' } },
    });
    await bring(world, [object, configMap('b')]);
    expect(world.agent.status('web')?.drift).toEqual([]);
    expect((await world.live('ConfigMap', 'a'))?.['data']).toMatchObject({ added: '3' });
  });
});

describe('the metrics of an autoscaler', () => {
  const metric = (name: string, averageUtilization: number) => ({
    type: 'Resource',
    resource: { name, target: { type: 'Utilization', averageUtilization } },
  });
  const scaler = (...metrics: readonly Json[]): KubeObject => ({
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'server' },
    spec: {
      maxReplicas: 3,
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'server' },
      metrics: [...metrics],
    },
  });
  const metricsOf = async (world: World) => {
    const live = await world.live('HorizontalPodAutoscaler', 'server', 'autoscaling/v2');
    return (live?.['spec'] as { readonly metrics?: readonly Json[] } | undefined)?.metrics;
  };

  it('are as git has them when one is added, removed or there twice, and are no drift by themselves', async () => {
    await using world = await startWorld(plane);
    const cpu = metric('cpu', 50);
    const memory = metric('memory', 70);
    const server = deployment('server', 0);
    for (const metrics of [[cpu], [cpu, memory], [memory], [memory, memory]]) {
      await bring(world, [server, scaler(...metrics)], {}, isSynced);
      expect(await metricsOf(world)).toEqual(metrics);
    }
    await world.restart();
    await world.agent.reaches('web', 'is synced', isSynced);
    await bring(world, [server, scaler(memory, memory), configMap('more')], {}, isSynced);
    expect(world.agent.status('web')?.drift).toEqual([]);
    await edit(world, scaler(), { spec: { metrics: [cpu] } });
    await until('they are those of git again', async () => {
      return JSON.stringify(await metricsOf(world)) === JSON.stringify([memory, memory]);
    });
  });
});
