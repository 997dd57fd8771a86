import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { startSimPlane } from '@meridian/kubesim';
import type { TestControlPlane } from '@meridian/kubesim';
import type { KubeObject } from '@meridian/manifests';
import { systemClock } from '@meridian/runtime';
import { certificateAuthority, startControlPlane, startTcpProxy, tempDir } from '@meridian/testkit';
import type { TempDir } from '@meridian/testkit';
import { connectKube, isExpired, KubeStatusError, watchKind } from './index.ts';
import type { KindEvent, Kube, WatchKindOptions } from './index.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Which clusters the tests run on; each project of the configuration names one kind. */
    kube: 'sim' | 'real';
  }
}

let dir: TempDir;
let plane: TestControlPlane;
let kube: Kube;
const { signal } = new AbortController();
const meridian = { fieldManager: 'meridian', force: false, signal };

beforeAll(async () => {
  dir = await tempDir('kube');
  const options = { name: 'test', dir: dir.path, minimal: true, durable: false };
  plane = await (inject('kube') === 'sim' ? startSimPlane(options) : startControlPlane(options));
  kube = await connectKube({ kubeconfigPath: plane.kubeconfig, userAgent: 'meridian-test/1' });
});

afterAll(async () => {
  kube?.close();
  await plane?.stop();
  await dir?.[Symbol.asyncDispose]();
});

let namespaces = 0;
async function freshNamespace(): Promise<string> {
  const name = `ns-${(namespaces += 1)}`;
  await kube.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, meridian);
  return name;
}

const configMap = (
  namespace: string,
  name: string,
  data: { readonly [key: string]: string },
  labels?: { readonly [key: string]: string },
): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace, ...(labels ? { labels } : {}) },
  data,
});

/** A client whose bytes go through a proxy. */
async function connectThrough(port: number): Promise<Kube> {
  const path = join(dir.path, `through-${port}`);
  await writeFile(
    path,
    (await readFile(plane.kubeconfig, 'utf8')).replace(plane.url, `https://127.0.0.1:${port}`),
  );
  return connectKube({
    kubeconfigPath: path,
    userAgent: 'meridian-test/1',
    limits: { timeoutMs: 2_000, maxBytes: 10_000_000 },
  });
}

/** Follows config maps of a namespace and remembers what it was told. */
function follow(through: Kube, namespace: string, more: Partial<WatchKindOptions> = {}) {
  const stopping = new AbortController();
  const events: KindEvent[] = [];
  const run = async () => {
    const options = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      namespace,
      clock: systemClock,
      random: Math.random,
      signal: stopping.signal,
      ...more,
    };
    for await (const event of watchKind(through, options)) events.push(event);
  };
  const ended = run();
  const texts = () =>
    events.map((event) => ('object' in event ? `${event.type} ${event.object.metadata.name}` : event.type));
  return {
    events,
    texts,
    told: (text: string) => expect.poll(texts, { timeout: 40_000, interval: 10 }).toContain(text),
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await ended;
    },
  };
}

test('tells version, identity and kinds of the cluster', async () => {
  expect((await kube.serverVersion(signal)).gitVersion).toBe('v1.36.4');
  expect(await kube.clusterUid(signal)).toMatch(/^[0-9a-f-]{36}$/);
  const discovery = await kube.discover(signal);
  expect(discovery.find('apps/v1', 'Deployment')).toMatchObject({ plural: 'deployments', namespaced: true });
  expect(discovery.find('v1', 'Namespace')).toMatchObject({ plural: 'namespaces', namespaced: false });
  expect(discovery.find('v1', 'ConfigMap')?.verbs).toContain('watch');
});

test('applies: first created, then changed; a dry-run changes nothing', async () => {
  const namespace = await freshNamespace();
  const first = await kube.apply(configMap(namespace, 'a', { k: '1' }), meridian);
  const second = await kube.apply(configMap(namespace, 'a', { k: '2' }), meridian);
  expect([first.created, second.created]).toEqual([true, false]);
  const dry = await kube.apply(configMap(namespace, 'a', { k: '3' }), { ...meridian, dryRun: true });
  expect(dry.object['data']).toEqual({ k: '3' });
  expect(
    (await kube.get({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'a' }, signal))?.['data'],
  ).toEqual({ k: '2' });
});

