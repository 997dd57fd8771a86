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

test('a pause keeps an emergency patch, shows it as drift with who and why, and its end heals it', async () => {
  await allHealthy(fleet);
  const before = await replicas('us-west-2');
  const where = ['--cluster', 'us-west-2'];
  const paused = await fleet.cli('pause', name, ...where, '--for', '10m', '--reason', 'hot patch');
  expect(paused.code).toBe(0);
  await until('the agent says that it is paused', async () => {
    const { stdout } = await fleet.cli('app', name);
    return stdout.includes('us-west-2 paused by') && / paused by .* until .*: hot patch/.test(stdout)
      ? true
      : undefined;
  });
  await fleet.kubectl('us-west-2', 'scale', 'deployment', '-n', namespace, name, '--replicas=6');
  await until('the patch in the drift report', async () =>
    (await driftOf(fleet, 'us-west-2', 'Deployment', name)).find(
      (entry) => entry.healedAtMs === undefined && entry.fields.some(({ live }) => live === '6'),
    ),
  );
  expect(await replicas('us-west-2')).toBe(6);
  const resumed = await fleet.cli('resume', name, ...where, '--reason', 'the patch is in git');
  expect(resumed.code).toBe(0);
  await until('replicas back', async () => ((await replicas('us-west-2')) === before ? true : undefined));
  const events = await fleet.cli('events', '--application', name, ...where);
  for (const type of ['pause.placed', 'pause.started', 'pause.lifted', 'pause.ended'])
    expect(events.stdout).toContain(type);
  expect((await fleet.cli('resume', name, ...where, '--reason', 'again')).code).toBe(1);
});
