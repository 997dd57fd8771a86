import type { ApplicationStatus } from '@meridian/fleet';
import type { KubeObject } from '@meridian/manifests';
import { describe, expect, it } from 'vitest';
import { usePlane } from '../testing/plane.ts';
import { configMap, createHandHub, startTestAgent, until } from '../testing/rig.ts';
import { isDone, startWorld } from '../testing/world.ts';
import type { KubePort } from '../ports.ts';

const signal = new AbortController().signal;
const plane = usePlane('writing');
const options = { fieldManager: 'somebody', force: true, signal };

/** A ConfigMap whose data the API server refuses. */
const bad = (name: string): KubeObject => ({ ...configMap(name), data: { 'no key': 'x' } });

const inNamespace = (object: KubeObject, namespace: string): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, namespace },
});

describe('objects that fail', () => {
  it('are all named in the first status that tells of it, while the others of their wave go on and the next wave waits', async () => {
    await using world = await startWorld(plane);
    const names = ['a', 'b', 'c', 'd', 'e'];
    const objects = [
      ...names.map((name) => bad(`bad-${name}`)),
      configMap('good'),
      configMap('later', {}, { 'meridian.dev/wave': '1' }),
    ];
    await world.agent.give('web', world.hub.sign('web', objects));
    const isFailed = ({ sync }: ApplicationStatus) => sync === 'Failed';
    await until('it is told', () => world.agent.reports.some(isFailed));
    const { message } = world.agent.reports.find(isFailed) ?? { message: '' };
    for (const name of names) expect(message).toContain(`${world.namespace}/bad-${name}:`);
    expect(await world.live('ConfigMap', 'good')).toBeDefined();
    expect(await world.live('ConfigMap', 'later')).toBeUndefined();
  });
});

describe('an object that is written once', () => {
  const once = { 'kustomize.toolkit.fluxcd.io/ssa': 'IfNotPresent' };

  it('is left as it is once it is there, also by another bundle, and made again when it is gone', async () => {
    await using world = await startWorld(plane);
    await world.agent.give('web', world.hub.sign('web', [configMap('seed', { key: 'first' }, once)]));
    await world.agent.reaches('web', 'is done', isDone);
    const changed = inNamespace(configMap('seed', { key: 'theirs' }), world.namespace);
    await plane.kube.apply(changed, options);
    await world.agent.give('web', world.hub.sign('web', [configMap('seed', { key: 'second' }, once)]));
    await world.agent.reaches('web', 'is done', (status) => status.generation === 2 && isDone(status));
    expect((await world.live('ConfigMap', 'seed'))?.['data']).toEqual({ key: 'theirs' });

    const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: world.namespace, name: 'seed' };
    await plane.kube.remove(ref, { signal });
    await until('it is made again', async () => {
      const live = await world.live('ConfigMap', 'seed');
      return JSON.stringify(live?.['data']) === '{"key":"second"}';
    });
    await world.agent.give('web', world.hub.sign('web', [configMap('other')], { allowedDeletions: 1 }));
    await until('what we made is pruned', async () => !(await world.live('ConfigMap', 'seed')));
  });

  it('is never pruned when somebody else made it', async () => {
    await using world = await startWorld(plane);
    await world.agent.give('web', world.hub.sign('web', [configMap('other')]));
    await world.agent.reaches('web', 'is done', isDone);
    await plane.kube.apply(inNamespace(configMap('seed', { key: 'theirs' }), world.namespace), options);
    await world.agent.give(
      'web',
      world.hub.sign('web', [configMap('other'), configMap('seed', { key: 'ours' }, once)]),
    );
    await world.agent.reaches('web', 'is done', (status) => status.generation === 2 && isDone(status));
    await world.agent.give('web', world.hub.sign('web', [configMap('other')], { allowedDeletions: 5 }));
    await world.agent.reaches('web', 'is done', (status) => status.generation === 3 && isDone(status));
    expect((await world.live('ConfigMap', 'seed'))?.['data']).toEqual({ key: 'theirs' });
  });
});

