import { readFile } from 'node:fs/promises';
import { zstdDecompressSync } from 'node:zlib';
import type { Drift } from '@meridian/fleet';
import type { Json, KubeObject } from '@meridian/manifests';
import { describe, expect, it } from 'vitest';
import { openDiskStore } from '../state/disk-store.ts';
import { usePlane } from '../testing/plane.ts';
import { configMap, deployment, silent, until } from '../testing/rig.ts';
import { scaleDeployment } from '../testing/scale.ts';
import { isDone, startWorld } from '../testing/world.ts';
import type { World } from '../testing/world.ts';

const { signal } = new AbortController();
const plane = usePlane('drift-history');

const server: KubeObject = (() => {
  const { metadata, ...rest } = deployment('server', 2);
  return {
    ...rest,
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { ...metadata, labels: { team: 'ml' } },
  };
})();

const secret: KubeObject = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'token' },
  data: { value: Buffer.from('hidden').toString('base64') },
};

const refOf = ({ namespace }: World, kind: string, name: string) => ({
  apiVersion: kind === 'Deployment' ? 'apps/v1' : 'v1',
  kind,
  namespace,
  name,
});

function patch(world: World, [kind, name]: readonly [string, string], change: Json, fieldManager: string) {
  const isList = Array.isArray(change);
  return plane.kube.patch(
    refOf(world, kind, name),
    { type: isList ? 'json' : 'merge', patch: change },
    { fieldManager, signal },
  );
}

async function startApplied(objects: readonly KubeObject[], changes = {}): Promise<World> {
  const world = await startWorld(plane);
  await world.agent.give('web', world.hub.sign('web', objects, changes));
  await world.agent.reaches('web', 'is synced', ({ sync }) => sync === 'Synced');
  return world;
}

/** Waits until the newest entry is of this object and healed. */
async function newestHealed(world: World, kind: string): Promise<Drift | undefined> {
  const status = await world.agent.reaches(
    'web',
    `has healed ${kind}`,
    ({ drift }) => drift[0]?.key.kind === kind && drift[0].healedAtMs !== undefined,
  );
  return status.drift[0];
}

/** Waits until drift by `hand` is in both places that keep the record. */
async function isKept(world: World): Promise<void> {
  const ref = {
    apiVersion: 'v1',
    kind: 'Secret',
    namespace: `${world.namespace}-state`,
    name: 'meridian-app-web',
  };
  const isIn = (text: string) => text.includes('"manager":"hand"');
  await until('the drift is kept on disk and in the Secret', async () => {
    const data = (await plane.kube.get(ref, signal))?.['data'] as { record: string } | undefined;
    const head = data && zstdDecompressSync(Buffer.from(data.record, 'base64')).toString();
    return isIn(head ?? '') && isIn(await readFile(`${world.dataDir}/applications/web.state`, 'latin1'));
  });
}

const image = 'spec.template.spec.containers[name=server].image';

describe('what a person does to an object', () => {
  it.each<[string, (world: World) => Promise<unknown>, Partial<Drift>]>([
    [
      'kubectl edit of an item of a list',
      (world) =>
        patch(
          world,
          ['Deployment', 'server'],
          [{ op: 'replace', path: '/spec/template/spec/containers/0/image', value: 'x:9' }],
          'kubectl-edit',
        ),
      {
        manager: 'kubectl-edit',
        fields: [{ path: image, desired: '"registry.example/server:1"', live: '"x:9"' }],
      },
    ],
    [
      'kubectl scale',
      (world) =>
        scaleDeployment(
          plane,
          { namespace: world.namespace, name: 'server' },
          { fieldManager: 'kubectl', replicas: 5 },
        ),
      { manager: 'kubectl', fields: [{ path: 'spec.replicas', desired: '2', live: '5' }] },
    ],
    [
      'kubectl label',
      (world) =>
        patch(world, ['Deployment', 'server'], { metadata: { labels: { team: 'x' } } }, 'kubectl-label'),
      { manager: 'kubectl-label', fields: [{ path: 'metadata.labels.team', desired: '"ml"', live: '"x"' }] },
    ],
    [
      'a label that is taken off',
      (world) =>
        patch(world, ['Deployment', 'server'], { metadata: { labels: { team: null } } }, 'kubectl-label'),
      { change: 'modified', fields: [{ path: 'metadata.labels.team', desired: '"ml"', live: 'absent' }] },
    ],
    [
      'kubectl delete',
      (world) => plane.kube.remove(refOf(world, 'Deployment', 'server'), { signal }),
      { change: 'deleted', fields: [] },
    ],
    [
      'a change of a Secret, without its values',
      (world) => patch(world, ['Secret', 'token'], { data: { value: 'b3RoZXI=' } }, 'kubectl-edit'),
      { manager: 'kubectl-edit', fields: [{ path: 'data.value', desired: '***', live: '***' }] },
    ],
  ])('%s is told with who, which fields and when, and healed', async (_what, act, expected) => {
    await using world = await startApplied([server, secret]);
    const beforeMs = Date.now();
    await act(world);
    const kind = 'fields' in expected && expected.fields?.[0]?.desired === '***' ? 'Secret' : 'Deployment';
    const drift = await newestHealed(world, kind);
    expect(drift).toMatchObject(expected);
    expect(drift?.firstSeenMs).toBeGreaterThanOrEqual(beforeMs);
    expect(JSON.stringify(world.agent.reports)).not.toContain('b3RoZXI');
  });
});

