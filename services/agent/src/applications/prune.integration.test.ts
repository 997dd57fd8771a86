import { describe, expect, it } from 'vitest';
import { usePlane } from '../testing/plane.ts';
import { configMap } from '../testing/rig.ts';
import { isDone, startWorld } from '../testing/world.ts';

const signal = new AbortController().signal;
const plane = usePlane('prune');

describe('an agent that may delete so much and no more', () => {
  it('prunes what left the bundle within its allowance, and not more', async () => {
    await using world = await startWorld(plane);
    const { agent, hub } = world;
    await agent.give('web', hub.sign('web', [configMap('a'), configMap('b'), configMap('c')]));
    await agent.reaches('web', 'is done', isDone);
    await agent.give('web', hub.sign('web', [configMap('a')], { allowedDeletions: 1 }));
    const refused = await agent.reaches('web', 'asks for approval', ({ sync }) => sync === 'OutOfSync');
    expect(refused.message).toContain('2 objects would be deleted (ConfigMap');
    expect(refused.message).toContain(
      'but 1 allowed; approve it with "meridian approve web", delete them by hand, or keep them',
    );
    expect(refused).toMatchObject({ generation: 2, refusedDeletions: 2 });
    expect(await world.live('ConfigMap', 'b')).toBeDefined();
    await agent.give('web', hub.sign('web', [configMap('a')], { allowedDeletions: 2 }));
    const pruned = await agent.reaches('web', 'is done', isDone);
    expect(pruned.refusedDeletions).toBeUndefined();
    expect(await world.live('ConfigMap', 'b')).toBeUndefined();
    expect(await world.live('ConfigMap', 'c')).toBeUndefined();
    expect(await world.live('ConfigMap', 'a')).toBeDefined();
  });

  it('forgets what a person deleted or took over instead of approving, and says its refusal once', async () => {
    await using world = await startWorld(plane);
    const { agent, hub } = world;
    await agent.give('web', hub.sign('web', [configMap('a'), configMap('b'), configMap('c')]));
    await agent.reaches('web', 'is done', isDone);
    await agent.give('web', hub.sign('web', [configMap('a')]));
    await agent.reaches('web', 'refuses', ({ refusedDeletions }) => refusedDeletions === 2);
    const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: world.namespace };
    await plane.kube.remove({ ...ref, name: 'b' }, { signal });
    await agent.reaches('web', 'refuses one less', ({ refusedDeletions }) => refusedDeletions === 1);
    const annotations = { 'meridian.dev/prune': 'disabled' };
    await plane.kube.patch(
      { ...ref, name: 'c' },
      { type: 'merge', patch: { metadata: { annotations } } },
      { fieldManager: 'kubectl-annotate', signal },
    );
    await agent.reaches('web', 'is done', isDone);
    expect(await world.live('ConfigMap', 'c')).toBeDefined();
    expect(agent.events.filter(({ type }) => type === 'prune.refused')).toHaveLength(2);
  });

  it('uses its allowance up: what is to go later under the same assignment does not go with it', async () => {
    await using world = await startWorld(plane);
    const { hub } = world;
    const kept = configMap('b', {}, { 'meridian.dev/prune': 'disabled' });
    await world.agent.give('web', hub.sign('web', [configMap('a'), kept, configMap('c')]));
    await world.agent.reaches('web', 'is done', isDone);
    await world.agent.give('web', hub.sign('web', [configMap('c')], { allowedDeletions: 1 }));
    await world.agent.reaches('web', 'is done', (status) => status.generation === 2 && isDone(status));
    expect(await world.live('ConfigMap', 'a')).toBeUndefined();
    const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: world.namespace, name: 'b' };
    await plane.kube.patch(
      ref,
      { type: 'merge', patch: { metadata: { annotations: { 'meridian.dev/prune': null } } } },
      { fieldManager: 'kubectl-annotate', signal },
    );
    await world.restart();
    const refused = await world.agent.reaches(
      'web',
      'refuses',
      ({ refusedDeletions }) => refusedDeletions === 1,
    );
    expect(refused.message).toContain('but 0 allowed');
    expect(await world.live('ConfigMap', 'b')).toBeDefined();
  });

  it('prunes nothing for an emptied bundle without allowance, and all of a withdrawn application with it', async () => {
    await using world = await startWorld(plane);
    const { agent, hub } = world;
    await agent.give('web', hub.sign('web', [configMap('a'), configMap('b')]));
    await agent.reaches('web', 'is done', isDone);
    await agent.give('web', hub.sign('web', []));
    await agent.reaches(
      'web',
      'asks for approval',
      ({ sync, generation }) => generation === 2 && sync === 'OutOfSync',
    );
    expect(await world.live('ConfigMap', 'a')).toBeDefined();
    await agent.give('web', hub.sign('web', undefined, { allowedDeletions: 1 }));
    await agent.reaches(
      'web',
      'asks for approval again',
      ({ generation, refusedDeletions }) => generation === 3 && refusedDeletions === 2,
    );
    await world.restart();
    await world.agent.reaches(
      'web',
      'refuses the same after its restart',
      ({ generation, refusedDeletions }) => generation === 3 && refusedDeletions === 2,
    );
    await world.agent.give('web', hub.sign('web', undefined, { allowedDeletions: 2 }));
    await world.agent.reaches(
      'web',
      'is done',
      ({ generation, sync }) => generation === 4 && sync === 'Synced',
    );
    expect(await world.live('ConfigMap', 'a')).toBeUndefined();
    expect(
      await plane.kube.get({ apiVersion: 'v1', kind: 'Namespace', name: world.namespace }, signal),
    ).toBeDefined();
  });

  it('keeps an object that asks to be kept, and one that was taken from us', async () => {
    await using world = await startWorld(plane);
    const { agent, hub, namespace } = world;
    await agent.give(
      'web',
      hub.sign('web', [configMap('kept', {}, { 'meridian.dev/prune': 'disabled' }), configMap('taken')]),
    );
    await agent.reaches('web', 'is done', isDone);
    await agent.stop();
    const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'taken' };
    await plane.kube.remove(ref, { signal });
    await plane.kube.create(
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'taken', namespace } },
      { fieldManager: 'other', signal },
    );
    await world.restart();
    await world.agent.give('web', hub.sign('web', [], { allowedDeletions: 9 }));
    await world.agent.reaches(
      'web',
      'is done',
      ({ generation, sync }) => generation === 2 && sync === 'Synced',
    );
    expect(await world.live('ConfigMap', 'kept')).toBeDefined();
  });
});
