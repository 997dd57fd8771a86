import type { KubeObject } from '@meridian/manifests';
import { describe, expect, it } from 'vitest';
import { definition } from '../testing/definition.ts';
import { forbid } from '../testing/policies.ts';
import { usePlane } from '../testing/plane.ts';
import { configMap, until } from '../testing/rig.ts';
import { bring, isDone, startWorld } from '../testing/world.ts';
import type { World } from '../testing/world.ts';

const { signal } = new AbortController();
const plane = usePlane('ending');
const isSynced = ({ sync }: { readonly sync: string }) => sync === 'Synced';
const rbac = 'rbac.authorization.k8s.io';

const setFinalizers = (world: World, name: string, finalizers: readonly string[]) =>
  plane.kube.patch(
    { apiVersion: 'v1', kind: 'ConfigMap', namespace: world.namespace, name },
    { type: 'merge', patch: { metadata: { finalizers: [...finalizers] } } },
    { fieldManager: 'holder', signal },
  );

describe('objects that go', () => {
  it('go in reverse order, each after the one that was applied after it', async () => {
    await using world = await startWorld(plane);
    const objects: readonly KubeObject[] = [
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'a' } },
      {
        apiVersion: `${rbac}/v1`,
        kind: 'Role',
        metadata: { name: 'b' },
        rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
      },
      configMap('c'),
      configMap('d', {}, { 'meridian.dev/wave': '1' }),
      configMap('e', {}, { 'meridian.dev/wave': '2' }),
    ];
    await bring(world, objects);
    await bring(world, undefined, { allowedDeletions: 9 }, isSynced);
    const said = world.agent.events.find(({ type }) => type === 'objects.pruned')?.message ?? '';
    const order = [...said.matchAll(/\/([a-e])\b/g)].map(([, name]) => name);
    expect(order).toEqual(['e', 'd', 'c', 'b', 'a']);
  });

  it('are gone for good only when their finalizers let them, and nothing is deleted twice', async () => {
    await using world = await startWorld(plane);
    await bring(world, [configMap('held'), configMap('free')]);
    await setFinalizers(world, 'held', ['test.example/held']);
    await bring(world, [configMap('free')], { allowedDeletions: 1 });
    const going = await world.live('ConfigMap', 'held');
    expect(going?.metadata.deletionTimestamp).toBeDefined();
    await setFinalizers(world, 'held', []);
    await until('it is gone', async () => !(await world.live('ConfigMap', 'held')));
    expect(world.agent.events.filter(({ type }) => type === 'objects.pruned')).toHaveLength(1);
  });

  it('come back as new objects when git has them again while they are still going', async () => {
    await using world = await startWorld(plane);
    await bring(world, [configMap('held'), configMap('free')]);
    const before = (await world.live('ConfigMap', 'held'))?.metadata.uid;
    await setFinalizers(world, 'held', ['test.example/held']);
    await bring(world, [configMap('free')], { allowedDeletions: 1 });
    const signed = world.hub.sign('web', [configMap('free'), configMap('held')]);
    await world.agent.give('web', signed);
    await world.agent.reaches('web', 'has it', ({ generation }) => generation === signed.generation);
    await setFinalizers(world, 'held', []);
    await until('there is a new one', async () => {
      const uid = (await world.live('ConfigMap', 'held'))?.metadata.uid;
      return uid !== undefined && uid !== before;
    });
    await world.agent.reaches('web', 'is done', isDone);
  });

  it('stay known when their deletion is refused, are named, and go when it is not refused any more, also after a restart', async () => {
    await using world = await startWorld(plane);
    await bring(world, [configMap('stays'), configMap('goes')]);
    const allow = await forbid(plane, world.namespace, 'DELETE', 'not while the audit runs');
    const failed = await bring(
      world,
      [configMap('stays')],
      { allowedDeletions: 1 },
      ({ sync }) => sync === 'Failed',
    );
    expect(failed.message).toContain(`ConfigMap ${world.namespace}/goes cannot be deleted: `);
    expect(failed.message).toContain('not while the audit runs');
    await world.restart();
    await world.agent.reaches('web', 'still says so', ({ sync }) => sync === 'Failed');
    expect(await world.live('ConfigMap', 'goes')).toBeDefined();
    await allow();
    await world.agent.reaches('web', 'is done', isDone);
    expect(await world.live('ConfigMap', 'goes')).toBeUndefined();
  });

  it('do not keep their application from its end when their definition went before them', async () => {
    await using world = await startWorld(plane);
    const group = `${world.namespace}.example.org`;
    const made = definition({ group, kind: 'Model' });
    const model = { apiVersion: `${group}/v1`, kind: 'Model', metadata: { name: 'm' } };
    await plane.kube.create(made, { fieldManager: 'test', signal });
    await bring(world, [model, configMap('a')]);
    const ref = { apiVersion: made.apiVersion, kind: made.kind, name: made.metadata.name };
    await plane.kube.remove(ref, { signal });
    await until('the definition is gone', async () => !(await plane.kube.get(ref, signal)));
    await world.restart();
    await bring(world, [configMap('b')], { allowedDeletions: 9 });
    expect(await world.live('ConfigMap', 'a')).toBeUndefined();
  });

  it('are made again when the bundle was empty for a while', async () => {
    await using world = await startWorld(plane);
    await bring(world, [configMap('a'), configMap('b')]);
    await bring(world, [], { allowedDeletions: 9 }, isSynced);
    expect(await world.live('ConfigMap', 'a')).toBeUndefined();
    await bring(world, [configMap('a'), configMap('b')]);
    expect(await world.live('ConfigMap', 'b')).toBeDefined();
    await bring(world, undefined, { allowedDeletions: 9 }, isSynced);
    await bring(world, [configMap('a')]);
    expect(await world.live('ConfigMap', 'a')).toBeDefined();
  });

  it('do not go while their application is paused, not even when it is withdrawn', async () => {
    await using world = await startWorld(plane);
    await bring(world, [configMap('a')]);
    const sinceMs = Date.now();
    const pause = { sinceMs, untilMs: sinceMs + 3_600_000, author: 'lena', reason: 'look first' };
    const signed = world.hub.sign('web', undefined, { allowedDeletions: 9, pause });
    await world.agent.give('web', signed);
    await world.agent.reaches('web', 'is paused', ({ message }) => message.includes('look first'));
    await world.restart();
    await world.agent.reaches('web', 'is paused', ({ message }) => message.includes('look first'));
    expect((await world.live('ConfigMap', 'a'))?.metadata.deletionTimestamp).toBeUndefined();
    await bring(world, undefined, { allowedDeletions: 9 }, isSynced);
    expect(await world.live('ConfigMap', 'a')).toBeUndefined();
  });
});
