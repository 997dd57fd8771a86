import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubeObject } from '@meridian/manifests';
import { FaultError } from '@meridian/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { statePlaces } from '../ports.ts';
import type { ApplicationRecord } from '../ports.ts';
import { silent } from '../testing/rig.ts';
import { openClusterStore } from './cluster-store.ts';
import { openDiskStore } from './disk-store.ts';
import { decodeRecord, encodeRecord, laterOf } from './record.ts';
import { openTwinStore } from './twin-store.ts';

const signal = new AbortController().signal;
const both = statePlaces;

const record = (generation: number, changes: Partial<ApplicationRecord> = {}): ApplicationRecord => ({
  application: 'web',
  writes: 1,
  mark: { incarnation: 'a', term: 1, generation },
  envelope: { payloadType: 't', payload: `p${generation}`, signatures: [{ keyid: 'k', sig: 's' }] },
  bundle: new Uint8Array([1, 2, 3]),
  inventory: [{ group: '', kind: 'ConfigMap', namespace: 'ml', name: 'a', apiVersion: 'v1', uid: 'u' }],
  appliedAtMs: 7,
  ...changes,
});

/** Secrets in a map, with versions and conflicts as an API server has them. */
function secretsInMemory() {
  const secrets = new Map<string, KubeObject>();
  let version = 0;
  const state = { broken: false };
  const check = () => {
    if (state.broken) throw new FaultError('unavailable', 'the API server is away', { retry: 'later' });
  };
  return {
    secrets,
    state,
    async get({ name }: { name: string }) {
      check();
      return secrets.get(name);
    },
    async list() {
      check();
      return [...secrets.values()];
    },
    async apply(object: KubeObject) {
      return object;
    },
    async put(object: KubeObject) {
      check();
      const present = secrets.get(object.metadata.name)?.metadata.resourceVersion;
      if (present !== object.metadata.resourceVersion)
        throw new FaultError('conflict', 'it has changed', { retry: 'later' });
      version += 1;
      const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
      secrets.set(object.metadata.name, stored);
      return stored;
    },
  };
}

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'meridian-agent-state-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('a record as bytes', () => {
  it('comes back as it was', () => {
    for (const one of [record(1), record(2, { traceparent: '00-x' })])
      expect(decodeRecord(encodeRecord(one))).toEqual(one);
    const { bundle: _bundle, appliedAtMs: _applied, ...withdrawn } = record(3);
    expect(decodeRecord(encodeRecord(withdrawn))).toEqual(withdrawn);
  });

  it('has its drift again, and none rather than nothing at all when that is of another version', () => {
    const drift = {
      key: { group: '', kind: 'ConfigMap', namespace: 'ml', name: 'a' },
      change: 'modified' as const,
      manager: 'hand',
      fields: [{ path: 'data.a', desired: '"1"', live: '"2"' }],
      firstSeenMs: 1,
      healedAtMs: 2,
    };
    expect(decodeRecord(encodeRecord(record(1, { drift: [drift] })))).toEqual(record(1, { drift: [drift] }));
    const later = { ...drift, change: 'moved' as 'modified' };
    expect(decodeRecord(encodeRecord(record(1, { drift: [later] })))).toEqual(record(1, { drift: [] }));
    expect(decodeRecord(encodeRecord(record(1)))).not.toHaveProperty('drift');
  });

  it('is refused when any byte is missing or other', () => {
    const bytes = encodeRecord(record(1));
    for (let length = 0; length < bytes.length; length += 1)
      expect(() => decodeRecord(bytes.subarray(0, length))).toThrow('damaged');
    for (let index = 0; index < bytes.length; index += 1) {
      const changed = Uint8Array.from(bytes);
      changed[index] = (changed[index] ?? 0) ^ 1;
      expect(() => decodeRecord(changed)).toThrow('damaged');
    }
  });
});

/** Slices that count how often others had their turn. */
function countedSlices() {
  const counted = { turns: 0, between: () => void (counted.turns += 1) };
  return counted;
}

