import type { KubeObject } from '@meridian/manifests';
import { describe, expect, it } from 'vitest';
import { forbid } from '../testing/policies.ts';
import { usePlane } from '../testing/plane.ts';
import { configMap, deployment, until } from '../testing/rig.ts';
import { isDone, startWorld } from '../testing/world.ts';
import type { World } from '../testing/world.ts';

const signal = new AbortController().signal;
const plane = usePlane('replacement');

const replace = (word: string) => ({ 'meridian.dev/replace': word });
const force = { 'kustomize.toolkit.fluxcd.io/force': 'enabled' };

function sealed(value: string, annotations: { readonly [name: string]: string } = {}): KubeObject {
  return { ...configMap('sealed', { key: value }, annotations), immutable: true };
}

/** A Deployment whose selector, which cannot be changed, has this value. */
function selecting(
  value: string,
  annotations: { readonly [name: string]: string },
  spec: object = {},
): KubeObject {
  const labels = { app: value };
  const made = deployment('server', 0);
  return {
    ...made,
    metadata: { ...made.metadata, annotations },
    spec: {
      replicas: 0,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'server', image: 'a/b:1' }] } },
      ...spec,
    },
  };
}

const dataOf = async (world: World): Promise<unknown> => (await world.live('ConfigMap', 'sealed'))?.['data'];

async function uidOf(
  world: World,
  kind: string,
  name: string,
  apiVersion = 'v1',
): Promise<string | undefined> {
  return (await world.live(kind, name, apiVersion))?.metadata.uid;
}

const refused = (world: World, text: string) =>
  world.agent.reaches(
    'web',
    `says ${text}`,
    ({ sync, message }) => sync === 'Failed' && message.includes(text),
  );

