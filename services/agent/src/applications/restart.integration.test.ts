import type { JsonObject, KubeObject } from '@meridian/manifests';
import { FaultError } from '@meridian/runtime';
import { describe, expect, it } from 'vitest';
import type { KubePort } from '../ports.ts';
import { definition } from '../testing/definition.ts';
import { usePlane } from '../testing/plane.ts';
import { configMap, until } from '../testing/rig.ts';
import { bring, isDone, startWorld } from '../testing/world.ts';
import type { World } from '../testing/world.ts';

const { signal } = new AbortController();
const plane = usePlane('restart');

type Rewriting = [KubeObject, Parameters<KubePort['rewrite']>[2]];

/** Notes the objects that an agent writes, state of its own aside. */
function noteWrites(more: (kube: KubePort) => Partial<KubePort> = () => ({})) {
  const written: string[] = [];
  const noted = <Rest extends readonly unknown[], Answer>(
    write: (object: KubeObject, ...rest: Rest) => Promise<Answer>,
  ) => {
    return (object: KubeObject, ...rest: Rest): Promise<Answer> => {
      written.push(`${object.kind} ${object.metadata.name}`);
      return write(object, ...rest);
    };
  };
  const wrap = (kube: KubePort): KubePort => ({
    ...kube,
    apply: noted((object, options: Parameters<KubePort['apply']>[1]) => kube.apply(object, options)),
    applyUncontested: noted((object, within: AbortSignal) => kube.applyUncontested(object, within)),
    rewrite: noted((live, ...rest: Rewriting) => kube.rewrite(live, ...rest)),
    ...more(kube),
  });
  return { written, wrap };
}

const service: KubeObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web' },
  spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
};

const deployment: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', labels: { app: 'web' } },
  spec: {
    replicas: 0,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: {
        containers: [
          {
            name: 'server',
            image: 'registry.example/web:1',
            ports: [{ containerPort: 8080 }],
            env: [{ name: 'A', value: '1' }],
          },
        ],
      },
    },
  },
};

const objects = [configMap('a'), configMap('b'), configMap('c'), service, deployment];

const isApplied = ({ sync }: { readonly sync: string }): boolean => sync === 'Synced';

async function edit({ namespace }: World, name: string, key: string): Promise<void> {
  const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace, name };
  await plane.kube.patch(
    ref,
    { type: 'merge', patch: { data: { key } } },
    { fieldManager: 'kubectl-edit', signal },
  );
}

const isHealed = (world: World, name: string): Promise<boolean> =>
  until(`${name} is as the bundle has it`, async () => {
    return JSON.stringify((await world.live('ConfigMap', name))?.['data']) === '{"key":"value"}';
  });

