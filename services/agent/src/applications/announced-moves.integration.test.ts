import type { ApplicationStatus, Assignment, Moves } from '@meridian/fleet';
import type { KubeObject } from '@meridian/manifests';
import { describe, expect, it } from 'vitest';
import { followDeletions } from '../testing/deletions.ts';
import { usePlane } from '../testing/plane.ts';
import { configMap, until } from '../testing/rig.ts';
import { isDone, startWorld } from '../testing/world.ts';
import type { World } from '../testing/world.ts';

const plane = usePlane('announced-moves');
const label = 'meridian.dev/application';

const idOf = ({ namespace }: World, name: string) => `/ConfigMap/${namespace}/${name}`;
const moving = (world: World, application: string, ...names: readonly string[]): Moves => ({
  to: { [application]: names.map((name) => idOf(world, name)) },
});
const live = (world: World, name: string) => world.live('ConfigMap', name);
const ownerOf = async (world: World, name: string) => (await live(world, name))?.metadata.labels?.[label];
const uidOf = async (world: World, name: string) => (await live(world, name))?.metadata.uid;
const isGone = (world: World, name: string) => async () => (await live(world, name)) === undefined;

const give = (
  { agent, hub }: World,
  application: string,
  names: readonly string[] | undefined,
  changes: Partial<Assignment> = {},
) =>
  agent.give(
    application,
    hub.sign(
      application,
      names?.map((name) => configMap(name)),
      { allowedDeletions: 9, ...changes },
    ),
  );

const isAt =
  (generation: number, text = '') =>
  (status: ApplicationStatus): boolean =>
    status.generation === generation && isDone(status) && status.message.includes(text);

/** A world in which application `a` has three objects, at generation 1. */
const startMove = async (): Promise<World> => {
  const world = await startWorld(plane);
  await give(world, 'a', ['kept', 'moved', 'dropped']);
  await world.agent.reaches('a', 'is done', isDone);
  return world;
};

/** Application `a` has dropped two of them, at generation 2, and knows that one of them moves. */
const startWait = async (): Promise<World> => {
  const world = await startMove();
  await give(world, 'a', ['kept'], { release: 'two', moves: moving(world, 'b', 'moved') });
  await world.agent.reaches('a', 'waits', isAt(2, waitOf(world, 'b')));
  return world;
};

const waitOf = ({ namespace }: World, application: string) =>
  `waits for application ${application} to take over ConfigMap ${namespace}/moved`;

/** The same assignment of `a`, signed anew by a hub that knows something else of what moves. */
const renew = (world: World, moves: Moves | undefined) =>
  give(world, 'a', ['kept'], {
    release: 'two',
    generation: 2,
    expiresAtMs: Date.now() + 90_000_000,
    ...(moves ? { moves } : {}),
  });

