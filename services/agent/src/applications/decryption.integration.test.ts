import { copyFileSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubeObject } from '@meridian/manifests';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { unpackBundle } from '../assignments/bundle.ts';
import { openDiskStore } from '../state/disk-store.ts';
import { usePlane } from '../testing/plane.ts';
import { configMap, silent, until } from '../testing/rig.ts';
import { isDone, startWorld } from '../testing/world.ts';
import type { World } from '../testing/world.ts';

const plane = usePlane('decryption');
const { signal } = new AbortController();
const samples = join(import.meta.dirname, '../decryption/samples');

/** Encrypted with sops; its password is "correct horse". */
const encrypted = (
  more: { readonly name?: string; readonly annotations?: { readonly [key: string]: string } } = {},
): KubeObject => {
  const secret = parse(readFileSync(join(samples, 'secret.yaml'), 'utf8')) as KubeObject;
  return { ...secret, metadata: { ...secret.metadata, ...more } };
};

const password = Buffer.from('correct horse').toString('base64');

/** An empty directory for keys. */
const keysDir = (): string => mkdtempSync(join(tmpdir(), 'age-keys-'));

const giveKey = (dir: string, name = 'first.agekey'): void => {
  mkdirSync(dir, { recursive: true });
  copyFileSync(join(samples, 'keys/first.agekey'), join(dir, name));
};

/** What the agent has written down of its applications, as it would read it. */
async function everythingKept({ dataDir }: World): Promise<string> {
  const records = await openDiskStore(dataDir, silent).load();
  expect(records).not.toHaveLength(0);
  const texts = records.map(({ bundle, ...record }) => {
    const objects = bundle ? Buffer.from(unpackBundle(bundle)).toString() : '';
    return JSON.stringify(record) + objects;
  });
  return texts.join('\n');
}

describe('a Secret that SOPS has encrypted', () => {
  it('is decrypted by the agent alone, kept encrypted, and healed as any other object', async () => {
    const ageKeysDir = keysDir();
    giveKey(ageKeysDir);
    await using world = await startWorld(plane, { ageKeysDir });
    const end = encrypted({ name: 'end', annotations: { 'argocd.argoproj.io/hook': 'PostDelete' } });
    await world.agent.give('web', world.hub.sign('web', [encrypted(), end]));
    await world.agent.reaches('web', 'is done', isDone);
    const live = await world.live('Secret', 'registry');
    expect(live?.['data']).toMatchObject({ password, port: Buffer.from('5432').toString('base64') });
    expect(live).not.toHaveProperty('sops');

    await plane.kube.apply(
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'registry', namespace: world.namespace },
        data: { password: Buffer.from('theirs').toString('base64') },
      },
      { fieldManager: 'somebody', force: true, signal },
    );
    await until('it is healed', async () => {
      const { data } = { data: {}, ...(await world.live('Secret', 'registry')) };
      return (data as { readonly password?: string }).password === password;
    });
    const kept = [await everythingKept(world)];
    // The hook for the end is kept apart from the bundle once the application is withdrawn.
    await world.agent.give('web', world.hub.sign('web', undefined, { allowedDeletions: 9 }));
    await world.agent.reaches('web', 'is withdrawn', (status) => status.generation === 2 && isDone(status));
    expect((await world.live('Secret', 'end'))?.['data']).toMatchObject({ password });
    kept.push(await everythingKept(world));
    const said = JSON.stringify([world.agent.reports, world.agent.events]);
    for (const secret of ['correct horse', password]) {
      expect(said).not.toContain(secret);
      for (const texts of kept) expect(texts).not.toContain(secret);
    }
    for (const texts of kept) expect(texts).toContain('ENC[AES256_GCM');
  });

  it('is applied after a restart without the hub, from what was kept', async () => {
    const ageKeysDir = keysDir();
    giveKey(ageKeysDir);
    await using world = await startWorld(plane, { ageKeysDir });
    await world.agent.give('web', world.hub.sign('web', [encrypted()]));
    await world.agent.reaches('web', 'is done', isDone);
    await plane.kube.remove(
      { apiVersion: 'v1', kind: 'Secret', namespace: world.namespace, name: 'registry' },
      { signal },
    );
    await world.restart();
    await world.agent.reaches('web', 'is done again', isDone);
    expect((await world.live('Secret', 'registry'))?.['data']).toMatchObject({ password });
  });

  it('that no key opens is named, holds up no other and deletes nothing, and follows once the key is there', async () => {
    const ageKeysDir = keysDir();
    await using world = await startWorld(plane, { ageKeysDir });
    const before: KubeObject = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'registry' },
      data: { password: Buffer.from('old').toString('base64') },
    };
    await world.agent.give('web', world.hub.sign('web', [before]));
    await world.agent.reaches('web', 'is done', isDone);
    const rules = { retry: { firstMs: 50, factor: 1, capMs: 200, limit: 1 } };
    await world.agent.give('web', world.hub.sign('web', [encrypted(), configMap('other')], { rules }));
    const failed = await world.agent.reaches('web', 'names it', ({ sync }) => sync === 'Failed');
    expect(failed.message).toContain(`Secret ${world.namespace}/registry: it cannot be decrypted`);
    expect(failed.message).toContain('this agent has no age keys');
    await until('the other is there', () => world.live('ConfigMap', 'other'));
    expect((await world.live('Secret', 'registry'))?.['data']).toEqual(before['data']);

    giveKey(ageKeysDir);
    await world.agent.reaches('web', 'is done', (status) => status.generation === 2 && isDone(status));
    expect((await world.live('Secret', 'registry'))?.['data']).toMatchObject({ password });
  });

  it('for the key of its namespace is opened there alone', async () => {
    const ageKeysDir = keysDir();
    await using world = await startWorld(plane, { ageKeysDir });
    giveKey(ageKeysDir, `namespace.${world.namespace}`);
    const copied = encrypted({ name: 'copied' });
    const objects = [encrypted(), { ...copied, metadata: { ...copied.metadata, namespace: 'default' } }];
    await world.agent.give('web', world.hub.sign('web', objects));
    const { message } = await world.agent.reaches('web', 'names it', ({ sync }) => sync === 'Failed');
    expect(message).toContain('Secret default/copied: it cannot be decrypted');
    expect(message).not.toContain('registry');
    const live = await until('the other is there', () => world.live('Secret', 'registry'));
    expect(live['data']).toMatchObject({ password });
    const ref = { apiVersion: 'v1', kind: 'Secret', namespace: 'default', name: 'copied' };
    expect(await plane.kube.get(ref, signal)).toBeUndefined();
  });
});
