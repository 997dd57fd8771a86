import { base64Text } from '@meridian/manifests';
import type { KubeObject } from '@meridian/manifests';
import { describe, expect, it } from 'vitest';
import { endJob } from '../testing/job-end.ts';
import { leapingClock } from '../testing/leaping-clock.ts';
import type { LeapingClock } from '../testing/leaping-clock.ts';
import { usePlane } from '../testing/plane.ts';
import { configMap, until } from '../testing/rig.ts';
import { inside, isDone, makeNamespace, startWorld } from '../testing/world.ts';
import type { World } from '../testing/world.ts';

const { signal } = new AbortController();
const plane = usePlane('admission');

const api = 'admissionregistration.k8s.io/v1';

/** Makes a policy for ConfigMaps of the namespace of a world, and waits until the API server follows it. */
async function withPolicy(world: World, kind: 'Mutating' | 'Validating', spec: object): Promise<void> {
  const name = `${world.namespace}-${kind.toLowerCase()}`;
  const resourceRules = [
    {
      apiGroups: [''],
      apiVersions: ['v1'],
      operations: ['CREATE', 'UPDATE'],
      resources: ['configmaps', 'secrets'],
    },
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

let probes = 0;

/** Waits until an object that is made now is changed by the policy. */
async function isFollowed(world: World, test: (probe: KubeObject) => boolean): Promise<void> {
  await until('the policy is followed', async () => {
    probes += 1;
    const probe = inside(configMap(`probe-${probes}`), world);
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

const isTheirs = (probe: KubeObject) => JSON.stringify(probe['data']) === '{"key":"theirs"}';

/** A world in which a policy writes over `data.key` of each ConfigMap. */
async function worldOfTheirs(clock?: LeapingClock): Promise<World> {
  const world = await startWorld(plane, clock ? { clock } : {});
  await makeNamespace(plane, world);
  await withPolicy(world, 'Mutating', {
    ...mutation('Object{data: {"key": "theirs"}}'),
    matchConditions: [{ name: 'config-maps', expression: "object.kind == 'ConfigMap'" }],
  });
  await isFollowed(world, isTheirs);
  return world;
}

const about = (world: World, type: string) => world.agent.events.filter((event) => event.type === type);

describe('admission that changes a field of ours with each write', () => {
  it('is named with the object, the field and both values, is no failed sync and no loop of writes', async () => {
    await using world = await worldOfTheirs();
    await world.agent.give('web', world.hub.sign('web', [configMap('a', { key: 'ours', mine: '1' })]));
    const status = await world.agent.reaches('web', 'is done', isDone);
    const says = `admission changes ConfigMap ${world.namespace}/a when it is written: data.key is "theirs" (git: "ours")`;
    expect(status.message).toContain(says);
    expect(status.objects.map(({ reason }) => reason)).toEqual([
      'the object exists; data.key changed by admission',
    ]);
    expect(status.drift).toMatchObject([
      { manager: 'admission', fields: [{ path: 'data.key', desired: '"ours"', live: '"theirs"' }] },
    ]);
    await until('the event is told', () => about(world, 'fields.altered').length === 1);
    expect(about(world, 'fields.altered')[0]?.message).toContain(says);
    await edit(world, { mine: '2' });
    await world.agent.reaches('web', 'has healed', ({ drift }) => drift.some(({ healedAtMs }) => healedAtMs));
    const healed = await liveOf(world);
    expect(healed?.['data']).toEqual({ key: 'theirs', mine: '1' });
    await world.restart();
    const again = await world.agent.reaches('web', 'is done', isDone);
    expect((await liveOf(world))?.metadata.resourceVersion).toBe(healed?.metadata.resourceVersion);
    expect(again.message).toContain(says);
    expect(again.drift.find(({ manager }) => manager === 'admission')?.firstSeenMs).toBe(
      status.drift[0]?.firstSeenMs,
    );
    // It was told before the restart.
    for (const type of ['drift.fought', 'fields.altered']) expect(about(world, type)).toEqual([]);
  });

  it('is said for the drift that is only reported, too', async () => {
    await using world = await worldOfTheirs();
    const signed = () => world.hub.sign('web', [configMap('a', { key: 'ours' })], { selfHeal: false });
    await world.agent.give('web', signed());
    await world.agent.reaches('web', 'is done', isDone);
    await world.restart();
    const says = 'data.key is "theirs" (git: "ours")';
    const status = await world.agent.reaches('web', 'says it', ({ message }) => message.includes(says));
    expect(status).toMatchObject({ sync: 'Synced', health: 'Healthy' });
  });

  it('is not said of fields that are ignored', async () => {
    await using world = await worldOfTheirs();
    const ignoreDifferences = [{ group: '', kind: 'ConfigMap', jsonPointers: ['/data/key'] }];
    const objects = [configMap('a', { key: 'ours', mine: '1' })];
    const signed = world.hub.sign('web', objects, { rules: { ignoreDifferences } });
    await world.agent.give('web', signed);
    const status = await world.agent.reaches('web', 'is done', isDone);
    expect(status).toMatchObject({ message: '', drift: [] });
    expect((await liveOf(world))?.['data']).toEqual({ key: 'theirs', mine: '1' });
    expect(about(world, 'fields.altered')).toEqual([]);
  });

  it('ends when the policy has gone: the object is written again after ten minutes, and it is said', async () => {
    const clock = leapingClock();
    await using world = await worldOfTheirs(clock);
    await world.agent.give('web', world.hub.sign('web', [configMap('a', { key: 'ours' })]));
    await world.agent.reaches('web', 'is done', isDone);
    const name = `${world.namespace}-mutating`;
    for (const kind of ['MutatingAdmissionPolicyBinding', 'MutatingAdmissionPolicy'])
      await plane.kube.remove({ apiVersion: api, kind, name }, { signal });
    await isFollowed(world, (probe) => !isTheirs(probe));
    expect((await liveOf(world))?.['data']).toEqual({ key: 'theirs' });
    // Another generation alone is no reason to write it; the time that has passed is.
    for (const leapMs of [0, 11 * 60_000]) {
      expect((await liveOf(world))?.['data']).toEqual({ key: 'theirs' });
      clock.leap(leapMs);
      const again = world.hub.sign('web', [configMap('a', { key: 'ours' })]);
      await world.agent.give('web', again);
      await world.agent.reaches(
        'web',
        'has taken it',
        ({ generation, appliedAtMs }) => generation === again.generation && appliedAtMs !== undefined,
      );
    }
    await world.agent.reaches('web', 'says nothing of it', ({ message }) => !message.includes('admission'));
    expect((await liveOf(world))?.['data']).toEqual({ key: 'ours' });
    await until('the event is told', () => about(world, 'fields.kept').length === 1);
  });
});

describe('admission that changes a Job which is removed after its end', () => {
  const job = (name: string): KubeObject => ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, labels: { team: 'ours' } },
    spec: {
      ttlSecondsAfterFinished: 60,
      template: {
        spec: { restartPolicy: 'Never', containers: [{ name: 'job', image: 'registry.example/job:1' }] },
      },
    },
  });

  it('does not make it run again when the time to look has come', async () => {
    const clock = leapingClock();
    await using world = await startWorld(plane, { clock });
    await makeNamespace(plane, world);
    const rule = { apiGroups: ['batch'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['jobs'] };
    const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': world.namespace } };
    await withPolicy(world, 'Mutating', {
      ...mutation('Object{metadata: Object.metadata{labels: {"team": "theirs"}}}'),
      matchConstraints: { resourceRules: [rule], namespaceSelector },
    });
    await until('the policy is followed', async () => {
      probes += 1;
      const made = await plane.kube.create(inside(job(`probe-${probes}`), world), {
        fieldManager: 'test',
        signal,
      });
      return made.metadata.labels?.['team'] === 'theirs';
    });
    const give = async () => {
      const signed = world.hub.sign('web', [job('once')]);
      await world.agent.give('web', signed);
      return signed.generation;
    };
    await give();
    await world.agent.reaches('web', 'tells of it', ({ message }) => message.includes('"theirs"'));
    await endJob(plane, world, { name: 'once', type: 'Complete' });
    await world.agent.reaches('web', 'is done', isDone);
    await plane.kube.remove(
      { apiVersion: 'batch/v1', kind: 'Job', namespace: world.namespace, name: 'once' },
      { signal },
    );
    await world.agent.reaches('web', 'tells that it is gone', ({ objects }) =>
      objects.some(({ reason }) => reason.includes('ttlSecondsAfterFinished')),
    );
    clock.leap(11 * 60_000);
    const generation = await give();
    const status = await world.agent.reaches(
      'web',
      'has taken it',
      (one) => one.generation === generation && one.appliedAtMs !== undefined,
    );
    expect(await world.live('Job', 'once', 'batch/v1')).toBeUndefined();
    expect(status.message).not.toContain('admission');
    expect(status.drift).toEqual([]);
  });
});

describe('admission that takes a field of ours away, or changes a Secret', () => {
  it('is named without a value of the Secret', async () => {
    await using world = await startWorld(plane);
    await makeNamespace(plane, world);
    const expression = `object.kind == 'Secret'
      ? [JSONPatch{op: "replace", path: "/data/password", value: "b3RoZXI="}]
      : [JSONPatch{op: "remove", path: "/data/gone"}]`;
    await withPolicy(world, 'Mutating', {
      reinvocationPolicy: 'Never',
      matchConditions: [
        {
          name: 'has-it',
          expression: "has(object.data) && ('gone' in object.data || 'password' in object.data)",
        },
      ],
      mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression } }],
    });
    await until('the policy is followed', async () => {
      probes += 1;
      const probe = inside(configMap(`probe-${probes}`, { gone: 'x', stays: 'y' }), world);
      const made = await plane.kube.create(probe, { fieldManager: 'test', signal });
      return JSON.stringify(made['data']) === '{"stays":"y"}';
    });
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's' },
      stringData: { password: 'not-to-be-seen' },
    };
    const objects = [configMap('a', { gone: 'x', stays: 'y' }), secret];
    await world.agent.give('web', world.hub.sign('web', objects));
    const status = await world.agent.reaches('web', 'is done', isDone);
    expect(status.drift.map(({ key, fields }) => [key.name, fields])).toEqual([
      ['a', [{ path: 'data.gone', desired: '"x"', live: 'absent' }]],
      ['s', [{ path: 'data.password', desired: '***', live: '***' }]],
    ]);
    expect(status.message).toContain('data.gone is absent (git: "x") (and 1 more so)');
    await until('the event is told', () =>
      about(world, 'fields.altered')[0]?.message.includes('data.password;'),
    );
    const all = JSON.stringify([status, world.agent.events]);
    for (const value of ['not-to-be-seen', base64Text('not-to-be-seen'), 'b3RoZXI='])
      expect(all).not.toContain(value);
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