describe('an object that moves, announced by the hub', () => {
  it('stays until the new application has it, however late that comes; what nobody wants goes', async () => {
    await using world = await startMove();
    const seen = await followDeletions(plane, world);
    const uid = await uidOf(world, 'moved');
    await give(world, 'a', ['kept'], { moves: moving(world, 'b', 'moved') });
    await world.agent.reaches('a', 'waits', isAt(2, waitOf(world, 'b')));
    await until('the other one is gone', isGone(world, 'dropped'));
    expect(await ownerOf(world, 'moved')).toBe('a');
    await give(world, 'b', ['moved']);
    await world.agent.reaches('b', 'is done', isDone);
    await world.agent.reaches('a', 'waits no more', (status) => isDone(status) && status.message === '');
    expect([await ownerOf(world, 'moved'), await uidOf(world, 'moved')]).toEqual(['b', uid]);
    expect(await seen()).toEqual(['dropped']);
  });

  it('goes once the hub says that nobody wants it any more, at the same generation', async () => {
    await using world = await startWait();
    await renew(world, undefined);
    await until('it is gone', isGone(world, 'moved'));
    const status = await world.agent.reaches('a', 'is done', isAt(2));
    expect(status.message).toBe('');
  });

  it('goes to a third application when the second one never got it', async () => {
    await using world = await startWait();
    const seen = await followDeletions(plane, world);
    await renew(world, moving(world, 'c', 'moved'));
    await world.agent.reaches('a', 'waits for another', isAt(2, waitOf(world, 'c')));
    await give(world, 'c', ['moved']);
    await world.agent.reaches('c', 'is done', isDone);
    expect(await ownerOf(world, 'moved')).toBe('c');
    expect(await seen()).toEqual([]);
  });

  it('waits for an agent that is stopped in between and loses its disk', async () => {
    await using world = await startWait();
    const seen = await followDeletions(plane, world);
    await world.restart({ withoutDisk: true });
    await world.agent.reaches('a', 'waits as before', isAt(2, waitOf(world, 'b')));
    await world.restart();
    await give(world, 'b', ['moved']);
    await world.agent.reaches('b', 'is done', isDone);
    expect(await ownerOf(world, 'moved')).toBe('b');
    expect(await seen()).toEqual([]);
  });

  it('is remembered as renewed by an agent that is stopped', async () => {
    await using world = await startWait();
    await renew(world, moving(world, 'c', 'moved'));
    await world.agent.reaches('a', 'waits for another', isAt(2, waitOf(world, 'c')));
    await world.restart();
    await world.agent.reaches('a', 'waits as before', isAt(2, waitOf(world, 'c')));
    expect(await ownerOf(world, 'moved')).toBe('a');
  });

  it('stays as the rest of its application is withdrawn, and holds up no hook for its end', async () => {
    await using world = await startMove();
    const { hub, agent } = world;
    const last: KubeObject = configMap('last-word', {}, { 'meridian.dev/hook': 'PostDelete' });
    await agent.give(
      'a',
      hub.sign('a', [configMap('kept'), configMap('moved'), last], { allowedDeletions: 9 }),
    );
    await agent.reaches('a', 'is done', isAt(2));
    await give(world, 'a', undefined, { moves: moving(world, 'b', 'moved') });
    await agent.reaches('a', 'has ended', isAt(3, waitOf(world, 'b')));
    expect([await live(world, 'kept'), await ownerOf(world, 'moved')]).toEqual([undefined, 'a']);
    await until('its hook has run', () => live(world, 'last-word'));
    await give(world, 'b', ['moved']);
    await agent.reaches('b', 'is done', isDone);
    await agent.reaches('a', 'waits no more', ({ message }) => message === '');
    expect(await ownerOf(world, 'moved')).toBe('b');
  });

  it('holds up the hooks for the end while nobody knows whether it moves or goes', async () => {
    await using world = await startMove();
    const { hub, agent } = world;
    const last: KubeObject = configMap('last-word', {}, { 'meridian.dev/hook': 'PostDelete' });
    await agent.give('a', hub.sign('a', [configMap('moved'), last], { allowedDeletions: 9 }));
    await agent.reaches('a', 'is done', isAt(2));
    const withdrawn = { release: 'three', generation: 3 };
    await give(world, 'a', undefined, {
      ...withdrawn,
      moves: { to: {}, unclear: [idOf(world, 'moved')] },
    });
    await agent.reaches('a', 'waits', ({ generation, message }) => {
      return generation === 3 && message.includes('until the hub knows');
    });
    expect(await live(world, 'last-word')).toBeUndefined();
    await give(world, 'a', undefined, { ...withdrawn, expiresAtMs: Date.now() + 90_000_000 });
    await until('its hook has run', () => live(world, 'last-word'));
    expect(await live(world, 'moved')).toBeUndefined();
  });

  it('can be swapped for one of the other application, however late that follows', async () => {
    await using world = await startMove();
    await give(world, 'b', ['theirs']);
    await world.agent.reaches('b', 'is done', isDone);
    const uids = async () => [await uidOf(world, 'moved'), await uidOf(world, 'theirs')];
    const before = await uids();
    await give(world, 'a', ['kept', 'theirs'], { moves: moving(world, 'b', 'moved') });
    await world.agent.reaches('a', 'misses it', ({ message }) => message.includes('b has it already'));
    expect(await ownerOf(world, 'moved')).toBe('a');
    await give(world, 'b', ['moved'], { moves: moving(world, 'a', 'theirs') });
    await world.agent.reaches('a', 'is done', isAt(3));
    await world.agent.reaches('b', 'is done', isAt(4));
    expect(await uids()).toEqual(before);
    expect([await ownerOf(world, 'moved'), await ownerOf(world, 'theirs')]).toEqual(['b', 'a']);
  });

  it('may be one that the hub knows too little of: it stays, and everything when not all could be named', async () => {
    await using world = await startMove();
    const unclear = { to: {}, unclear: [idOf(world, 'moved')] };
    await give(world, 'a', ['kept', 'dropped'], { release: 'two', moves: unclear });
    const text = `keeps ConfigMap ${world.namespace}/moved until the hub knows`;
    await world.agent.reaches('a', 'waits', isAt(2, text));
    await give(world, 'a', ['kept'], { moves: { ...unclear, isPartial: true } });
    const status = await world.agent.reaches('a', 'waits', isAt(3, 'until the hub knows'));
    expect(status.message).toContain(`ConfigMap ${world.namespace}/dropped`);
    expect([await ownerOf(world, 'moved'), await ownerOf(world, 'dropped')]).toEqual(['a', 'a']);
  });

  it('counts for nothing that the assignment lets the agent delete', async () => {
    await using world = await startMove();
    await give(world, 'a', ['kept'], { allowedDeletions: 1, moves: moving(world, 'b', 'moved') });
    await world.agent.reaches('a', 'waits', isAt(2, waitOf(world, 'b')));
    await until('the other one is gone', isGone(world, 'dropped'));
  });
});
