import { isDeepStrictEqual } from 'node:util';
import type { Json, KubeObject } from '@meridian/manifests';
import { describe, expect, inject, it } from 'vitest';
import { grant } from '../testing/bounded-account.ts';
import { definition } from '../testing/definition.ts';
import { usePlane } from '../testing/plane.ts';
import { configMap, deployment, until } from '../testing/rig.ts';
import { bring, inside, isDone, startWorld } from '../testing/world.ts';
import { nativeObjects } from '../testing/native-objects.ts';

const { signal } = new AbortController();
const plane = usePlane('applying');
const rbac = 'rbac.authorization.k8s.io';
const isSynced = ({ sync }: { readonly sync: string }) => sync === 'Synced';

describe('objects that the API server fills in', () => {
  it('have no drift by its defaults: after a restart and by the next bundle none of them is written', async () => {
    await using world = await startWorld(plane);
    const objects = nativeObjects();
    await bring(world, objects, {}, isSynced);
    const versions = () =>
      Promise.all(
        objects.map(async ({ apiVersion, kind, metadata }) => {
          const live = await world.live(kind, metadata.name, apiVersion);
          const { uid, generation } = live?.metadata ?? {};
          return {
            kind,
            uid,
            generation,
            spec: live?.['spec'],
            data: live?.['data'],
            rules: live?.['rules'],
          };
        }),
      );
    const before = await versions();
    expect(before.filter(({ uid }) => uid === undefined)).toEqual([]);
    await world.restart();
    await world.agent.reaches('web', 'is synced', isSynced);
    const status = await bring(world, [...objects, configMap('more')], {}, isSynced);
    expect(status.drift).toEqual([]);
    expect(world.agent.events.filter(({ type }) => type.startsWith('drift'))).toEqual([]);
    expect(await versions()).toEqual(before);
  });
});

