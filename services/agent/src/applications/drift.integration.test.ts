import type { KubeObject } from '@meridian/manifests';
import { describe, expect, it } from 'vitest';
import { usePlane } from '../testing/plane.ts';
import { configMap, until } from '../testing/rig.ts';
import { isDone, startWorld } from '../testing/world.ts';
import type { World } from '../testing/world.ts';

const { signal } = new AbortController();
const plane = usePlane('drift');

const withPolicy = (name: string, policy: string): KubeObject =>
  configMap(name, { key: 'value' }, { 'meridian.dev/drift': policy });

async function edit(world: World, name: string, key: string, fieldManager = 'kubectl-edit'): Promise<void> {
  const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: world.namespace, name };
  await plane.kube.patch(ref, { type: 'merge', patch: { data: { key } } }, { fieldManager, signal });
}

const keyOf = async (world: World, name: string): Promise<unknown> =>
  (await world.live('ConfigMap', name))?.['data'];

const isHealed = (world: World, name: string): Promise<boolean> =>
  until(`${name} is healed`, async () => JSON.stringify(await keyOf(world, name)) === '{"key":"value"}');

describe('drift of an object', () => {
  it('is corrected, reported or ignored as its annotation says, also after a restart', async () => {
    await using world = await startWorld(plane);
    const objects = [withPolicy('free', 'ignore'), withPolicy('told', 'report'), configMap('kept')];
    await world.agent.give('web', world.hub.sign('web', objects));
    await world.agent.reaches('web', 'is done', isDone);
    for (const name of ['free', 'told', 'kept']) await edit(world, name, 'edited');
    await isHealed(world, 'kept');
    const isTold = (): Promise<unknown> =>
      world.agent.reaches('web', 'tells of one object', ({ message }) =>
        message.endsWith('told was modified by kubectl-edit and is not healed by policy'),
      );
    await isTold();
    await world.restart();
    await isTold();
    const open = world.agent.status('web')?.drift.filter(({ healedAtMs }) => healedAtMs === undefined);
    expect(open?.map(({ key }) => key.name)).toEqual(['told']);
    expect(await keyOf(world, 'free')).toEqual({ key: 'edited' });
    expect(await keyOf(world, 'told')).toEqual({ key: 'edited' });
  });

  it('is corrected by its annotation in an application that is not healed', async () => {
    await using world = await startWorld(plane);
    const objects = [withPolicy('kept', 'correct'), configMap('told')];
    await world.agent.give('web', world.hub.sign('web', objects, { selfHeal: false }));
    await world.agent.reaches('web', 'is done', isDone);
    await edit(world, 'told', 'edited');
    await edit(world, 'kept', 'edited');
    await isHealed(world, 'kept');
    expect(await keyOf(world, 'told')).toEqual({ key: 'edited' });
  });

  it('is written over by a bundle that has other content, whatever the policy', async () => {
    await using world = await startWorld(plane);
    await world.agent.give('web', world.hub.sign('web', [withPolicy('free', 'ignore')]));
    await world.agent.reaches('web', 'is done', isDone);
    await edit(world, 'free', 'edited');
    const next = { ...withPolicy('free', 'ignore'), data: { key: 'next' } };
    await world.agent.give('web', world.hub.sign('web', [next]));
    await world.agent.reaches(
      'web',
      'has the second',
      (status) => status.generation === 2 && status.sync === 'Synced',
    );
    expect(await keyOf(world, 'free')).toEqual({ key: 'next' });
  });
});

describe('a fight over an object', () => {
  it('ends in one alarm that names the fighter and stays, while another object is healed at once', async () => {
    await using world = await startWorld(plane);
    await world.agent.give('web', world.hub.sign('web', [configMap('fought'), configMap('other')]));
    await world.agent.reaches('web', 'is done', isDone);
    for (let round = 0; round < 8; round += 1) {
      await edit(world, 'fought', `edit ${round}`, 'other-operator');
      await isHealed(world, 'fought');
    }
    const alarm =
      'was modified by other-operator again after each heal, so healing slows down; stop other-operator or drop the fields it sets (data.key)';
    // The object is as desired just now; the alarm is there all the same.
    expect(world.agent.status('web')?.message).toContain(alarm);
    const alarms = world.agent.events.filter(({ type }) => type === 'drift.fought');
    expect(alarms).toHaveLength(1);
    expect(alarms[0]).toMatchObject({ level: 'error' });
    expect(alarms[0]?.message).toContain(alarm);
    await edit(world, 'fought', 'again', 'other-operator');
    await edit(world, 'other', 'edited');
    await isHealed(world, 'other');
    expect(await keyOf(world, 'fought')).toEqual({ key: 'again' });
  });
});