test('a conflict names the manager and the field; force takes it over', async () => {
  const namespace = await freshNamespace();
  await kube.apply(configMap(namespace, 'a', { k: '1' }), { ...meridian, fieldManager: 'someone' });
  const error = await kube
    .apply(configMap(namespace, 'a', { k: '2' }), meridian)
    .catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(KubeStatusError);
  expect((error as KubeStatusError).conflicts).toEqual([{ manager: 'someone', field: '.data.k' }]);
  expect((error as KubeStatusError).retry).toBe('never');
  const forced = await kube.apply(configMap(namespace, 'a', { k: '2' }), { ...meridian, force: true });
  expect(forced.object['data']).toEqual({ k: '2' });
});

test('an unknown field is invalid, in apply and in create', async () => {
  const namespace = await freshNamespace();
  const wrong = { ...configMap(namespace, 'a', {}), datta: { k: '1' } } as KubeObject;
  await expect(kube.apply(wrong, meridian)).rejects.toMatchObject({ code: 'invalid', retry: 'never' });
  await expect(kube.create(wrong, meridian)).rejects.toMatchObject({ code: 'invalid', retry: 'never' });
});

test('the content of a Secret never reaches a message', async () => {
  const namespace = await freshNamespace();
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 's', namespace },
    type: 'kubernetes.io/tls',
    stringData: { 'tls.crt': 'hunter2' },
  };
  const error = await kube.create(secret, meridian).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'invalid', status: 422 });
  expect(JSON.stringify(error) + String(error)).not.toContain('hunter2');
});

test('what is not there: undefined to read, absent to remove, later to write into', async () => {
  expect(
    await kube.get({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'nowhere', name: 'a' }, signal),
  ).toBeUndefined();
  expect(
    await kube.remove({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'nowhere', name: 'a' }, { signal }),
  ).toBe('absent');
  await expect(kube.apply(configMap('nowhere', 'a', {}), meridian)).rejects.toMatchObject({
    code: 'not_found',
    retry: 'later',
  });
  await expect(kube.get({ apiVersion: 'a.io/v1', kind: 'Widget', name: 'a' }, signal)).rejects.toMatchObject({
    code: 'not_found',
  });
  await expect(kube.get({ apiVersion: 'v1', kind: 'ConfigMap', name: 'a' }, signal)).rejects.toThrow(
    'needs a namespace',
  );
});

test('removes only the object with the given UID and version', async () => {
  const namespace = await freshNamespace();
  const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'a' };
  const { object } = await kube.apply(configMap(namespace, 'a', {}), meridian);
  const uid = object.metadata.uid ?? '';
  await expect(
    kube.remove(ref, { uid: '00000000-0000-0000-0000-000000000000', signal }),
  ).rejects.toMatchObject({ code: 'conflict', status: 409 });
  await expect(kube.remove(ref, { uid, resourceVersion: '1', signal })).rejects.toMatchObject({
    code: 'conflict',
  });
  expect(await kube.remove(ref, { uid, dryRun: true, signal })).toBe('removed');
  expect(await kube.get(ref, signal)).toBeDefined();
  expect(await kube.remove(ref, { uid, signal })).toBe('removed');
  expect(await kube.get(ref, signal)).toBeUndefined();
});

test('creates once, replaces only the version it read, patches both ways', async () => {
  const namespace = await freshNamespace();
  const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'a' };
  const created = await kube.create(configMap(namespace, 'a', { k: '1' }), meridian);
  await expect(kube.create(configMap(namespace, 'a', { k: '1' }), meridian)).rejects.toMatchObject({
    code: 'conflict',
    reason: 'AlreadyExists',
  });
  const replaced = await kube.replace({ ...created, data: { k: '2' } }, meridian);
  await expect(kube.replace({ ...created, data: { k: '3' } }, meridian)).rejects.toMatchObject({
    code: 'conflict',
    retry: 'later',
  });
  expect(replaced['data']).toEqual({ k: '2' });
  expect(
    (await kube.patch(ref, { type: 'merge', patch: { data: { k: null, l: '1' } } }, meridian))['data'],
  ).toEqual({ l: '1' });
  const change = { type: 'json', patch: [{ op: 'replace', path: '/data/l', value: '2' }] } as const;
  expect((await kube.patch(ref, change, meridian))['data']).toEqual({ l: '2' });
});

