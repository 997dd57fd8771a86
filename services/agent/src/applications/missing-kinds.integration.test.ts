import type { KubeObject } from '@meridian/manifests';
import { expect, it } from 'vitest';
import { usePlane } from '../testing/plane.ts';
import { configMap, until } from '../testing/rig.ts';
import { isDone, startWorld } from '../testing/world.ts';

const signal = new AbortController().signal;
const plane = usePlane('missing-kinds');
const skips = { 'argocd.argoproj.io/sync-options': 'SkipDryRunOnMissingResource=true' };

/** Brings a kind of its own for each test, as an operator does that something else has installed. */
async function installKind(kind: string, scope: 'Namespaced' | 'Cluster' = 'Namespaced'): Promise<void> {
  const plural = `${kind.toLowerCase()}s`;
  const schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  await plane.kube.create(
    {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `${plural}.test.example` },
      spec: {
        group: 'test.example',
        names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
        scope,
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }],
      },
    },
    { fieldManager: 'operator', signal },
  );
}

const custom = (kind: string, annotations: { readonly [name: string]: string }): KubeObject => ({
  apiVersion: 'test.example/v1',
  kind,
  metadata: { name: 'a', annotations },
  spec: { size: 1 },
});

const inWave = (wave: string) => ({ 'argocd.argoproj.io/sync-wave': wave });

it('an object that may wait holds up no later wave, is named, and is applied when its kind comes', async () => {
  await using world = await startWorld(plane);
  const objects = [
    custom('Waiter', skips),
    configMap('operator', {}, inWave('1')),
    configMap('told', {}, { 'meridian.dev/hook': 'PostSync' }),
  ];
  await world.agent.give('web', world.hub.sign('web', objects));
  await until('the operator is there', () => world.live('ConfigMap', 'operator'));
  const status = await world.agent.reaches('web', 'waits', ({ message }) =>
    message.includes(`waits until the cluster serves the kinds of Waiter ${world.namespace}/a`),
  );
  expect(status).toMatchObject({ sync: 'Applying', health: 'Progressing' });
  expect(status.objects.find(({ key }) => key.kind === 'Waiter')?.reason).toBe(
    'it waits until the cluster serves Waiter of test.example/v1',
  );
  expect(await world.live('ConfigMap', 'told')).toBeUndefined();

  await world.restart();
  await world.agent.reaches('web', 'waits on', ({ message }) => message.includes('waits until the cluster'));
  await installKind('Waiter');
  await world.agent.reaches('web', 'is done', isDone);
  expect(await world.live('Waiter', 'a', 'test.example/v1')).toMatchObject({ spec: { size: 1 } });
  expect(await world.live('ConfigMap', 'told')).toBeDefined();
});

it('an object that may not wait is an error that keeps later waves back, and ends with the kind', async () => {
  await using world = await startWorld(plane);
  const objects = [custom('Failer', {}), configMap('beside'), configMap('later', {}, inWave('1'))];
  // Its own retries come far too late to be what applies it.
  const retry = { firstMs: 3_600_000, factor: 1, capMs: 3_600_000 };
  await world.agent.give('web', world.hub.sign('web', objects, { rules: { retry } }));
  const { message } = await world.agent.reaches('web', 'has failed', ({ sync }) => sync === 'Failed');
  expect(message).toContain('the cluster does not serve Failer of test.example/v1');
  await until('what is beside it is there', () => world.live('ConfigMap', 'beside'));
  expect(await world.live('ConfigMap', 'later')).toBeUndefined();
  await installKind('Failer');
  await world.agent.reaches('web', 'is done', isDone);
  expect(await world.live('ConfigMap', 'later')).toBeDefined();
});

it('a kind that turns out to live in no namespace is applied as such, once, and never pruned for it', async () => {
  await using world = await startWorld(plane);
  const objects = [custom('Global', skips), configMap('beside')];
  const sign = () => world.hub.sign('web', objects, { allowedDeletions: 9 });
  await world.agent.give('web', sign());
  await world.agent.reaches('web', 'waits', ({ message }) => message.includes('waits until the cluster'));
  await installKind('Global', 'Cluster');
  const status = await world.agent.reaches('web', 'is done', isDone);
  expect(status.objects.map(({ key }) => key)).toContainEqual(
    expect.objectContaining({ kind: 'Global', namespace: '' }),
  );
  const live = () => plane.kube.get({ apiVersion: 'test.example/v1', kind: 'Global', name: 'a' }, signal);
  const uid = (await live())?.metadata.uid;
  expect(uid).toBeDefined();

  await world.restart();
  await world.agent.give('web', sign());
  await world.agent.reaches('web', 'is done again', (now) => now.generation === 2 && isDone(now));
  expect((await live())?.metadata.uid).toBe(uid);
  expect(world.agent.events.map(({ type }) => type)).not.toContain('objects.pruned');
});