describe('a load of many records', () => {
  it('lets others have their turn before each of them, on disk and in the cluster', async () => {
    const names = ['a', 'b', 'c'];
    const kube = secretsInMemory();
    const slices = countedSlices();
    const stores = {
      disk: openDiskStore(dir, silent, slices),
      cluster: openClusterStore({ kube, namespace: 'm', log: silent, slices }),
    };
    for (const application of names) {
      await stores.disk.save(record(1, { application }));
      await stores.cluster.save(record(1, { application }), signal);
    }
    expect((await stores.disk.load()).map(({ application }) => application).sort()).toEqual(names);
    expect(slices.turns).toBe(names.length);
    expect(await stores.cluster.load(signal)).toHaveLength(names.length);
    expect(slices.turns).toBe(2 * names.length);
  });
});

describe('the disk store', () => {
  it('gives back what was saved last and leaves no other file', async () => {
    const store = openDiskStore(dir, silent);
    await store.save(record(1));
    await store.save(record(2));
    expect(await openDiskStore(dir, silent).load()).toEqual([record(2)]);
    expect(readdirSync(join(dir, 'applications'))).toEqual(['web.state']);
  });

  it('leaves out a damaged file', async () => {
    const store = openDiskStore(dir, silent);
    await store.save(record(1));
    await store.save(record(1, { application: 'api' }));
    const file = join(dir, 'applications', 'web.state');
    writeFileSync(file, readFileSync(file).subarray(0, 40));
    expect((await store.load()).map(({ application }) => application)).toEqual(['api']);
  });

  it('gives nothing rather than less when the file system does not let it read', async () => {
    await openDiskStore(dir, silent).save(record(7));
    const file = join(dir, 'applications', 'web.state');
    rmSync(file);
    symlinkSync(file, file);
    await expect(openDiskStore(dir, silent).load()).rejects.toThrow('disk cannot be read: ELOOP');
    expect(await openDiskStore(join(dir, 'fresh'), silent).load()).toEqual([]);
  });

  it('throws what the file system says', async () => {
    writeFileSync(join(dir, 'file'), '');
    await expect(openDiskStore(join(dir, 'file'), silent).save(record(1))).rejects.toThrow('ENOTDIR');
  });
});

describe('the cluster store', () => {
  it('gives back what was saved, without a bundle that is too large for a Secret', async () => {
    const kube = secretsInMemory();
    const store = openClusterStore({ kube, namespace: 'm', log: silent });
    await store.save(record(1), signal);
    await store.save(record(2, { bundle: new Uint8Array(800 * 1024) }), signal);
    const { bundle: _bundle, ...expected } = record(2);
    expect(await openClusterStore({ kube, namespace: 'm', log: silent }).load(signal)).toEqual([expected]);
  });

  it('goes on after an answer that was lost, but not over a later state of another agent', async () => {
    const kube = secretsInMemory();
    const first = openClusterStore({ kube, namespace: 'm', log: silent });
    const second = openClusterStore({ kube, namespace: 'm', log: silent });
    await first.save(record(1), signal);
    await second.save(record(2), signal);
    await second.save(record(4), signal);
    await expect(first.save(record(3), signal)).rejects.toThrow('another agent serves this cluster');
    await first.save(record(5), signal);
    expect((await second.load(signal))[0]?.mark.generation).toBe(5);
  });
});

describe('two agents of one cluster', () => {
  it('do not lose what the other had made', async () => {
    const kube = secretsInMemory();
    const first = openClusterStore({ kube, namespace: 'm', log: silent });
    const second = openClusterStore({ kube, namespace: 'm', log: silent });
    const entry = (name: string) => ({
      group: '',
      kind: 'ConfigMap',
      namespace: 'ml',
      name,
      apiVersion: 'v1',
      uid: '',
    });
    await first.save(record(1), signal);
    await second.load(signal);
    await first.save(record(2, { inventory: [entry('a'), entry('made-by-first')] }), signal);
    expect(await second.save(record(3), signal)).toEqual([entry('made-by-first')]);
    const [kept] = await first.load(signal);
    expect(kept?.inventory.map(({ name }) => name)).toEqual(['made-by-first', 'a']);
  });
});