test('reads a list in pages, all of the same version, and fills the kind of its items', async () => {
  const namespace = await freshNamespace();
  for (let count = 0; count < 7; count += 1)
    await kube.apply(configMap(namespace, `m${count}`, {}, { even: String(count % 2 === 0) }), meridian);
  const query = { apiVersion: 'v1', kind: 'ConfigMap', namespace, limit: 3 };
  const sizes: number[] = [];
  for await (const page of kube.pages(query, signal)) sizes.push(page.items.length);
  expect(sizes).toEqual([3, 3, 1]);
  const { items } = await kube.list(query, signal);
  expect(items.map((item) => `${item.kind}/${item.metadata.name}`)).toEqual(
    ['m0', 'm1', 'm2', 'm3', 'm4', 'm5', 'm6'].map((name) => `ConfigMap/${name}`),
  );
  expect((await kube.list({ ...query, labelSelector: 'even=true' }, signal)).items.length).toBe(4);
});

test('a watch from a version that is too old is expired, and the watcher lists anew without losing a deletion', async () => {
  const namespace = await freshNamespace();
  for (const name of ['a', 'b']) await kube.apply(configMap(namespace, name, {}), meridian);
  await using proxy = await startTcpProxy({ port: Number(new URL(plane.url).port) });
  const through = await connectThrough(proxy.port);
  await using watcher = follow(through, namespace);
  await watcher.told('synced');
  const { resourceVersion } = await kube.list({ apiVersion: 'v1', kind: 'ConfigMap', namespace }, signal);
  proxy.partition();
  await kube.remove({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'a' }, { signal });
  // The history that a server can tell begins when it starts.
  await plane.restart('kube-apiserver');
  const query = { apiVersion: 'v1', kind: 'ConfigMap', namespace, resourceVersion, timeoutSeconds: 5 };
  const read = async () => {
    for await (const event of kube.watch({ ...query, idleTimeoutMs: 10_000, signal })) return event;
    return undefined;
  };
  expect(isExpired(await read().catch((thrown: unknown) => thrown))).toBe(true);
  proxy.heal();
  await watcher.told('deleted a');
  expect(watcher.texts().filter((text) => text === 'synced').length).toBe(2);
  expect(watcher.texts()).not.toContain('deleted b');
  through.close();
});

test('a client certificate is as good as a token, and nobody else gets in', async () => {
  const kept = {
    certificatePem: await readFile(join(dir.path, 'identity', 'ca.crt'), 'utf8'),
    keyPem: await readFile(join(dir.path, 'identity', 'ca.key'), 'utf8'),
  };
  const client = certificateAuthority('test control plane', kept).issue({
    commonName: 'ops',
    organization: 'system:masters',
    usages: ['client'],
  });
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const text = await readFile(plane.kubeconfig, 'utf8');
  const path = join(dir.path, 'client-certificate');
  const user = (line: string) => text.replace(/ {4}user: .*/, `    user: { ${line} }`);
  await writeFile(
    path,
    user(
      `client-certificate-data: ${base64(client.certificatePem)}, client-key-data: ${base64(client.keyPem)}`,
    ),
  );
  const certified = await connectKube({ kubeconfigPath: path, userAgent: 'meridian-test/1' });
  expect(await certified.clusterUid(signal)).toBe(await kube.clusterUid(signal));
  certified.close();

  await writeFile(path, user('token: wrong'));
  const wrong = await connectKube({ kubeconfigPath: path, userAgent: 'meridian-test/1' });
  await expect(wrong.clusterUid(signal)).rejects.toMatchObject({ code: 'denied', status: 401 });
  wrong.close();

  await writeFile(
    path,
    text.replace(
      /certificate-authority-data: \S+/,
      `certificate-authority-data: ${base64(certificateAuthority('other').certificatePem)}`,
    ),
  );
  const stranger = await connectKube({ kubeconfigPath: path, userAgent: 'meridian-test/1' });
  await expect(stranger.clusterUid(signal)).rejects.toMatchObject({
    code: 'denied',
    message: expect.stringContaining('not trusted') as unknown,
  });
  stranger.close();
});

