import { randomInt } from 'node:crypto';
import { connectKube, isExpired, KubeStatusError, watchKind } from '@meridian/kube';
import type { KindEvent, Kube, WatchKindOptions } from '@meridian/kube';
import { startSimHost } from '@meridian/kubesim';
import type { FaultRule, Faults, HostedCluster } from '@meridian/kubesim';
import { systemClock } from '@meridian/runtime';
import type { Clock } from '@meridian/runtime';
import { tempDir } from '@meridian/testkit';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { until } from './until.ts';

// What Meridian's client of Kubernetes does while its API server misbehaves. The cluster is one of two behind a shared listener,
// so its kubeconfig asks for it by name.
const resources = new AsyncDisposableStack();
const { signal } = new AbortController();
const meridian = { fieldManager: 'meridian', force: false, signal };
let cluster: HostedCluster;
let faults: Faults;
let kube: Kube;

beforeAll(async () => {
  const dir = resources.use(await tempDir('faults'));
  const clusters = [{ name: 'calm' }, { name: 'faulty' }];
  const host = resources.use(await startSimHost({ dir: dir.path, clusters }));
  cluster = host.clusters.get('faulty')!;
  faults = cluster.faults;
  const limits = { timeoutMs: 1_000, maxBytes: 10_000_000 };
  kube = await connectKube({ kubeconfigPath: cluster.kubeconfig!, userAgent: 'meridian-test/1', limits });
  resources.defer(() => kube.close());
});
afterEach(() => faults.clear());
afterAll(() => resources.disposeAsync());

const map = (name: string, data: Record<string, string> = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
  data,
});
const refTo = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name });

/** Follows config maps, and notes how long it waited. */
function follow(more: Partial<WatchKindOptions> = {}) {
  const stopping = new AbortController();
  const events: KindEvent[] = [];
  const waits: number[] = [];
  const clock: Clock = {
    ...systemClock,
    wait: (ms, ended) => {
      waits.push(ms);
      return systemClock.wait(Math.min(ms, 20), ended);
    },
  };
  const query = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default' };
  const options = {
    ...query,
    signal: stopping.signal,
    clock,
    random: () => randomInt(1_000) / 1_000,
    ...more,
  };
  const run = (async () => {
    for await (const event of watchKind(kube, options)) events.push(event);
  })();
  return {
    events,
    waits,
    has: (type: 'applied' | 'deleted', name: string) =>
      events.some((event) => event.type === type && event.object.metadata.name === name),
    synced: () => events.filter(({ type }) => type === 'synced').length,
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await run;
    },
  };
}

const soon = (isSo: () => boolean, otherwise: string) => until(() => Promise.resolve(isSo()), otherwise);
const add = (rule: FaultRule) => faults.add(rule);

it('waits as long as a server that is too busy asks for', async () => {
  add({ count: 2, match: { verbs: ['list'] }, fault: { kind: 'refuse', code: 429, retryAfterSeconds: 9 } });
  await using watcher = follow();
  await soon(() => watcher.synced() === 1, 'no list');
  expect(watcher.waits).toEqual([9_000, 9_000]);
});

it('tells of a refusal with the code of the server and whether it may be tried again', async () => {
  add({ fault: { kind: 'refuse', code: 503, retryAfterSeconds: 3 } });
  const refusal = await kube.apply(map('refused'), meridian).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(KubeStatusError);
  expect(refusal).toMatchObject({ code: 'unavailable', retry: 'later', status: 503, retryAfterMs: 3_000 });
});

it('gives up a request that is not answered in time', async () => {
  add({ fault: { kind: 'delay', delayMs: 5_000 } });
  await expect(kube.get(refTo('any'), signal)).rejects.toMatchObject({ code: 'timeout', retry: 'later' });
});

it('says that a write may be tried again when its answers were lost, and trying again is harmless', async () => {
  // The first loss looks like a kept connection that was closed, after which an apply is tried once more by itself.
  add({ count: 2, match: { verbs: ['patch'] }, fault: { kind: 'drop', when: 'after' } });
  await expect(kube.apply(map('twice', { a: 'b' }), meridian)).rejects.toMatchObject({ retry: 'later' });
  const there = await kube.get(refTo('twice'), signal);
  const again = await kube.apply(map('twice', { a: 'b' }), meridian);
  expect(again).toMatchObject({ created: false });
  expect((await kube.get(refTo('twice'), signal))?.metadata['resourceVersion']).toBe(
    there?.metadata['resourceVersion'],
  );
});