describe('the twin store', () => {
  const twins = () => {
    const kube = secretsInMemory();
    const open = (uid: string) =>
      openTwinStore({
        disk: openDiskStore(dir, silent),
        cluster: openClusterStore({ kube, namespace: 'm', log: silent }),
        clusterUid: () => Promise.resolve(uid),
        log: silent,
      });
    return { kube, store: open('here'), open };
  };

  const made = (name: string) => ({
    group: '',
    kind: 'ConfigMap',
    namespace: 'ml',
    name,
    apiVersion: 'v1',
    uid: `uid-${name}`,
  });

  it('takes of another cluster where an application stands, but nothing of what was made and done there', async () => {
    const { store, open } = twins();
    await store.load(signal);
    const hooks = { bundle: 'b', generation: 2, runs: [] };
    await store.save(record(2, { inventory: [made('a')], appliedAtMs: 5, removed: 1, hooks }), both, signal);
    const there = open('there');
    const [kept] = await there.load(signal);
    expect(kept?.missing).toEqual(both);
    const { appliedAtMs: _appliedAtMs, ...fresh } = record(2, { clusterUid: 'there', inventory: [] });
    expect(kept?.record).toEqual({ ...fresh, writes: fresh.writes + 1 });
    expect((await store.load(signal))[0]?.record.inventory).toEqual([made('a')]);
  });

  it('goes by the copy of its own cluster, also where that of another one is later', async () => {
    const { kube, store, open } = twins();
    await store.load(signal);
    await store.save(record(9, { inventory: [made('theirs')] }), ['disk'], signal);
    const own = record(3, { inventory: [made('ours')], clusterUid: 'there' });
    await openClusterStore({ kube, namespace: 'm', log: silent }).save(own, signal);
    expect(await open('there').load(signal)).toEqual([{ record: own, missing: ['disk'] }]);
  });

  it('loads the later of both copies, and the bundle from the one that has it', async () => {
    const { kube, store } = twins();
    const large = record(2, { bundle: new Uint8Array(800 * 1024) });
    await store.save(large, both, signal);
    expect(await store.load(signal)).toEqual([{ record: large, missing: [] }]);
    await openClusterStore({ kube, namespace: 'm', log: silent }).save(record(3), signal);
    expect(await store.load(signal)).toEqual([{ record: record(3), missing: ['disk'] }]);
    expect(laterOf(record(3, { writes: 2 }), record(3))?.writes).toBe(2);
  });

  it('says which place did not take a record, and still knows it when it loads', async () => {
    const { kube, store } = twins();
    await store.save(record(1), both, signal);
    kube.state.broken = true;
    expect(await store.save(record(2), both, signal)).toEqual({
      ok: true,
      problems: [{ place: 'cluster', reason: 'the API server is away' }],
      others: [],
    });
    kube.state.broken = false;
    expect(await store.load(signal)).toEqual([{ record: record(2), missing: ['cluster'] }]);
    expect(await store.save(record(2), ['cluster'], signal)).toMatchObject({ ok: true, problems: [] });
    expect(await store.load(signal)).toEqual([{ record: record(2), missing: [] }]);
  });

  it('gives nothing while one of the places cannot be asked, for that one may have a later record', async () => {
    const { kube, store } = twins();
    await store.save(record(1), both, signal);
    kube.state.broken = true;
    await expect(store.load(signal)).rejects.toThrow('the API server is away');
  });

  it('fails a save that no place took', async () => {
    const { kube } = twins();
    kube.state.broken = true;
    writeFileSync(join(dir, 'file'), '');
    const unable = openTwinStore({
      disk: openDiskStore(join(dir, 'file'), silent),
      cluster: openClusterStore({ kube, namespace: 'm', log: silent }),
      clusterUid: () => Promise.resolve('here'),
      log: silent,
    });
    expect(await unable.save(record(1), both, signal)).toMatchObject({
      ok: false,
      reason: expect.stringMatching(/disk: ENOTDIR.*cluster: the API server is away/) as string,
    });
  });
});