describe('an agent that starts over what it has applied', () => {
  it('writes nothing that stands as it was applied, and heals what drifts from then on', async () => {
    await using world = await startWorld(plane);
    await bring(world, objects, {}, isApplied);
    const { written, wrap } = noteWrites();
    await world.restart({ wrap });
    await world.agent.reaches('web', 'is in place', isApplied);
    expect(written).toEqual([]);
    await edit(world, 'b', 'edited');
    await isHealed(world, 'b');
    expect(written).toEqual(['ConfigMap b']);
    const healed = world.agent.status('web')?.drift ?? [];
    expect(healed.map(({ key, manager }) => `${key.name} ${manager}`)).toEqual(['b kubectl-edit']);
  });

  it('writes exactly what was changed, deleted or taken over while it was away, and tells of it', async () => {
    await using world = await startWorld(plane);
    await bring(world, objects, {}, isApplied);
    await world.agent.stop();
    const { namespace } = world;
    const ref = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name });
    await edit(world, 'a', 'edited');
    await plane.kube.remove(ref('b'), { signal });
    // The values are the same in the end, but they are somebody else's.
    for (const key of ['other', 'value']) {
      const taken = { ...configMap('c', { key }), metadata: { name: 'c', namespace } };
      await plane.kube.apply(taken, { fieldManager: 'other', force: true, signal });
    }
    const { written, wrap } = noteWrites();
    await world.restart({ wrap });
    await isHealed(world, 'a');
    await isHealed(world, 'b');
    await world.agent.reaches('web', 'is in place', isApplied);
    expect([...new Set(written)].sort()).toEqual(['ConfigMap a', 'ConfigMap b', 'ConfigMap c']);
    const told = world.agent.status('web')?.drift ?? [];
    expect(told.map(({ key, change }) => `${key.name} ${change}`).sort()).toEqual([
      'a modified',
      'b deleted',
    ]);
  });

  it('sees that an empty map was taken away that chose the kind of a volume', async () => {
    await using world = await startWorld(plane);
    const { namespace } = world;
    const template = (deployment['spec'] as { readonly template: { readonly spec: JsonObject } }).template;
    const volumes = [{ name: 'cache', emptyDir: {} }];
    const withVolume = { ...template, spec: { ...template.spec, volumes } };
    const own = { ...deployment, spec: { ...(deployment['spec'] as JsonObject), template: withVolume } };
    await bring(world, [own], {}, isApplied);
    await world.agent.stop();
    const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace, name: 'web' };
    const hostPath = { path: '/etc' };
    const patch = { spec: { template: { spec: { volumes: [{ name: 'cache', hostPath }] } } } };
    await plane.kube.patch(ref, { type: 'merge', patch }, { fieldManager: 'kubectl-edit', signal });
    const volumesNow = async () => JSON.stringify(await plane.kube.get(ref, signal));
    expect(await volumesNow()).toContain('"hostPath"');
    const { written, wrap } = noteWrites();
    await world.restart({ wrap });
    await until('the volume was written again', () => Promise.resolve(written.includes('Deployment web')));
  });

  it('writes only what a newer assignment changes, when that is there at once', async () => {
    await using world = await startWorld(plane);
    await bring(world, objects, {}, isApplied);
    const { written, wrap } = noteWrites();
    await world.restart({ wrap });
    await bring(world, [configMap('a', { key: 'next' }), ...objects.slice(1)], {}, isApplied);
    expect(written).toEqual(['ConfigMap a']);
    expect((await world.live('ConfigMap', 'a'))?.['data']).toEqual({ key: 'next' });
  });

  it('heals what drifts while it looks', async () => {
    await using world = await startWorld(plane);
    await bring(world, objects, {}, isApplied);
    await world.restart();
    await edit(world, 'a', 'edited');
    await plane.kube.remove(
      { apiVersion: 'v1', kind: 'ConfigMap', namespace: world.namespace, name: 'c' },
      { signal },
    );
    await isHealed(world, 'a');
    await isHealed(world, 'c');
  });

  it('tells nothing missing of an application that is taken up after the watches have begun', async () => {
    await using world = await startWorld(plane);
    const kind = `Late${world.namespace.replace('-', '')}`;
    const custom: KubeObject = { apiVersion: 'late.example.com/v1', kind, metadata: { name: 'one' } };
    await bring(world, [configMap('first')]);
    const crd = definition({ group: 'late.example.com', kind });
    await world.agent.give('second', world.hub.sign('second', [crd, configMap('late'), custom]));
    await world.agent.reaches('second', 'is done', isDone);
    let isAway = true;
    const { written, wrap } = noteWrites(() => ({
      isNamespaced: async () => {
        if (isAway) throw new FaultError('unavailable', 'discovery is away', { retry: 'later' });
        return true;
      },
    }));
    await world.restart({ wrap });
    await world.agent.reaches('web', 'is done', isDone);
    isAway = false;
    await world.agent.reaches('second', 'is done', isDone);
    expect(written).toEqual([]);
    expect(world.agent.events.filter(({ type }) => type.startsWith('drift'))).toEqual([]);
    expect(world.agent.status('second')?.drift).toEqual([]);
  });
});