it('does not take half an answer for a whole one', async () => {
  await kube.apply(map('long', { text: 'x'.repeat(2_000) }), meridian);
  add({ match: { verbs: ['get'] }, fault: { kind: 'truncate', afterBytes: 1_000 } });
  await expect(kube.get(refTo('long'), signal)).rejects.toMatchObject({ retry: 'later' });
});

it.each<readonly [string, FaultRule['fault'] & object]>([
  ['is cut', { kind: 'dropWatch', how: 'cut' }],
  ['ends', { kind: 'dropWatch', how: 'end' }],
  ['is cut in the middle of an event', { kind: 'truncate', afterBytes: 40 }],
  ['fails with an error event', { kind: 'failWatch', code: 500 }],
  ['expires', { kind: 'failWatch' }],
])('misses nothing when its watch %s', async (what, fault) => {
  const name = `after-${what.replaceAll(' ', '-')}`;
  await using watcher = follow();
  await soon(() => watcher.synced() === 1, 'no list');
  add({ match: { verbs: ['watch'] }, count: 3, fault });
  for (const turn of ['1', '2', '3']) {
    await kube.apply(map(`${name}-${turn}`), meridian);
    await soon(() => watcher.has('applied', `${name}-${turn}`), 'not told');
  }
  await kube.remove(refTo(`${name}-1`), { signal });
  await soon(() => watcher.has('deleted', `${name}-1`), 'not told');
});

it('notices a watch that fell silent, and learns what it missed', async () => {
  await using watcher = follow({ idleTimeoutMs: 300 });
  await soon(() => watcher.synced() === 1, 'no list');
  const silence = add({ count: 1, match: { verbs: ['watch'] }, fault: { kind: 'silenceWatch' } });
  expect(silence.count).toBe(1);
  await kube.apply(map('unheard'), meridian);
  await soon(() => watcher.has('applied', 'unheard'), 'not told');
  expect(watcher.events.filter(({ type }) => type === 'error')).toEqual([]);
});

it('lists anew when the past is gone, and learns of deletions that it did not see', async () => {
  await kube.apply(map('gone'), meridian);
  await using watcher = follow();
  await soon(() => watcher.has('applied', 'gone'), 'not told');
  const cut = add({ match: { verbs: ['watch'] }, fault: { kind: 'dropWatch', how: 'cut' } });
  await kube.remove(refTo('gone'), { signal });
  cut.remove();
  add({ count: 1, match: { verbs: ['watch'] }, fault: { kind: 'expire' } });
  await soon(() => watcher.has('deleted', 'gone'), 'not told');
});

it('reads a list whole when it expired between two of its pages', async () => {
  for (const name of ['p1', 'p2', 'p3']) await kube.apply(map(name), meridian);
  const expiry = add({ count: 1, match: { verbs: ['list'] }, fault: { kind: 'expire' } });
  const { items } = await kube.list({ apiVersion: 'v1', kind: 'ConfigMap', limit: 1 }, signal);
  expect(items.map(({ metadata }) => metadata.name)).toEqual(expect.arrayContaining(['p1', 'p2', 'p3']));
  expect(expiry.count).toBe(1);
  add({ fault: { kind: 'expire' } });
  const reading = async () => {
    for await (const _ of kube.pages({ apiVersion: 'v1', kind: 'ConfigMap', limit: 1 }, signal));
  };
  expect(isExpired(await reading().catch((error: unknown) => error))).toBe(true);
});

it('sees a sidecar that was put into its pod without being told', async () => {
  const sidecar = { name: 'proxy', image: 'proxy:1' };
  add({ fault: { kind: 'mutate', webhook: 'mesh.example', sidecar } });
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'meshed', namespace: 'default' },
    spec: { containers: [{ name: 'server', image: 'server:1' }] },
  };
  await kube.apply(pod, meridian);
  const stored = await kube.get({ ...refTo('meshed'), kind: 'Pod' }, signal);
  expect(JSON.stringify(stored)).toContain('"proxy:1"');
});
