import { expect, inject, test } from 'vitest';
import { Fleet, until } from '@meridian/testkit';
import { allHealthy, driftOf } from '../views.ts';

const fleet = new Fleet(inject('fleetData'));
const namespace = 'ml-platform';
const name = 'model-registry-sync';

async function replicas(cluster: string): Promise<unknown> {
  return (await fleet.object(cluster, 'deployment', namespace, name))?.spec['replicas'];
}

test('a deployment scaled by hand is scaled back, and the change is attributed to kubectl', async () => {
  await allHealthy(fleet);
  const before = await replicas('us-east-1');
  const since = Date.now();
  await fleet.kubectl('us-east-1', 'scale', 'deployment', '-n', namespace, name, '--replicas=7');
  const drift = await until('healed drift of the deployment', async () =>
    (await driftOf(fleet, 'us-east-1', 'Deployment', name)).find(
      (entry) => entry.firstSeenMs >= since - 5_000 && entry.healedAtMs,
    ),
  );
  expect(await replicas('us-east-1')).toBe(before);
  expect(drift.manager).toBe('kubectl');
  expect(drift.fields).toEqual([
    expect.objectContaining({ path: expect.stringContaining('replicas'), live: '7' }),
  ]);
  const table = await fleet.cli('drift');
  expect(table.code).toBe(0);
  expect(table.stdout).toContain('kubectl');
  expect(table.stdout).toContain(name);
});

test('a deleted object comes back with another uid and is reported as deleted', async () => {
  const before = await fleet.object('eu-west-1', 'configmap', namespace, 'model-registry-sync-config');
  expect(before).toBeDefined();
  await fleet.kubectl('eu-west-1', 'delete', 'configmap', '-n', namespace, 'model-registry-sync-config');
  const after = await until('the config map again', async () =>
    fleet.object('eu-west-1', 'configmap', namespace, 'model-registry-sync-config'),
  );
  expect(after.metadata.uid).not.toBe(before!.metadata.uid);
  expect(after.data).toEqual(before!.data);
  const drift = await until('the deletion in the drift report', async () =>
    (await driftOf(fleet, 'eu-west-1', 'ConfigMap', 'model-registry-sync-config')).find(
      (entry) => entry.change === 'deleted' && entry.healedAtMs,
    ),
  );
  expect(drift.application).toBe('model-registry-sync');
});

test('fields that nobody declared are left alone', async () => {
  await fleet.kubectl('us-west-2', 'annotate', 'deployment', '-n', namespace, name, 'example.com/note=mine');
  await fleet.kubectl('us-west-2', 'scale', 'deployment', '-n', namespace, name, '--replicas=3');
  await until('replicas back', async () => ((await replicas('us-west-2')) === 3 ? undefined : true));
  const annotations = await fleet.kubectl(
    'us-west-2',
    'get',
    'deployment',
    '-n',
    namespace,
    name,
    '-o',
    'jsonpath={.metadata.annotations.example\\.com/note}',
  );
  expect(annotations).toBe('mine');
  await fleet.kubectl('us-west-2', 'annotate', 'deployment', '-n', namespace, name, 'example.com/note-');
});
