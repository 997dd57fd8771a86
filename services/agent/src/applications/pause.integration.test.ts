import type { Assignment, Pause } from '@meridian/fleet';
import type { KubeObject } from '@meridian/manifests';
import { describe, expect, it } from 'vitest';
import { usePlane } from '../testing/plane.ts';
import { configMap, until } from '../testing/rig.ts';
import { isDone, startWorld } from '../testing/world.ts';
import type { World } from '../testing/world.ts';

const { signal } = new AbortController();
const plane = usePlane('pause');

const lena = (forMs: number): Pause => {
  const sinceMs = Date.now();
  return { sinceMs, untilMs: sinceMs + forMs, author: 'lena', reason: 'hot patch' };
};

/** The same assignment signed anew, with a pause or without. */
async function renew(
  world: World,
  objects: readonly KubeObject[],
  changes: Partial<Assignment> = {},
): Promise<void> {
  const { generation = 0, release = '' } = world.agent.status('web') ?? {};
  const expiresAtMs = Date.now() + 2 * 86_400_000;
  const signed = world.hub.sign('web', objects, { generation, release, expiresAtMs, ...changes });
  expect(await world.agent.give('web', signed)).toEqual({ decision: 'renew' });
}

async function edit(world: World, name: string, key: string): Promise<void> {
  const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: world.namespace, name };
  const options = { fieldManager: 'kubectl-edit', signal };
  await plane.kube.patch(ref, { type: 'merge', patch: { data: { key } } }, options);
}

const dataOf = async (world: World, name: string): Promise<unknown> =>
  (await world.live('ConfigMap', name))?.['data'];

const isPaused = (world: World): Promise<unknown> =>
  world.agent.reaches('web', 'is paused', ({ message }) => message.startsWith('paused by lena until '));

const objects = [configMap('a'), configMap('b')];

async function startApplied(): Promise<World> {
  const world = await startWorld(plane);
  await world.agent.give('web', world.hub.sign('web', objects));
  await world.agent.reaches('web', 'is done', isDone);
  return world;
}

describe('a pause', () => {
  it('keeps an emergency patch, also over a restart, reports it as drift, and heals it when a person resumes', async () => {
    await using world = await startApplied();
    await renew(world, objects, { pause: lena(3_600_000) });
    await isPaused(world);
    await edit(world, 'a', 'patched');
    const isReported = () =>
      world.agent.reaches('web', 'reports the patch', ({ message, sync }) => {
        const text = 'a was modified by kubectl-edit and is not healed during the pause';
        return sync === 'OutOfSync' && message.includes(': hot patch; ') && message.endsWith(text);
      });
    expect((await isReported()).drift).toMatchObject([{ manager: 'kubectl-edit' }]);
    await world.restart();
    await isReported();
    expect(await dataOf(world, 'a')).toEqual({ key: 'patched' });
    await renew(world, objects, { expiresAtMs: Date.now() + 3 * 86_400_000 });
    await world.agent.reaches('web', 'is done', isDone);
    expect(await dataOf(world, 'a')).toEqual({ key: 'value' });
    const types = world.agent.events.map(({ type }) => type);
    expect(types.filter((type) => type.startsWith('pause.'))).toEqual(['pause.started', 'pause.ended']);
  });

  it('ends by itself without any word of the hub, and heals then', async () => {
    await using world = await startApplied();
    const pause = lena(3_000);
    await renew(world, objects, { pause });
    await isPaused(world);
    await edit(world, 'a', 'patched');
    await world.agent.reaches('web', 'reports the patch', ({ sync }) => sync === 'OutOfSync');
    const status = await world.agent.reaches('web', 'is done', isDone);
    expect(status.observedAtMs).toBeGreaterThanOrEqual(pause.untilMs);
    expect(status.message).toBe('');
    expect(await dataOf(world, 'a')).toEqual({ key: 'value' });
  });

  it('keeps a new bundle, applies and prunes nothing of it before the end', async () => {
    await using world = await startApplied();
    const pause = lena(3_600_000);
    const next = [configMap('a', { key: 'next' })];
    const signed = world.hub.sign('web', next, { pause, allowedDeletions: 1 });
    await world.agent.give('web', signed);
    await world.agent.reaches('web', 'has taken it over', ({ generation }) => generation === 2);
    await isPaused(world);
    expect(world.agent.status('web')).toMatchObject({ sync: 'Applying', generation: 2 });
    expect(await dataOf(world, 'a')).toEqual({ key: 'value' });
    expect(await dataOf(world, 'b')).toEqual({ key: 'value' });
    await renew(world, next, { allowedDeletions: 1 });
    await world.agent.reaches('web', 'is done', isDone);
    expect(await dataOf(world, 'a')).toEqual({ key: 'next' });
    await until('b is pruned', async () => (await dataOf(world, 'b')) === undefined);
  });

  it('is not obeyed when it has no end that a pause can have', async () => {
    await using world = await startApplied();
    const sinceMs = Date.now() + 7 * 86_400_000;
    await renew(world, objects, { pause: { ...lena(0), sinceMs, untilMs: sinceMs + 3_600_000 } });
    await edit(world, 'a', 'patched');
    await until('it is healed', async () => JSON.stringify(await dataOf(world, 'a')) === '{"key":"value"}');
  });
});
