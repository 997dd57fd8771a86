import { FaultError } from '@meridian/runtime';
import type { RolloutState } from '@meridian/rollout';
import { expect, test } from 'vitest';
import type { ReleasedApplication } from '../releases/releases.ts';
import { BundleStore } from './bundle-store.ts';
import type { BundlesPort } from './bundle-store.ts';

const object = (name: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'ml' },
});
const bytes = (...names: string[]) =>
  new TextEncoder().encode(JSON.stringify({ objects: names.map(object) }));
const keys = (...names: string[]) => names.map((name) => `/ConfigMap/ml/${name}`);

function rig(stored: { readonly [digest: string]: Uint8Array } = {}) {
  const puts: string[] = [];
  const there = new Set<string>();
  const port: BundlesPort = {
    put: async (cluster, digest) => {
      puts.push(`${cluster} ${digest}`);
      there.add(`${cluster} ${digest}`);
    },
    missing: async (cluster, digests) => digests.filter((digest) => !there.has(`${cluster} ${digest}`)),
    get: async (_cluster, digest) => {
      const found = stored[digest];
      if (!found) throw new FaultError('not_found', 'gone', { retry: 'later' });
      return found;
    },
    keep: async () => ['sha256:new'],
  };
  return { puts, there, store: new BundleStore(port) };
}

const released = {
  bundles: new Map([['east', { digest: 'sha256:new', bytes: bytes('a', 'c'), keys: keys('a', 'c') }]]),
} as unknown as ReleasedApplication;
const state = {
  placed: { east: { generation: 1, release: 'r', bundle: 'sha256:old', objects: 2, held: 2 } },
} as unknown as RolloutState;

test('removals are the objects of the last bundle that the new one does not have', async () => {
  const { store } = rig({ 'sha256:old': bytes('a', 'b') });
  expect(await store.removals(state, released)).toEqual({ east: 1 });
  expect(await store.removals(undefined, released)).toEqual({});
});

test('last bundles are asked for some at a time, and told in the order of the clusters', async () => {
  const names = Array.from({ length: 40 }, (_, index) => `c${index}`);
  const next = { digest: 'sha256:new', bytes: bytes('a'), keys: keys('a') };
  const last = (name: string) => ({
    generation: 1,
    release: 'r',
    bundle: `sha256:${name}`,
    objects: 2,
    held: 2,
  });
  const many = { bundles: new Map(names.map((name) => [name, next])) } as unknown as ReleasedApplication;
  const before = { placed: Object.fromEntries(names.map((name) => [name, last(name)])) };
  let [asked, most] = [0, 0];
  const port = {
    get: async (cluster: string) => {
      most = Math.max(most, (asked += 1));
      // The later a cluster is asked for, the sooner it answers.
      for (let turn = names.length - names.indexOf(cluster); turn > 0; turn -= 1) await Promise.resolve();
      asked -= 1;
      return bytes('a', 'b');
    },
  } as unknown as BundlesPort;
  const removals = await new BundleStore(port).removals(before as unknown as RolloutState, many);
  expect(Object.keys(removals)).toEqual(names);
  expect(most).toBe(16);
});

test('a last bundle that is lost may have held anything, so all of it counts', async () => {
  expect(await rig().store.removals(state, released)).toEqual({ east: 2 });
});

test('storing stops when its signal aborts, in the middle of a release', async () => {
  const { store, puts } = rig();
  const names = Array.from({ length: 100 }, (_, index) => `c${index}`);
  const bundle = { digest: 'sha256:new', bytes: bytes('a'), keys: keys('a') };
  const many = { bundles: new Map(names.map((name) => [name, bundle])) } as unknown as ReleasedApplication;
  const over = new AbortController();
  const storing = store.putAll(many, over.signal);
  over.abort();
  await expect(storing).rejects.toMatchObject({ code: 'unavailable', retry: 'later' });
  expect(puts.length).toBeLessThan(100);
});

test('a bundle is stored once per cluster, and again after it was tidied away', async () => {
  const { store, puts } = rig();
  await store.putAll(released);
  await store.putAll(released);
  expect(puts).toEqual(['east sha256:new']);
  await store.tidy('east', []);
  await store.putAll(released);
  expect(puts).toHaveLength(2);
});

test('what is remembered as stored is forgotten once the store turns out to have lost something', async () => {
  const { store, puts, there } = rig();
  await store.putAll(released);
  expect(await store.lost('east', ['sha256:new'])).toEqual([]);
  await store.putAll(released);
  expect(puts).toHaveLength(1);
  there.clear();
  expect(await store.lost('east', ['sha256:new'])).toEqual(['sha256:new']);
  await store.putAll(released);
  expect(puts).toHaveLength(2);
  expect(await store.lost('east', ['sha256:new'])).toEqual([]);
});
