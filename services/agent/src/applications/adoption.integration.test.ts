import type { KubeObject } from '@meridian/manifests';
import { describe, expect, it } from 'vitest';
import { usePlane } from '../testing/plane.ts';
import { configMap } from '../testing/rig.ts';
import { inside, makeNamespace, isDone, startWorld } from '../testing/world.ts';

const signal = new AbortController().signal;
const plane = usePlane('adoption');
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

const managersOf = (live: KubeObject | undefined): readonly string[] => {
  const entries = live?.metadata['managedFields'] as
    readonly { readonly manager: string; readonly operation: string }[] | undefined;
  return (entries ?? []).map(({ manager, operation }) => `${manager} ${operation}`).sort();
};

describe('objects that another tool has made from manifests', () => {
  it('lose what kubectl apply had set and git does not name, also the annotation of kubectl', async () => {
    await using world = await startWorld(plane);
    await makeNamespace(plane, world);
    const made = configMap('a', { kept: 'old', dropped: 'x' }, { [lastApplied]: '{}' });
    await plane.kube.create(inside(made, world), { fieldManager: 'kubectl-client-side-apply', signal });
    await world.agent.give('web', world.hub.sign('web', [configMap('a', { kept: 'new' })]));
    await world.agent.reaches('web', 'is done', isDone);
    const live = await world.live('ConfigMap', 'a');
    expect(live?.['data']).toEqual({ kept: 'new' });
    expect(live?.metadata.annotations?.[lastApplied]).toBeUndefined();
    expect(managersOf(live)).toEqual(['meridian Apply']);
  });

  it.each(['kubectl', 'helm', 'argocd-controller', 'kustomize-controller'])(
    'lose what server-side applies of %s had set and git drops',
    async (fieldManager) => {
      await using world = await startWorld(plane);
      await makeNamespace(plane, world);
      const made = inside(configMap('a', { kept: 'same', dropped: 'x' }), world);
      await plane.kube.apply(made, { fieldManager, force: true, signal });
      await world.agent.give('web', world.hub.sign('web', [configMap('a', { kept: 'same' })]));
      await world.agent.reaches('web', 'is done', isDone);
      const live = await world.live('ConfigMap', 'a');
      expect(live?.['data']).toEqual({ kept: 'same' });
      expect(managersOf(live)).toEqual(['meridian Apply']);
    },
  );

  it('keep what people and controllers have set beside git', async () => {
    await using world = await startWorld(plane);
    await makeNamespace(plane, world);
    const edited = inside(configMap('a', { beside: 'by hand' }), world);
    await plane.kube.create(edited, { fieldManager: 'kubectl-edit', signal });
    await world.agent.give('web', world.hub.sign('web', [configMap('a', { ours: 'value' })]));
    await world.agent.reaches('web', 'is done', isDone);
    const live = await world.live('ConfigMap', 'a');
    expect(live?.['data']).toEqual({ beside: 'by hand', ours: 'value' });
    expect(managersOf(live)).toEqual(['kubectl-edit Update', 'meridian Apply']);
  });

  it('are ours for good: another apply of the old tool is undone where it differs, and nothing flips', async () => {
    await using world = await startWorld(plane);
    await makeNamespace(plane, world);
    const made = inside(configMap('a', { kept: 'old', dropped: 'x' }), world);
    const options = { fieldManager: 'kustomize-controller', force: true, signal };
    await plane.kube.apply(made, options);
    await world.agent.give('web', world.hub.sign('web', [configMap('a', { kept: 'new' })]));
    await world.agent.reaches('web', 'is done', isDone);
    await plane.kube.apply(made, options);
    await world.agent.reaches(
      'web',
      'has healed it',
      (status) => isDone(status) && status.drift.some(({ healedAtMs }) => healedAtMs !== undefined),
    );
    const healed = await world.live('ConfigMap', 'a');
    expect(healed?.['data']).toEqual({ kept: 'new' });
    await world.agent.give('web', world.hub.sign('web', [configMap('a', { kept: 'new' }), configMap('b')]));
    await world.agent.reaches('web', 'is done', (status) => status.generation === 2 && isDone(status));
    expect((await world.live('ConfigMap', 'a'))?.metadata.resourceVersion).toBe(
      healed?.metadata.resourceVersion,
    );
  });

  it('is taken over when the agent was killed before it could apply again', async () => {
    await using world = await startWorld(plane);
    await makeNamespace(plane, world);
    const made = inside(configMap('a', { kept: 'old', dropped: 'x' }), world);
    await plane.kube.create(made, { fieldManager: 'kubectl-client-side-apply', signal });
    const half = inside(configMap('a', { kept: 'new' }), world);
    await plane.kube.apply(half, { fieldManager: 'meridian', force: true, signal });
    await world.agent.give('web', world.hub.sign('web', [configMap('a', { kept: 'new' })]));
    await world.agent.reaches('web', 'is done', isDone);
    expect((await world.live('ConfigMap', 'a'))?.['data']).toEqual({ kept: 'new' });
  });
});
