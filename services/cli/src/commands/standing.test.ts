import type { ApplicationView, RolloutView } from '@meridian/fleet';
import { expect, test } from 'vitest';
import { startFakeHub } from '../testing/fake-hub.ts';
import { application, clusters, completedRollout, fleet, placement, rollout } from '../testing/fixtures.ts';
import { runCommand } from '../testing/run.ts';

const next = '9f8e7d6c5b4a39281706f5e4d3c2b1a099887766';
const hubOf = (one: ApplicationView, rollouts: readonly RolloutView[] = []) =>
  startFakeHub({
    '/v1/fleet': fleet,
    '/v1/clusters': clusters,
    '/v1/applications': [one],
    '/v1/applications/inference-server': one,
    '/v1/rollouts': rollouts,
  });
const approvalNeeded = {
  release: 'sha256:ff',
  revision: next,
  reason: 'it deletes up to 4 of 5 objects in us-east-1',
  deletions: { 'us-east-1': 4 },
};
/** The clusters run the fixture's revision, and a newer one has not reached them. */
const behind = (phase: RolloutView['phase'], more: Partial<ApplicationView> = {}): ApplicationView => ({
  ...application,
  revision: next,
  rollout: { ...rollout, revision: next, phase },
  ...more,
});

test.each([
  [behind('waiting', { approvalNeeded }), '1a2b3c4, 9f8e7d6 waits for approval'],
  [behind('waiting', { approvalNeeded, placements: [] }), 'none, 9f8e7d6 waits for approval'],
  [behind('progressing'), '1a2b3c4 to 9f8e7d6'],
  [behind('halted'), '1a2b3c4, 9f8e7d6 halted'],
  [behind('completed'), '9f8e7d6'],
  [{ ...application, rollout }, '1a2b3c4'],
])(
  'status and app name the revision that the clusters run, and the one that is to follow',
  async (one, text) => {
    await using hub = await hubOf(one);
    const status = await runCommand(['status'], { hubs: [hub.url] });
    expect(status.stdout).toMatch(new RegExp(`^inference-server  ${text}  +Synced`, 'm'));
    const app = await runCommand(['app', 'inference-server'], { hubs: [hub.url] });
    expect(app.stdout.split('\n')[0]).toBe(`inference-server  ${text}  Synced  Healthy`);
  },
);

test('status --check counts an approval that waits and a halted rollout, however healthy the clusters are', async () => {
  for (const [one, code] of [
    [application, 0],
    [behind('waiting', { approvalNeeded }), 1],
    [{ ...application, approvalNeeded }, 1],
    [behind('halted'), 1],
  ] as const) {
    await using hub = await hubOf(one);
    expect((await runCommand(['status', '--check'], { hubs: [hub.url] })).code).toBe(code);
    expect((await runCommand(['status'], { hubs: [hub.url] })).code).toBe(0);
  }
});

test('a narrow terminal is told which columns are folded and how wide it has to be for them', async () => {
  await using hub = await hubOf(application);
  const at = (columns: number) =>
    runCommand(['status'], { hubs: [hub.url], columns, env: { NO_COLOR: '1' } });
  const narrow = (await at(60)).stdout;
  const wide = Number(/folded: us-east-1, us-west-2, eu-west-1; (\d+) columns/.exec(narrow)?.[1]);
  expect(wide).toBeGreaterThan(60);
  expect((await at(wide - 1)).stdout).toContain('folded');
  expect((await at(wide)).stdout).not.toContain('folded');
  expect((await runCommand(['status'], { hubs: [hub.url] })).stdout).not.toContain('folded');
});

test('app leaves healthy objects out unless they are asked for, and names those that are not', async () => {
  const well = placement('us-east-1');
  const ill = placement('us-west-2', { health: 'Degraded', message: 'a pod fails' });
  const key = { group: '', kind: 'Service', namespace: 'ml-serving', name: 'inference-server' };
  const objects = [
    ...(ill.status?.objects ?? []),
    { key, health: 'Degraded' as const, reason: 'no endpoints' },
  ];
  const placements = [well, { ...ill, status: ill.status && { ...ill.status, objects } }];
  await using hub = await hubOf({ ...application, placements });
  const short = (await runCommand(['app', 'inference-server'], { hubs: [hub.url] })).stdout;
  expect(short).toMatch(/us-west-2\s+1a2b3c4\s+Synced\s+Degraded\s+2s\s+a pod fails/);
  expect(short).toMatch(/Service ml-serving\/inference-server\s+Degraded\s+no endpoints/);
  expect(short).not.toContain('Deployment');
  expect(short).toContain('2 of 3 objects healthy: meridian app inference-server --objects');
  expect(short).not.toContain('canary');
  const all = (await runCommand(['app', 'inference-server', '--objects'], { hubs: [hub.url] })).stdout;
  expect(
    all.match(/Deployment ml-serving\/inference-server\s+Healthy\s+3 of 3 pods are ready/g),
  ).toHaveLength(2);
});

test('rollout watch gives what happened before it started the time of its happening, not its own', async () => {
  const passedAtMs = Date.now() - 20_000;
  const [canary, rest] = completedRollout.stages;
  const past: RolloutView = {
    ...completedRollout,
    startedAtMs: passedAtMs - 10_000,
    endedAtMs: passedAtMs + 5_000,
    stages: [
      {
        ...canary!,
        sinceMs: passedAtMs,
        clusters: canary!.clusters.map((one) => ({ ...one, sinceMs: passedAtMs - 3_000 })),
      },
      rest!,
    ],
  };
  await using hub = await hubOf(application, [past]);
  const { stdout } = await runCommand(['rollout', 'watch'], { hubs: [hub.url], realTime: true });
  const time = (atMs: number) => new Date(atMs).toTimeString().slice(0, 8);
  const lines = stdout.split('\n');
  const lineOf = (text: string) => lines.find((line) => line.includes(text));
  expect(lineOf('us-west-2 healthy')).toContain(time(passedAtMs - 3_000));
  expect(lineOf('stage canary passed')).toContain(time(passedAtMs));
  expect(lineOf('rollout completed')).toContain(time(passedAtMs + 5_000));
  expect(lineOf('us-east-1 healthy')).toMatch(/^earlier  inference-server/);
});
