import type { KubeObject } from '@meridian/manifests';
import { describe, expect, it } from 'vitest';
import { usePlane } from '../testing/plane.ts';
import { configMap, until } from '../testing/rig.ts';
import { isDone, makeNamespace, startWorld } from '../testing/world.ts';
import type { World } from '../testing/world.ts';

const { signal } = new AbortController();
const plane = usePlane('admission');

const api = 'admissionregistration.k8s.io/v1';

/** Makes a policy for ConfigMaps of the namespace of a world, and waits until the API server follows it. */
async function withPolicy(world: World, kind: 'Mutating' | 'Validating', spec: object): Promise<void> {
  const name = `${world.namespace}-${kind.toLowerCase()}`;
  const resourceRules = [
    { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['configmaps'] },
  ];
  const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': world.namespace } };
  const matchConstraints = { resourceRules, namespaceSelector };
  const policy = { apiVersion: api, kind: `${kind}AdmissionPolicy`, metadata: { name } };
  const binding = { apiVersion: api, kind: `${kind}AdmissionPolicyBinding`, metadata: { name } };
  const write = { fieldManager: 'test', signal };
  await plane.kube.create({ ...policy, spec: { matchConstraints, failurePolicy: 'Fail', ...spec } }, write);
  const actions = kind === 'Validating' ? { validationActions: ['Deny'] } : {};
  await plane.kube.create({ ...binding, spec: { policyName: name, ...actions } }, write);
}

const mutation = (expression: string) => ({
  reinvocationPolicy: 'Never',
  mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression } }],
});

const injecting = mutation(
  'Object{metadata: Object.metadata{labels: {"injected": "yes"}}, data: {"sidecar": "on"}}',
);

/** Waits until an object that is made now is changed by the policy. */
async function isFollowed(world: World, test: (probe: KubeObject) => boolean): Promise<void> {
  let count = 0;
  await until('the policy is followed', async () => {
    count += 1;
    const probe = {
      ...configMap(`probe-${count}`),
      metadata: { name: `probe-${count}`, namespace: world.namespace },
    };
    return plane.kube.create(probe, { fieldManager: 'test', signal }).then(test, () => test(probe));
  });
}

const isInjected = ({ metadata }: KubeObject) => metadata.labels?.['injected'] === 'yes';

async function edit(world: World, data: { readonly [key: string]: string }): Promise<void> {
  const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: world.namespace, name: 'a' };
  await plane.kube.patch(ref, { type: 'merge', patch: { data } }, { fieldManager: 'hand', signal });
}

const liveOf = async (world: World, name = 'a') => world.live('ConfigMap', name);

describe('what admission adds to objects', () => {
  it('is no drift and makes no writes, also after a restart; what a person changes beside it is healed', async () => {
    await using world = await startWorld(plane);
    await makeNamespace(plane, world);
    await withPolicy(world, 'Mutating', injecting);
    await isFollowed(world, isInjected);
    await world.agent.give('web', world.hub.sign('web', [configMap('a')]));
    await world.agent.reaches('web', 'is done', isDone);
    const made = await liveOf(world);
    expect(made).toMatchObject({
      data: { key: 'value', sidecar: 'on' },
      metadata: { labels: { injected: 'yes' } },
    });
    await world.restart();
    const status = await world.agent.reaches('web', 'is done', isDone);
    expect(status.drift).toEqual([]);
    expect((await liveOf(world))?.metadata.resourceVersion).toBe(made?.metadata.resourceVersion);
    await edit(world, { key: 'edited' });
    const healed = await world.agent.reaches('web', 'has healed', ({ drift }) =>
      drift.some(({ healedAtMs }) => healedAtMs),
    );
    expect(healed.drift.map(({ manager, fields }) => [manager, fields.map(({ path }) => path)])).toEqual([
      ['hand', ['data.key']],
    ]);
    expect((await liveOf(world))?.['data']).toEqual({ key: 'value', sidecar: 'on' });
  });

  it('may be a field that git names too: a person who takes it causes drift, and it is healed', async () => {
    await using world = await startWorld(plane);
    await makeNamespace(plane, world);
    await withPolicy(world, 'Mutating', injecting);
    await isFollowed(world, isInjected);
    await world.agent.give('web', world.hub.sign('web', [configMap('a', { key: 'value', sidecar: 'on' })]));
    await world.agent.reaches('web', 'is done', isDone);
    const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: world.namespace, name: 'a' };
    await plane.kube.patch(
      ref,
      { type: 'merge', patch: { data: { key: 'x' }, metadata: { labels: { injected: 'no' } } } },
      { fieldManager: 'hand', signal },
    );
    await world.agent.reaches('web', 'has healed', ({ drift }) => drift.some(({ healedAtMs }) => healedAtMs));
    expect(await liveOf(world)).toMatchObject({
      data: { key: 'value', sidecar: 'on' },
      metadata: { labels: { injected: 'yes' } },
    });
  });
});

describe('admission that changes a field of ours with each write', () => {
  it('causes no loop of writes, and what a person changes beside it is healed once', async () => {
    await using world = await startWorld(plane);
    await makeNamespace(plane, world);
    await withPolicy(world, 'Mutating', mutation('Object{data: {"key": "theirs"}}'));
    await isFollowed(world, (probe) => JSON.stringify(probe['data']) === '{"key":"theirs"}');
    await world.agent.give('web', world.hub.sign('web', [configMap('a', { key: 'ours', mine: '1' })]));
    await world.agent.reaches('web', 'is done', isDone);
    await edit(world, { mine: '2' });
    const isHealed = ({ drift }: { readonly drift: readonly { readonly healedAtMs?: number }[] }) =>
      drift.some(({ healedAtMs }) => healedAtMs !== undefined);
    await world.agent.reaches('web', 'has healed', isHealed);
    const healed = await liveOf(world);
    expect(healed?.['data']).toEqual({ key: 'theirs', mine: '1' });
    await world.restart();
    await world.agent.reaches('web', 'is done', isDone);
    expect((await liveOf(world))?.metadata.resourceVersion).toBe(healed?.metadata.resourceVersion);
    expect(world.agent.events.filter(({ type }) => type === 'drift.fought')).toEqual([]);
  });
});

describe('admission that denies one object', () => {
  it('is named with it, and the others are applied', async () => {
    await using world = await startWorld(plane);
    await makeNamespace(plane, world);
    await withPolicy(world, 'Validating', {
      validations: [
        { expression: '!has(object.data) || !("denied" in object.data)', message: 'no such key here' },
      ],
    });
    await until('the policy is followed', () =>
      plane.kube
        .create(
          { ...configMap('probe', { denied: 'x' }), metadata: { name: 'probe', namespace: world.namespace } },
          { fieldManager: 'test', signal },
        )
        .then(
          () =>
            plane.kube
              .remove(
                { apiVersion: 'v1', kind: 'ConfigMap', namespace: world.namespace, name: 'probe' },
                { signal },
              )
              .then(() => false),
          () => true,
        ),
    );
    const objects = [configMap('a', { denied: 'x' }), configMap('b'), configMap('c')];
    await world.agent.give('web', world.hub.sign('web', objects));
    const status = await world.agent.reaches('web', 'fails', ({ sync }) => sync === 'Failed');
    expect(status.message).toContain(`ConfigMap ${world.namespace}/a`);
    expect(status.message).toContain('no such key here');
    expect(status.message).not.toContain('/b');
    for (const name of ['b', 'c']) expect((await liveOf(world, name))?.['data']).toEqual({ key: 'value' });
    expect(await liveOf(world)).toBeUndefined();
  });
});
