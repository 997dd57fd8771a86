import type { ClusterView, LimitsReport } from '@meridian/fleet';
import { expect, test } from 'vitest';
import { startFakeHub } from '../testing/fake-hub.ts';
import { application, clusters, fleet } from '../testing/fixtures.ts';
import { runCommand } from '../testing/run.ts';

const limited = (limits: LimitsReport): ClusterView[] =>
  clusters.map((cluster) =>
    cluster.status && cluster.name === 'us-west-2'
      ? { ...cluster, status: { ...cluster.status, limits } }
      : cluster,
  );

const answers = (limits: LimitsReport) => ({
  '/v1/fleet': fleet,
  '/v1/clusters': limited(limits),
  '/v1/applications': [application],
});

test('status tells who has frozen a cluster, until when and why, and does not call the fleet well', async () => {
  const freeze = { author: 'lena', reason: 'audit', untilMs: Date.UTC(2026, 10, 30, 18) };
  await using hub = await startFakeHub(answers({ stopped: true, rules: [], freeze }));
  const shown = await runCommand(['status', '--check'], { hubs: [hub.url] });
  expect(shown.stdout).toContain('1 cluster held back by limits of its own');
  expect(shown.stdout).toContain('us-west-2: FROZEN by lena until 2026-11-30T18:00:00.000Z: audit');
  expect(shown.code).toBe(1);
});

test('status tells that limits cannot be read, and which are in force', async () => {
  await using hub = await startFakeHub(answers({ stopped: false, rules: [], problem: 'limits.yaml:3: no' }));
  const { stdout } = await runCommand(['status'], { hubs: [hub.url] });
  expect(stdout).toContain(
    'us-west-2: its own limits cannot be read, those before them are in force: limits.yaml:3: no',
  );
});

test('clusters lists what each cluster allows, on one line however it is written', async () => {
  await using hub = await startFakeHub(
    answers({ stopped: false, rules: ['namespaces: ml-*', 'images from: a\nb'] }),
  );
  const { stdout } = await runCommand(['clusters'], { hubs: [hub.url] });
  expect(stdout).toContain('limits of their own\n  us-west-2: namespaces: ml-*\n  us-west-2: images from: a');
  expect(stdout).not.toContain('\nb');
});

test('clusters says that an agent writes nothing', async () => {
  const problem = 'limits.yaml cannot be read';
  await using hub = await startFakeHub(answers({ stopped: true, rules: [], problem }));
  const { stdout } = await runCommand(['clusters'], { hubs: [hub.url] });
  expect(stdout).toContain('connected, writes nothing');
  expect(stdout).toContain(`its own limits cannot be read, nothing is written: ${problem}`);
});