describe('the history of drift', () => {
  it.each([
    ['with its disk', {}],
    ['without its disk', { withoutDisk: true }],
  ])('outlives a restart of the agent %s', async (_how, options) => {
    await using world = await startApplied([configMap('a'), configMap('b')]);
    await patch(world, ['ConfigMap', 'a'], { data: { key: 'x' } }, 'hand');
    const healed = await newestHealed(world, 'ConfigMap');
    await isKept(world);
    await world.restart(options);
    const status = await world.agent.reaches('web', 'is done', isDone);
    expect(status.drift).toEqual([healed]);
  });

  it('goes on when another bundle comes, and has what was healed while the agent was away', async () => {
    await using world = await startApplied([configMap('a')]);
    await patch(world, ['ConfigMap', 'a'], { data: { key: 'x' } }, 'hand');
    await newestHealed(world, 'ConfigMap');
    await world.agent.give('web', world.hub.sign('web', [configMap('a'), configMap('b')]));
    await world.agent.reaches('web', 'has the second', (status) => status.generation === 2 && isDone(status));
    await world.agent.stop();
    await patch(world, ['ConfigMap', 'b'], { data: { key: 'y' } }, 'night');
    await world.restart();
    const status = await world.agent.reaches('web', 'has healed both', ({ drift }) => drift.length === 2);
    expect(status.drift.map(({ manager }) => manager)).toEqual(['night', 'hand']);
  });

  it.each([
    ['is not healed', { selfHeal: false }],
    [
      'is paused',
      {
        pause: { sinceMs: Date.now(), untilMs: Date.now() + 3_600_000, author: 'lena', reason: 'hot patch' },
      },
    ],
  ])(
    'has open drift from when it was first seen, also after a restart, where an application %s',
    async (_why, changes) => {
      await using world = await startWorld(plane);
      const objects = [configMap('a')];
      const first = world.hub.sign('web', objects);
      await world.agent.give('web', first);
      const { generation, release } = await world.agent.reaches('web', 'is done', isDone);
      const expiresAtMs = Date.now() + 2 * 86_400_000;
      await world.agent.give(
        'web',
        world.hub.sign('web', objects, { generation, release, expiresAtMs, ...changes }),
      );
      await patch(world, ['ConfigMap', 'a'], { data: { key: 'x' } }, 'hand');
      const open = (await world.agent.reaches('web', 'has drifted', ({ drift }) => drift.length === 1))
        .drift[0];
      expect(open).toMatchObject({ manager: 'hand' });
      expect(open?.healedAtMs).toBeUndefined();
      await until('it is kept', async () => {
        const [record] = await openDiskStore(world.dataDir, silent).load();
        return record?.drift?.length === 1;
      });
      await world.restart();
      const again = await world.agent.reaches('web', 'has drifted', ({ drift }) => drift.length === 1);
      expect(again.drift).toEqual([open]);
      expect((await world.live('ConfigMap', 'a'))?.['data']).toEqual({ key: 'x' });
    },
  );
});
