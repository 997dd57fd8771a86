import type { ApplicationStatus } from '@meridian/fleet';
import type { JsonObject, KubeObject } from '@meridian/manifests';
import { gpuNodes } from '@meridian/testkit';
import { describe, expect, it } from 'vitest';
import { usePlane } from '../testing/plane.ts';
import { configMap, createHandHub, deployment, until } from '../testing/rig.ts';
import { isDone, startWorld } from '../testing/world.ts';

const signal = new AbortController().signal;
const plane = usePlane('one', { nodes: gpuNodes('one', 1) });

const reasonOf =
  (kind: string) =>
  ({ objects }: ApplicationStatus): string | undefined =>
    objects.find(({ key }) => key.kind === kind)?.reason;

/** A Deployment that leaves its replicas to an autoscaler. */
function unscaled(name: string): KubeObject {
  const { replicas: _replicas, ...spec } = deployment(name)['spec'] as JsonObject;
  return { ...deployment(name), spec };
}

function autoscaler(name: string, minReplicas: number): KubeObject {
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name };
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name },
    spec: { scaleTargetRef, minReplicas, maxReplicas: 5 },
  };
}

describe('an agent on a real control plane', () => {
  it('makes the namespace, applies in order and becomes synced and healthy', async () => {
    await using world = await startWorld(plane);
    await world.agent.give('web', world.hub.sign('web', [deployment('web', 2), configMap('settings')]));
    const status = await world.agent.reaches('web', 'is done', isDone);
    expect(status.message).toBe('');
    expect(status.generation).toBe(1);
    expect(status.appliedAtMs).toBeGreaterThan(0);
    expect(status.objects.map(({ key, health }) => [key.kind, health])).toEqual([
      ['ConfigMap', 'Healthy'],
      ['Deployment', 'Healthy'],
    ]);
    const live = await world.live('ConfigMap', 'settings');
    expect(live?.metadata.labels).toEqual({ 'meridian.dev/application': 'web' });
  });

  it('is not healthy with the one replica that an autoscaler has yet to raise to its minimum', async () => {
    await using world = await startWorld(plane);
    await world.agent.give('web', world.hub.sign('web', [unscaled('web'), autoscaler('web', 3)]));
    const status = await world.agent.reaches('web', 'is done', isDone);
    expect(reasonOf('Deployment')(status)).toBe('all 3 replicas are available');
    const live = await world.live('Deployment', 'web', 'apps/v1');
    expect(live?.['spec']).toMatchObject({ replicas: 3 });
  });

  it('opens the wave of an autoscaler target, and the one after it with the minimum of replicas only', async () => {
    await using world = await startWorld(plane);
    const inWave = (wave: number, object: KubeObject): KubeObject => ({
      ...object,
      metadata: { ...object.metadata, annotations: { 'meridian.dev/wave': String(wave) } },
    });
    const objects = [autoscaler('web', 3), inWave(1, unscaled('web')), inWave(2, configMap('after'))];
    await world.agent.give('web', world.hub.sign('web', objects));
    const opened = await world.agent.reaches(
      'web',
      'opens the last wave',
      (status) => reasonOf('ConfigMap')(status) !== 'the object is not applied yet',
    );
    expect(reasonOf('Deployment')(opened)).toBe('all 3 replicas are available');
    await world.agent.reaches('web', 'is done', isDone);
  });

  it('heals a scaled deployment and names who scaled it', async () => {
    await using world = await startWorld(plane);
    await world.agent.give('web', world.hub.sign('web', [deployment('web', 2)]));
    await world.agent.reaches('web', 'is done', isDone);
    const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: world.namespace, name: 'web' };
    await plane.kube.patch(
      ref,
      { type: 'merge', patch: { spec: { replicas: 5 } } },
      { fieldManager: 'kubectl', signal },
    );
    const status = await world.agent.reaches(
      'web',
      'has healed',
      ({ drift }) => drift[0]?.healedAtMs !== undefined,
    );
    expect(status.drift[0]).toMatchObject({
      change: 'modified',
      manager: 'kubectl',
      fields: [{ path: 'spec.replicas', desired: '2', live: '5' }],
    });
    const live = await world.live('Deployment', 'web', 'apps/v1');
    expect(live?.['spec']).toMatchObject({ replicas: 2 });
    expect(world.agent.events.map(({ type }) => type)).toContain('drift.healed');
  });

  it('brings a deleted object back', async () => {
    await using world = await startWorld(plane);
    await world.agent.give('web', world.hub.sign('web', [configMap('settings')]));
    await world.agent.reaches('web', 'is done', isDone);
    const before = await world.live('ConfigMap', 'settings');
    await plane.kube.remove(
      { apiVersion: 'v1', kind: 'ConfigMap', namespace: world.namespace, name: 'settings' },
      { signal },
    );
    const status = await world.agent.reaches(
      'web',
      'has healed',
      ({ drift }) => drift[0]?.healedAtMs !== undefined,
    );
    expect(status.drift[0]).toMatchObject({ change: 'deleted', manager: 'unknown' });
    const live = await world.live('ConfigMap', 'settings');
    expect(live?.metadata.uid).not.toBe(before?.metadata.uid);
  });

  it('puts its label back and tells that from a deletion', async () => {
    await using world = await startWorld(plane);
    await world.agent.give('web', world.hub.sign('web', [configMap('settings')]));
    await world.agent.reaches('web', 'is done', isDone);
    const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: world.namespace, name: 'settings' };
    const patch = { metadata: { labels: { 'meridian.dev/application': null } } };
    await plane.kube.patch(ref, { type: 'merge', patch }, { fieldManager: 'kubectl-label', signal });
    const status = await world.agent.reaches(
      'web',
      'has healed',
      ({ drift }) => drift[0]?.healedAtMs !== undefined,
    );
    expect(status.drift[0]).toMatchObject({
      change: 'modified',
      fields: [{ path: 'metadata.labels[meridian.dev/application]', live: 'absent' }],
    });
    expect((await world.live('ConfigMap', 'settings'))?.metadata.labels).toEqual({
      'meridian.dev/application': 'web',
    });
  });

  it('only reports drift when healing is off, also after a restart', async () => {
    await using world = await startWorld(plane);
    await world.agent.give('web', world.hub.sign('web', [configMap('settings')], { selfHeal: false }));
    await world.agent.reaches('web', 'is done', isDone);
    const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: world.namespace, name: 'settings' };
    await plane.kube.patch(
      ref,
      { type: 'merge', patch: { data: { key: 'edited' } } },
      { fieldManager: 'kubectl-edit', signal },
    );
    const drifted = await world.agent.reaches('web', 'is out of sync', ({ sync }) => sync === 'OutOfSync');
    expect(drifted.message).toContain('was modified by kubectl-edit and is not healed by policy');
    await world.restart();
    const again = await world.agent.reaches('web', 'is out of sync', ({ sync }) => sync === 'OutOfSync');
    expect(again.drift[0]).toMatchObject({
      manager: 'kubectl-edit',
      fields: [{ path: 'data.key', desired: '"value"', live: '"edited"' }],
    });
    expect((await world.live('ConfigMap', 'settings'))?.['data']).toEqual({ key: 'edited' });
  });

  it('refuses a lower generation, another cluster and a bad signature', async () => {
    await using world = await startWorld(plane);
    const { agent, hub } = world;
    const old = hub.sign('web', [configMap('old')]);
    const present = hub.sign('web', [configMap('present')]);
    await agent.give('web', present);
    await agent.reaches('web', 'is done', isDone);
    expect(await agent.give('web', old)).toMatchObject({
      decision: 'refuse',
      reason: 'its generation 1 is below 2',
    });
    const other = hub.sign('web', [configMap('other')], { cluster: 'two' });
    expect(await agent.give('web', other)).toMatchObject({ decision: 'refuse' });
    const forged = createHandHub('one', world.namespace).sign('web', [configMap('forged')], {
      generation: 9,
    });
    expect(await agent.give('web', forged)).toMatchObject({ decision: 'refuse' });
    expect(await agent.give('web', present)).toEqual({ decision: 'same' });
    expect(agent.events.filter(({ type }) => type === 'assignment.refused')).toHaveLength(3);
    for (const name of ['old', 'other', 'forged'])
      expect(await world.live('ConfigMap', name)).toBeUndefined();
  });

  it('does not follow a ledger that went back, says so once and in its status, and goes on with it above that', async () => {
    await using world = await startWorld(plane);
    const { agent, hub } = world;
    const first = hub.sign('web', [configMap('first')], { term: 3, allowedDeletions: 9 });
    const second = hub.sign('web', [configMap('second')], { term: 4, allowedDeletions: 9 });
    const refusals = () => agent.events.filter(({ type }) => type === 'assignment.refused');
    const goesOn = (text: string) =>
      world.agent.reaches('web', text, (status) => status.message === '' && isDone(status));
    await agent.give('web', first);
    await agent.give('web', second);
    await goesOn('has the second');
    // Read again and again, as from a backup.
    for (const _read of [1, 2, 3])
      expect(await agent.give('web', first)).toMatchObject({ decision: 'refuse' });
    expect(agent.status('web')?.message).toBe('refused an assignment: its term 3 is below 4');
    expect(refusals()).toHaveLength(1);
    // The hub that came back from it writes above its own end, which is not above what is held here.
    const rewound = hub.sign('web', [configMap('rewound')], { term: 5, generation: 1 });
    expect(await agent.give('web', rewound)).toMatchObject({ decision: 'refuse' });
    expect(agent.status('web')?.message).toBe('refused an assignment: its generation 1 is below 2');
    expect(refusals()).toHaveLength(2);
    // A stale copy of the ledger that answers now and then is told of once.
    expect(await agent.give('web', second)).toEqual({ decision: 'same' });
    expect(agent.status('web')?.message).toBe('');
    expect(await agent.give('web', rewound)).toMatchObject({ decision: 'refuse' });
    expect(refusals()).toHaveLength(2);
    await world.restart();
    await goesOn('has the second, also after a restart');
    expect(await world.agent.give('web', first)).toMatchObject({ decision: 'refuse' });
    const third = hub.sign('web', [configMap('third')], {
      term: 5,
      generation: 3,
      allowedDeletions: 9,
    });
    expect(await world.agent.give('web', third)).toMatchObject({ decision: 'accept' });
    await world.agent.reaches(
      'web',
      'has the third',
      ({ message, generation }) => message === '' && generation === 3,
    );
    await until('the third is there', () => world.live('ConfigMap', 'third'));
    for (const name of ['first', 'rewound']) expect(await world.live('ConfigMap', name)).toBeUndefined();
  });

  it('refuses a bundle that is not the one that was signed', async () => {
    await using world = await startWorld(plane);
    const signed = world.hub.sign('web', [configMap('a')]);
    const swapped = { ...signed, bundle: world.hub.sign('web', [configMap('evil')]).bundle };
    await expect(world.agent.give('web', swapped)).rejects.toThrow('has digest');
    expect(world.agent.status('web')).toBeUndefined();
  });

  it.each([
    [
      'an object in it',
      (own: string) => ({ ...configMap('a'), metadata: { name: 'a', namespace: own } }),
      {},
    ],
    [
      'the namespace itself',
      (own: string) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: own } }),
      {},
    ],
    ['an application in it', () => configMap('a'), { inOwn: true }],
  ])(
    'refuses what its hub signed for its own namespace: %s',
    async (_what, made, { inOwn = false }: { inOwn?: boolean }) => {
      await using world = await startWorld(plane);
      const own = `${world.namespace}-state`;
      const signed = world.hub.sign('web', [configMap('b'), made(own)], inOwn ? { namespace: own } : {});
      expect(await world.agent.give('web', signed)).toEqual({
        decision: 'refuse',
        reason: expect.stringContaining(`${own}, the namespace of this agent`) as string,
      });
      expect(world.agent.events.map(({ type }) => type)).toContain('assignment.refused');
      expect(await world.live('ConfigMap', 'b')).toBeUndefined();
    },
  );

  it('opens the next wave only when the one before is healthy', async () => {
    await using world = await startWorld(plane);
    const wave = (number: number, object: ReturnType<typeof configMap>) => ({
      ...object,
      metadata: { ...object.metadata, annotations: { 'meridian.dev/wave': String(number) } },
    });
    const stuck = {
      ...deployment('stuck'),
      spec: { ...(deployment('stuck')['spec'] as object), paused: false },
    };
    const objects = [wave(0, withNodeSelector(stuck, { nowhere: 'true' })), wave(1, configMap('later'))];
    await world.agent.give('web', world.hub.sign('web', objects));
    const blocked = await world.agent.reaches('web', 'waits', ({ message }) =>
      message.includes('the next objects wait for Deployment'),
    );
    expect(blocked.sync).toBe('Applying');
    await world.agent.reaches('web', 'says what the scheduler says', ({ message }) =>
      message.includes('no node fits'),
    );
    expect(await world.live('ConfigMap', 'later')).toBeUndefined();
    await world.agent.give(
      'web',
      world.hub.sign('web', [wave(0, deployment('stuck')), wave(1, configMap('later'))]),
    );
    await world.agent.reaches('web', 'is done', isDone);
    expect(await world.live('ConfigMap', 'later')).toBeDefined();
  });

  it('reports every error and still applies what can be applied', async () => {
    await using world = await startWorld(plane);
    const broken = (name: string) => ({ ...deployment(name), spec: { replicas: 1 } });
    await world.agent.give('web', world.hub.sign('web', [configMap('fine'), broken('one'), broken('two')]));
    await world.agent.reaches(
      'web',
      'has failed for both',
      ({ sync, message }) => sync === 'Failed' && message.includes('/one: ') && message.includes('/two: '),
    );
    await until('the good object is there', () => world.live('ConfigMap', 'fine'));
    await world.agent.give(
      'web',
      world.hub.sign('web', [configMap('fine'), deployment('one'), deployment('two')]),
    );
    await world.agent.reaches('web', 'is done', isDone);
  });

  it('installs a resource definition and objects of it from one bundle', async () => {
    await using world = await startWorld(plane);
    const group = `${world.namespace}.example.org`;
    const definition = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `models.${group}` },
      spec: {
        group,
        names: { plural: 'models', singular: 'model', kind: 'Model', listKind: 'ModelList' },
        scope: 'Namespaced',
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
          },
        ],
      },
    };
    const model = { apiVersion: `${group}/v1`, kind: 'Model', metadata: { name: 'm' }, spec: { size: 7 } };
    await world.agent.give('web', world.hub.sign('web', [definition, model]));
    await world.agent.reaches('web', 'is done', isDone);
    const ref = { apiVersion: `${group}/v1`, kind: 'Model', namespace: world.namespace, name: 'm' };
    await plane.kube.patch(
      ref,
      { type: 'merge', patch: { spec: { size: 8 } } },
      { fieldManager: 'kubectl-edit', signal },
    );
    const healed = await world.agent.reaches(
      'web',
      'has healed',
      ({ drift }) => drift[0]?.healedAtMs !== undefined,
    );
    expect(healed.drift[0]).toMatchObject({ manager: 'kubectl-edit', fields: [{ path: 'spec.size' }] });
  });

  it('does not let two applications fight over one object', async () => {
    await using world = await startWorld(plane);
    await world.agent.give('web', world.hub.sign('web', [configMap('shared', { from: 'web' })]));
    await world.agent.reaches('web', 'is done', isDone);
    await world.agent.give('api', world.hub.sign('api', [configMap('shared', { from: 'api' })]));
    const status = await world.agent.reaches('api', 'has failed', ({ sync }) => sync === 'Failed');
    expect(status.message).toContain('both name this object, and web has it already');
    expect((await world.live('ConfigMap', 'shared'))?.['data']).toEqual({ from: 'web' });
  });

  it('heals what changed while it was away, from its disk, without hub and NATS', async () => {
    await using world = await startWorld(plane);
    await world.agent.give('web', world.hub.sign('web', [configMap('settings'), configMap('gone')]));
    await world.agent.reaches('web', 'is done', isDone);
    await world.agent.stop();
    const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: world.namespace, name: 'settings' };
    await plane.kube.patch(
      ref,
      { type: 'merge', patch: { data: { key: 'edited' } } },
      { fieldManager: 'kubectl-edit', signal },
    );
    await plane.kube.remove({ ...ref, name: 'gone' }, { signal });
    await world.restart();
    const status = await world.agent.reaches(
      'web',
      'has healed both',
      (now) => isDone(now) && now.drift.length === 2,
    );
    expect(status.drift.map(({ change, manager }) => `${change} by ${manager}`).sort()).toEqual([
      'deleted by unknown',
      'modified by kubectl-edit',
    ]);
    expect((await world.live('ConfigMap', 'settings'))?.['data']).toEqual({ key: 'value' });
  });

  it('heals from the copy in the cluster when its disk is gone, and still refuses older assignments', async () => {
    await using world = await startWorld(plane);
    const old = world.hub.sign('web', [configMap('old')]);
    await world.agent.give('web', world.hub.sign('web', [configMap('settings')]));
    await world.agent.reaches('web', 'is done', isDone);
    await world.agent.stop();
    await plane.kube.remove(
      { apiVersion: 'v1', kind: 'ConfigMap', namespace: world.namespace, name: 'settings' },
      { signal },
    );
    await world.restart({ withoutDisk: true });
    await world.agent.reaches('web', 'is done', isDone);
    expect(await world.live('ConfigMap', 'settings')).toBeDefined();
    expect(await world.agent.give('web', old)).toMatchObject({ decision: 'refuse' });
  });
});

function withNodeSelector(
  object: ReturnType<typeof deployment>,
  nodeSelector: object,
): ReturnType<typeof deployment> {
  const spec = object['spec'] as { template: { spec: object } };
  const template = { ...spec.template, spec: { ...spec.template.spec, nodeSelector } };
  return { ...object, spec: { ...spec, template } } as ReturnType<typeof deployment>;
}