describe('an object with a field that cannot be changed', () => {
  it('stays as it is, and the way out is told, unless it may be replaced', async () => {
    await using world = await startWorld(plane);
    await world.agent.give('web', world.hub.sign('web', [sealed('1')]));
    await world.agent.reaches('web', 'is done', isDone);
    const uid = await uidOf(world, 'ConfigMap', 'sealed');
    await world.agent.give('web', world.hub.sign('web', [sealed('2'), configMap('other')]));
    await refused(world, 'annotate it with meridian.dev/replace: enabled');
    expect(await uidOf(world, 'ConfigMap', 'sealed')).toBe(uid);
    await until('other objects go on', () => world.live('ConfigMap', 'other'));
  });

  it.each([
    ['its own annotation', replace('enabled'), {}],
    ["Flux's", force, {}],
    ["Argo CD's Force", { 'argocd.argoproj.io/sync-options': 'Force=true' }, {}],
    ['the rules of its application', {}, { rules: { replaceImmutable: true } as const }],
  ])('is deleted and made again on the word of %s', async (_what, annotations, changes) => {
    await using world = await startWorld(plane);
    await world.agent.give('web', world.hub.sign('web', [sealed('1', annotations)], changes));
    await world.agent.reaches('web', 'is done', isDone);
    const uid = await uidOf(world, 'ConfigMap', 'sealed');
    await world.agent.give('web', world.hub.sign('web', [sealed('2', annotations)], changes));
    await world.agent.reaches('web', 'is done', (status) => status.generation === 2 && isDone(status));
    expect(await dataOf(world)).toEqual({ key: '2' });
    expect(await uidOf(world, 'ConfigMap', 'sealed')).not.toBe(uid);
    expect(world.agent.events.filter(({ type }) => type === 'object.replaced')).toEqual([
      expect.objectContaining({
        level: 'warning',
        message: `deleted ConfigMap ${world.namespace}/sealed to make it again, because data cannot be changed`,
      }),
    ]);
    expect(world.agent.events.filter(({ type }) => type === 'drift.seen')).toEqual([]);
  });

  it('survives every mistake that comes with the change', async () => {
    await using world = await startWorld(plane);
    const all = { ...replace('enabled'), ...force };
    await world.agent.give('web', world.hub.sign('web', [selecting('a', all)]));
    await world.agent.reaches('web', 'is done', ({ sync }) => sync === 'Synced');
    const uid = await uidOf(world, 'Deployment', 'server', 'apps/v1');
    const mistakes = [
      // A bad value beside, a bad value alone, a field that is misspelt, a type that is wrong.
      { spec: { replicas: -1 }, text: 'must be greater than or equal to 0' },
      { spec: { replicas: -1, selector: { matchLabels: { app: 'a' } } }, text: 'spec.replicas' },
      { spec: { replica: 1 }, text: 'replica' },
      { spec: { replicas: 'one' }, text: 'replicas' },
      // The selector is not that of its own template: only as a new object it is wrong.
      { spec: { selector: { matchLabels: { app: 'c' } } }, text: 'selector' },
    ];
    for (const { spec, text } of mistakes) {
      await world.agent.give('web', world.hub.sign('web', [selecting('b', all, spec)]));
      await refused(world, text);
      expect(await uidOf(world, 'Deployment', 'server', 'apps/v1'), text).toBe(uid);
    }
    expect(world.agent.events.filter(({ type }) => type === 'object.replaced')).toEqual([]);
    await world.agent.give('web', world.hub.sign('web', [selecting('b', all)]));
    await world.agent.reaches('web', 'is done', ({ sync }) => sync === 'Synced');
    expect(await uidOf(world, 'Deployment', 'server', 'apps/v1')).not.toBe(uid);
  });

  it('is not deleted when a policy would refuse the new one', async () => {
    await using world = await startWorld(plane);
    await world.agent.give('web', world.hub.sign('web', [sealed('1', replace('enabled'))]));
    await world.agent.reaches('web', 'is done', isDone);
    const uid = await uidOf(world, 'ConfigMap', 'sealed');
    await forbid(plane, world.namespace, 'CREATE', 'nothing new today');
    await world.agent.give('web', world.hub.sign('web', [sealed('2', replace('enabled'))]));
    const { message } = await refused(world, 'it was not deleted, because made anew it would be refused');
    expect(message).toContain('nothing new today');
    expect(await uidOf(world, 'ConfigMap', 'sealed')).toBe(uid);
  });

  it('is not deleted when it holds data, without a second word', async () => {
    await using world = await startWorld(plane);
    const claim = (
      storageClassName: string,
      annotations: { readonly [name: string]: string },
    ): KubeObject => ({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'models', annotations },
      spec: {
        storageClassName,
        accessModes: ['ReadWriteOnce'],
        resources: { requests: { storage: '1Gi' } },
      },
    });
    const rules = { replaceImmutable: true } as const;
    await world.agent.give('web', world.hub.sign('web', [claim('fast', force)], { rules }));
    const uid = await until('the claim is there', () => uidOf(world, 'PersistentVolumeClaim', 'models'));
    await world.agent.give('web', world.hub.sign('web', [claim('slow', force)], { rules }));
    await refused(world, 'only with the annotation meridian.dev/replace: data');
    const live = await world.live('PersistentVolumeClaim', 'models');
    expect(live?.metadata).toMatchObject({ uid });
    expect(live?.metadata.deletionTimestamp).toBeUndefined();
  });

  it('is not deleted when it was made by somebody else', async () => {
    await using world = await startWorld(plane);
    await world.agent.give('web', world.hub.sign('web', [configMap('first')]));
    await world.agent.reaches('web', 'is done', isDone);
    const foreign = { ...sealed('1'), metadata: { name: 'sealed', namespace: world.namespace } };
    const { metadata } = await plane.kube.create(foreign, { fieldManager: 'somebody', signal });
    await world.agent.give(
      'web',
      world.hub.sign('web', [configMap('first'), sealed('2', replace('enabled'))]),
    );
    await refused(world, 'this application did not make it; delete it by hand');
    expect(await uidOf(world, 'ConfigMap', 'sealed')).toBe(metadata.uid);
  });

  it('that a finalizer holds is named with it, deleted once, and made when it is gone', async () => {
    await using world = await startWorld(plane);
    await world.agent.give('web', world.hub.sign('web', [sealed('1', replace('enabled'))]));
    await world.agent.reaches('web', 'is done', isDone);
    const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: world.namespace, name: 'sealed' };
    const finalizers = (names: readonly string[]) =>
      plane.kube.patch(
        ref,
        { type: 'merge', patch: { metadata: { finalizers: [...names] } } },
        { fieldManager: 'holder', signal },
      );
    await finalizers(['test.example/held']);
    const uid = await uidOf(world, 'ConfigMap', 'sealed');
    await world.agent.give(
      'web',
      world.hub.sign('web', [sealed('2', replace('enabled')), configMap('other')]),
    );
    await refused(world, 'is held by its finalizers test.example/held');
    await until('other objects go on', () => world.live('ConfigMap', 'other'));
    await world.restart();
    await refused(world, 'is held by its finalizers test.example/held');
    expect(await uidOf(world, 'ConfigMap', 'sealed')).toBe(uid);
    await finalizers([]);
    await world.agent.reaches('web', 'is done', isDone);
    expect(await dataOf(world)).toEqual({ key: '2' });
    expect(world.agent.events.filter(({ type }) => type === 'object.replaced')).toEqual([]);
  });
});