test('the watcher sees what is created, changed and removed, within milliseconds', async () => {
  const namespace = await freshNamespace();
  await kube.apply(configMap(namespace, 'before', {}), meridian);
  await using watcher = follow(kube, namespace);
  await watcher.told('synced');
  expect(watcher.texts()).toEqual(['applied before', 'synced']);
  await kube.apply(configMap(namespace, 'a', { k: '1' }), meridian);
  await watcher.told('applied a');
  await kube.apply(configMap(namespace, 'a', { k: '2' }), meridian);
  await expect.poll(() => watcher.texts().filter((text) => text === 'applied a').length).toBe(2);
  await kube.remove({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'a' }, { signal });
  await watcher.told('deleted a');
  const last = watcher.events.at(-1);
  expect(last?.type === 'deleted' && 'data' in last.object ? last.object['data'] : undefined).toEqual({
    k: '2',
  });
});

test('a connection that goes silent is noticed and nothing is lost', async () => {
  const namespace = await freshNamespace();
  await using proxy = await startTcpProxy({ port: Number(new URL(plane.url).port) });
  const through = await connectThrough(proxy.port);
  await kube.apply(configMap(namespace, 'a', {}), meridian);
  await using watcher = follow(through, namespace, { idleTimeoutMs: 1_000 });
  await watcher.told('synced');
  proxy.fault('down', { kind: 'drop' });
  await kube.remove({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'a' }, { signal });
  await kube.apply(configMap(namespace, 'b', {}), meridian);
  await watcher.told('error');
  expect(watcher.texts()).not.toContain('deleted a');
  proxy.cut();
  proxy.heal();
  await watcher.told('deleted a');
  await watcher.told('applied b');
  through.close();
});

test('a kind that appears and vanishes is followed and reported', async () => {
  const name = 'widgets.example.io';
  const crd = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name },
    spec: {
      group: 'example.io',
      scope: 'Cluster',
      names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
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
  const widget = { apiVersion: 'example.io/v1', kind: 'Widget', metadata: { name: 'w' } };
  const hasty = {
    ...systemClock,
    wait: (ms: number, until: AbortSignal) => systemClock.wait(Math.min(ms, 300), until),
  };
  await using watcher = follow(kube, '', { apiVersion: 'example.io/v1', kind: 'Widget', clock: hasty });
  await watcher.told('error');
  await kube.apply(crd, meridian);
  await watcher.told('synced');
  await expect
    .poll(
      () =>
        kube.apply(widget, meridian).then(
          (done) => done.created,
          () => false,
        ),
      { timeout: 10_000 },
    )
    .toBe(true);
  await watcher.told('applied w');
  await kube.remove({ apiVersion: crd.apiVersion, kind: crd.kind, name }, { signal });
  await watcher.told('deleted w');
  const errors = watcher.texts().filter((text) => text === 'error').length;
  await expect
    .poll(() => watcher.texts().filter((text) => text === 'error').length, { timeout: 20_000 })
    .toBeGreaterThan(errors);
});

test('a killed and restarted API server costs the watcher no deletion', async () => {
  const namespace = await freshNamespace();
  for (const name of ['a', 'b', 'c']) await kube.apply(configMap(namespace, name, {}), meridian);
  await using watcher = follow(kube, namespace);
  await watcher.told('synced');
  await kube.remove({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'a' }, { signal });
  await plane.crash('kube-apiserver');
  await expect(kube.clusterUid(signal)).rejects.toMatchObject({ code: 'unavailable', retry: 'later' });
  await plane.restart('kube-apiserver');
  await kube.remove({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'b' }, { signal });
  await watcher.told('deleted a');
  await watcher.told('deleted b');
  expect(watcher.texts()).not.toContain('deleted c');
});