describe('a role binding with another role', () => {
  const binding = (role: string, name: string, annotations = {}): KubeObject => ({
    apiVersion: `${rbac}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name, annotations },
    subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: 'default' }],
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: role },
  });
  const ref = (name: string) => ({ apiVersion: `${rbac}/v1`, kind: 'ClusterRoleBinding', name });
  const replace = { 'meridian.dev/replace': 'enabled' };

  it('is refused and named, while what is beside it goes on and is known: it goes when the next bundle drops it', async () => {
    await using world = await startWorld(plane);
    const name = `view-${world.namespace}`;
    await bring(world, [binding('view', name), configMap('first')]);
    const failed = await bring(
      world,
      [binding('edit', name), configMap('first', { key: 'new' }), configMap('second')],
      {},
      ({ sync }) => sync === 'Failed',
    );
    expect(failed.message).toContain(`ClusterRoleBinding ${name}: `);
    expect(failed.message).toContain('roleRef');
    // That one object failed is said while the others are still being written.
    await until('others go on', async () => {
      const first = await world.live('ConfigMap', 'first');
      return isDeepStrictEqual(first?.['data'], { key: 'new' }) && world.live('ConfigMap', 'second');
    });
    await bring(world, [binding('view', name)], { allowedDeletions: 2 });
    expect(await world.live('ConfigMap', 'second')).toBeUndefined();
    expect((await plane.kube.get(ref(name), signal))?.['roleRef']).toMatchObject({ name: 'view' });
  });

  it('is deleted and made again on its word', async () => {
    await using world = await startWorld(plane);
    const name = `view-${world.namespace}`;
    await bring(world, [binding('view', name, replace)]);
    await bring(world, [binding('edit', name, replace)]);
    expect((await plane.kube.get(ref(name), signal))?.['roleRef']).toMatchObject({ name: 'edit' });
  });
});

describe('other objects that cannot be changed', () => {
  const replace = { 'meridian.dev/replace': 'enabled' };

  it('are replaced on their word: a Secret, without a value of it in any message', async () => {
    await using world = await startWorld(plane);
    const secret = (value: string, annotations = {}): KubeObject => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'sealed', annotations },
      immutable: true,
      stringData: { password: value },
    });
    await bring(world, [secret('hunter-one')]);
    const refused = await bring(world, [secret('hunter-two')], {}, ({ sync }) => sync === 'Failed');
    expect(refused.message).toContain('Secret');
    await bring(world, [secret('hunter-two', replace)]);
    const data = (await world.live('Secret', 'sealed'))?.['data'] as { readonly password: string };
    expect(Buffer.from(data.password, 'base64').toString()).toBe('hunter-two');
    const said = JSON.stringify([world.agent.reports, world.agent.events]);
    for (const value of ['hunter-one', 'hunter-two']) {
      expect(said).not.toContain(value);
      expect(said).not.toContain(Buffer.from(value).toString('base64'));
    }
  });

  it('are replaced on their word: a StorageClass, which has no namespace', async () => {
    await using world = await startWorld(plane);
    const name = `fast-${world.namespace}`;
    const storage = (provisioner: string): KubeObject => ({
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name, annotations: replace },
      provisioner,
    });
    await bring(world, [storage('one.example')]);
    await bring(world, [storage('two.example')]);
    const live = await plane.kube.get(
      { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', name },
      signal,
    );
    expect(live?.['provisioner']).toBe('two.example');
  });
});

describe('an object without a place to be', () => {
  it('is told that its namespace is missing, by name, and follows when somebody makes it', async () => {
    await using world = await startWorld(plane);
    const stray = {
      ...configMap('stray'),
      metadata: { name: 'stray', namespace: `${world.namespace}-other` },
    };
    const failed = await bring(world, [stray, configMap('good')], {}, ({ sync }) => sync === 'Failed');
    expect(failed.message).toContain(`ConfigMap ${world.namespace}-other/stray: `);
    expect(failed.message).toContain(`namespaces "${world.namespace}-other" not found`);
    await until('others go on', () => world.live('ConfigMap', 'good'));
    await plane.kube.create(
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: `${world.namespace}-other` } },
      { fieldManager: 'test', signal },
    );
    await world.agent.reaches('web', 'is done', isDone);
  });

  it('waits for its namespace when the application is not to make it', async () => {
    await using world = await startWorld(plane);
    const failed = await bring(
      world,
      [configMap('a')],
      { createNamespace: false },
      ({ sync }) => sync === 'Failed',
    );
    expect(failed.message).toContain(`namespaces "${world.namespace}" not found`);
  });
});

describe('an object that is written once', () => {
  it('is written as ever when its word goes', async () => {
    await using world = await startWorld(plane);
    const word = (text: string) => ({ 'kustomize.toolkit.fluxcd.io/ssa': text });
    await bring(world, [configMap('seed', { key: 'first' }, word('IfNotPresent'))]);
    await bring(world, [configMap('seed', { key: 'second' }, word('IfNotPresent'))]);
    expect((await world.live('ConfigMap', 'seed'))?.['data']).toEqual({ key: 'first' });
    await bring(world, [configMap('seed', { key: 'second' }, word('Override'))]);
    expect((await world.live('ConfigMap', 'seed'))?.['data']).toEqual({ key: 'second' });
  });

  it.each([{}, { 'kustomize.toolkit.fluxcd.io/ssa': 'IfNotPresent' }])(
    'or ever is itself without the namespace that a tool gave it although its kind has none: %j',
    async (annotations) => {
      await using world = await startWorld(plane);
      const group = `${world.namespace}.example.org`;
      const name = `shared-${world.namespace}`;
      const issuer: KubeObject = {
        apiVersion: `${group}/v1`,
        kind: 'Issuer',
        metadata: { name, namespace: world.namespace, annotations },
      };
      await bring(world, [definition({ group, kind: 'Issuer', scope: 'Cluster' })]);
      const status = await bring(world, [definition({ group, kind: 'Issuer', scope: 'Cluster' }), issuer]);
      expect(status.objects.find(({ key }) => key.kind === 'Issuer')?.key).toMatchObject({
        namespace: '',
        name,
      });
      await bring(world, [definition({ group, kind: 'Issuer', scope: 'Cluster' })], { allowedDeletions: 1 });
      const ref = { apiVersion: `${group}/v1`, kind: 'Issuer', name };
      expect(await plane.kube.get(ref, signal)).toBeUndefined();
    },
  );
});

it('an object that was given a namespace before its kind was known to have none stays when that is known', async () => {
  await using world = await startWorld(plane);
  const group = `${world.namespace}.example.org`;
  const name = `shared-${world.namespace}`;
  const metadata = { name, namespace: world.namespace };
  const issuer: KubeObject = { apiVersion: `${group}/v1`, kind: 'Issuer', metadata };
  await bring(world, [issuer], {}, ({ sync }) => sync === 'Failed');
  const options = { fieldManager: 'test', signal };
  await plane.kube.create(definition({ group, kind: 'Issuer', scope: 'Cluster' }), options);
  await world.agent.reaches('web', 'is applied', isSynced);
  const ref = { apiVersion: `${group}/v1`, kind: 'Issuer', name };
  const before = await plane.kube.get(ref, signal);
  expect(before).toBeDefined();
  await bring(world, [issuer, configMap('more')], { allowedDeletions: 9 });
  expect((await plane.kube.get(ref, signal))?.metadata.uid).toBe(before?.metadata.uid);
  await bring(world, [configMap('more')], { allowedDeletions: 9 });
  expect(await plane.kube.get(ref, signal)).toBeUndefined();
});

describe('an object that is to be left alone', () => {
  it.each([
    { 'kustomize.toolkit.fluxcd.io/ssa': 'Ignore' },
    { 'kustomize.toolkit.fluxcd.io/reconcile': 'disabled' },
    { 'meridian.dev/reconcile': 'disabled' },
  ])('is neither made, nor changed, nor waited for, nor pruned: %j', async (annotations) => {
    await using world = await startWorld(plane);
    const broken = { ...deployment('there', 1, 'registry.example/none:1') };
    await bring(world, [configMap('good'), broken], {}, ({ sync }) => sync !== 'Failed');
    await until('it is there', () => world.live('Deployment', 'there', 'apps/v1'));
    const alone = { ...deployment('there', 3), metadata: { name: 'there', annotations } };
    const absent = configMap('absent', {}, annotations);
    const status = await bring(world, [configMap('good'), alone, absent], { allowedDeletions: 9 });
    expect(status.objects.map(({ key }) => key.name)).toEqual(['good']);
    expect(await world.live('ConfigMap', 'absent')).toBeUndefined();
    const live = await world.live('Deployment', 'there', 'apps/v1');
    expect(live?.['spec']).toMatchObject({ replicas: 1 });
  });
});

describe('a definition whose conversion has a CA bundle', () => {
  const conversion = (caBundle?: string) => ({
    strategy: 'Webhook',
    webhook: {
      conversionReviewVersions: ['v1'],
      clientConfig: {
        service: { name: 'convert', namespace: 'default' },
        ...(caBundle === undefined ? {} : { caBundle }),
      },
    },
  });

  it.each([
    ['that is no certificate', Buffer.from('not a certificate').toString('base64'), false],
    ['that is not even base64', 'not base64!', false],
    ['that is a certificate', 'real', true],
  ])('%s', async (_what, given, isKept) => {
    await using world = await startWorld(plane);
    const group = `${world.namespace}.example.org`;
    const pem = Buffer.from(plane.control.caPem).toString('base64');
    const caBundle = given === 'real' ? pem : given;
    const made = definition({ group, kind: 'Model', conversion: conversion(caBundle) });
    const status = await bring(world, [made, configMap('good')]);
    expect(status.message).toBe('');
    const ref = { apiVersion: made.apiVersion, kind: made.kind, name: made.metadata.name };
    const live = await plane.kube.get(ref, signal);
    const text = JSON.stringify(live?.['spec']);
    expect(text.includes(pem)).toBe(isKept);
    expect(text).toContain('"strategy":"Webhook"');
  });
});

describe('an object whose version moves on', () => {
  it('is written by the new version although its fields were owned by the old one, and is pruned by neither', async () => {
    await using world = await startWorld(plane);
    const group = `${world.namespace}.example.org`;
    const spec = (fields: Json) => ({
      type: 'object',
      properties: { spec: { type: 'object', properties: fields } },
    });
    const text = { type: 'string' };
    const versions = [
      { name: 'v1alpha1', storage: false, schema: spec({ old: text, kept: text }) },
      { name: 'v1', storage: true, schema: spec({ kept: text, added: { ...text, default: 'filled' } }) },
    ];
    const both = definition({ group, kind: 'Model', versions });
    const model = (version: string, fields: object): KubeObject => ({
      apiVersion: `${group}/${version}`,
      kind: 'Model',
      metadata: { name: 'm' },
      spec: { ...fields },
    });
    await bring(world, [both, model('v1alpha1', { old: 'x', kept: 'y' })]);
    const uid = (await world.live('Model', 'm', `${group}/v1`))?.metadata.uid;
    await bring(world, [both, model('v1', { kept: 'z' })], { allowedDeletions: 9 });
    const live = await world.live('Model', 'm', `${group}/v1`);
    expect(live?.['spec']).toEqual({ kept: 'z', added: 'filled' });
    expect(live?.metadata.uid).toBe(uid);
    await world.restart();
    await world.agent.reaches('web', 'is done', isDone);
    const only = definition({ group, kind: 'Model', versions: versions.slice(1) });
    await bring(world, [only, model('v1', { kept: 'last' })]);
    expect((await world.live('Model', 'm', `${group}/v1`))?.['spec']).toMatchObject({ kept: 'last' });
  });
});

// Simulated clusters know no roles: whoever they know may do everything.
describe.runIf(inject('kube') === 'real')('a role and its binding in one bundle', () => {
  it('are both made by an account that has the rights itself, although the binding needs the role to be there', async () => {
    const serviceAccount = 'deployer';
    await using world = await startWorld(plane, { serviceAccount });
    const { namespace } = world;
    await plane.kube.create(
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
      { fieldManager: 'test', signal },
    );
    await grant(plane, {
      kind: 'Role',
      name: 'deployer',
      namespace,
      rules: [
        { apiGroups: [''], resources: ['configmaps'], verbs: ['get'] },
        { apiGroups: [rbac], resources: ['roles', 'rolebindings'], verbs: ['create', 'patch', 'delete'] },
      ],
      subjects: [{ kind: 'ServiceAccount', name: serviceAccount, namespace }],
    });
    const role = (verbs: readonly string[]): KubeObject => ({
      apiVersion: `${rbac}/v1`,
      kind: 'Role',
      metadata: { name: 'reader' },
      rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: [...verbs] }],
    });
    const binding: KubeObject = {
      apiVersion: `${rbac}/v1`,
      kind: 'RoleBinding',
      metadata: { name: 'reader' },
      roleRef: { apiGroup: rbac, kind: 'Role', name: 'reader' },
      subjects: [{ kind: 'ServiceAccount', name: 'reader', namespace }],
    };
    await bring(world, [role(['get']), binding]);
    const refused = await bring(
      world,
      [role(['get', 'delete']), binding],
      {},
      ({ sync }) => sync === 'Failed',
    );
    expect(refused.message).toContain('attempting to grant RBAC permissions not currently held');
  });
});

it('an object of somebody else beside ours is not touched by any of this', async () => {
  await using world = await startWorld(plane);
  await bring(world, [configMap('ours')]);
  await plane.kube.create(inside(configMap('theirs'), world), { fieldManager: 'them', signal });
  const before = await world.live('ConfigMap', 'theirs');
  await bring(world, [configMap('other')], { allowedDeletions: 9 });
  await bring(world, undefined, { allowedDeletions: 9 }, isSynced);
  expect(await world.live('ConfigMap', 'theirs')).toEqual(before);
});