it('an object that is merged leaves the fields of tools before us theirs', async () => {
  await using world = await startWorld(plane);
  await world.agent.give('web', world.hub.sign('web', [configMap('first')]));
  await world.agent.reaches('web', 'is done', isDone);
  const theirs = inNamespace(configMap('shared', { theirs: 'x' }), world.namespace);
  await plane.kube.apply(theirs, { ...options, fieldManager: 'kubectl' });
  const merge = { 'kustomize.toolkit.fluxcd.io/ssa': 'Merge' };
  await world.agent.give(
    'web',
    world.hub.sign('web', [configMap('first'), configMap('shared', { ours: 'y' }, merge)]),
  );
  await world.agent.reaches('web', 'is done', (status) => status.generation === 2 && isDone(status));
  expect((await world.live('ConfigMap', 'shared'))?.['data']).toEqual({ theirs: 'x', ours: 'y' });
});

it('objects that are as desired cost no call, and of a bundle with one change only that one is written', async () => {
  const namespace = 'counted';
  const hub = createHandHub('one', namespace);
  const calls: string[] = [];
  const counted = (real: KubePort): KubePort => ({
    ...real,
    get: (ref, within) => {
      calls.push(`get ${ref.name}`);
      return real.get(ref, within);
    },
    apply: (object, within) => {
      calls.push(`apply ${object.metadata.name}`);
      return real.apply(object, within);
    },
  });
  await using agent = await startTestAgent({
    cluster: 'one',
    kubeconfig: plane.control.kubeconfig,
    dataDir: `${plane.dir}/counted`,
    stateNamespace: 'counted-state',
    publicKey: hub.publicKey,
    wrap: counted,
  });
  const objects = (changed: string) =>
    Array.from({ length: 20 }, (_, index) => configMap(`c${index}`, { key: index === 7 ? changed : 'same' }));
  await agent.give('web', hub.sign('web', objects('a')));
  await agent.reaches('web', 'is done', isDone);
  const callsOf = async (generation: number, changed: string) => {
    calls.length = 0;
    await agent.give('web', hub.sign('web', objects(changed)));
    await agent.reaches('web', 'is done', (status) => status.generation === generation && isDone(status));
    return calls.filter((call) => !call.includes('state') && !call.includes('meridian-app'));
  };
  expect(await callsOf(2, 'a')).toEqual([]);
  expect(await callsOf(3, 'b')).toEqual(['apply c7']);
});

describe('a namespace that is given labels', () => {
  const given = (labels: { readonly [name: string]: string }) => ({
    rules: { namespaceMetadata: { labels, annotations: { 'test.example/owner': 'ml' } } },
  });
  const live = async (namespace: string) =>
    (await plane.kube.get({ apiVersion: 'v1', kind: 'Namespace', name: namespace }, signal))?.metadata;

  it('is made with them, kept to them, follows them, and stays when the application goes', async () => {
    await using world = await startWorld(plane);
    const { namespace } = world;
    const objects = [configMap('a')];
    await world.agent.give('web', world.hub.sign('web', objects, given({ mesh: 'on', team: 'ml' })));
    await world.agent.reaches('web', 'is done', isDone);
    expect(await live(namespace)).toMatchObject({
      labels: { mesh: 'on', team: 'ml' },
      annotations: { 'test.example/owner': 'ml' },
    });
    const off = {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: namespace, labels: { mesh: 'off' } },
    };
    await plane.kube.apply(off, options);
    await until('it is brought back', async () => (await live(namespace))?.labels?.['mesh'] === 'on');
    await world.agent.give('web', world.hub.sign('web', objects, given({ mesh: 'on' })));
    await until('a label goes', async () => (await live(namespace))?.labels?.['team'] === undefined);
    await world.agent.give('web', world.hub.sign('web', objects));
    await until('all that was given goes', async () => {
      const metadata = await live(namespace);
      return metadata?.annotations?.['test.example/owner'] === undefined;
    });
    await world.agent.give('web', world.hub.sign('web', undefined, { allowedDeletions: 1 }));
    await until('the objects are gone', async () => !(await world.live('ConfigMap', 'a')));
    expect((await live(namespace))?.deletionTimestamp).toBeUndefined();
  });

  it('is given them by one application only', async () => {
    await using world = await startWorld(plane);
    await world.agent.give('web', world.hub.sign('web', [configMap('a')], given({ mesh: 'on' })));
    await world.agent.reaches('web', 'is done', isDone);
    await world.agent.give('api', world.hub.sign('api', [configMap('b')], given({ mesh: 'off' })));
    const { message } = await world.agent.reaches('api', 'is refused', ({ sync }) => sync === 'Failed');
    expect(message).toContain('application web has Namespace');
    expect((await live(world.namespace))?.labels?.['mesh']).toBe('on');
  });
});
