import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { apiError, reply, startFakeHub } from '../testing/fake-hub.ts';
import type { Answer } from '../testing/fake-hub.ts';
import {
  application,
  clusters,
  completedRollout,
  doctor,
  drift,
  events,
  fleet,
  nowMs,
  placement,
  rollout,
} from '../testing/fixtures.ts';
import { runCommand } from '../testing/run.ts';

const well: { readonly [path: string]: Answer } = {
  '/v1/fleet': fleet,
  '/v1/clusters': clusters,
  '/v1/applications': [application],
  '/v1/applications/inference-server': application,
  '/v1/rollouts': [completedRollout],
  '/v1/drift': drift,
  '/v1/events': events,
  '/v1/doctor': doctor,
};

test('status shows source, hub, clusters and each application with a column per cluster', async () => {
  await using hub = await startFakeHub(well);
  const { code, stdout } = await runCommand(['status'], { hubs: [hub.url] });
  expect(code).toBe(0);
  expect(stdout).toContain('/tmp/fleet.git main at 1a2b3c4, checked 1s ago');
  expect(stdout).toContain('leader hub-2, term 2');
  expect(stdout).toContain('3 of 3 connected');
  expect(stdout).toMatch(/APPLICATION\s+REVISION\s+SYNC\s+HEALTH\s+US-EAST-1\s+US-WEST-2\s+EU-WEST-1/);
  expect(stdout).toMatch(
    /inference-server\s+1a2b3c4\s+Synced\s+Healthy\s+ok 1a2b3c4\s+ok 1a2b3c4\s+ok 1a2b3c4/,
  );
});

test('status counts the warnings of an application beside its revision', async () => {
  const warning = { file: 'b.yaml', message: 'policy replicas: it has 1' };
  await using hub = await startFakeHub({
    ...well,
    '/v1/applications': [{ ...application, warnings: [warning, { ...warning, file: 'c.yaml' }] }],
  });
  const { code, stdout } = await runCommand(['status', '--check'], { hubs: [hub.url] });
  expect(code).toBe(0);
  expect(stdout).toMatch(/inference-server\s+1a2b3c4, 2 warnings\s+Synced/);
  expect(stdout).not.toContain('policy replicas');
});

test('status folds clusters into regions and then into one count when the terminal is narrow', async () => {
  await using hub = await startFakeHub(well);
  const middle = await runCommand(['status'], { hubs: [hub.url], columns: 78, env: { NO_COLOR: '1' } });
  expect(middle.stdout).toContain('1/1 ok');
  const narrow = await runCommand(['status'], { hubs: [hub.url], columns: 60, env: { NO_COLOR: '1' } });
  expect(narrow.stdout).toContain('3/3 ok');
});

test('a stale status is called STALE with its age, is not well, and --check says so', async () => {
  const stale = {
    ...application,
    placements: [placement('us-east-1', { stale: true, message: 'no report from the agent' })],
  };
  await using hub = await startFakeHub({
    ...well,
    '/v1/applications': [stale],
    '/v1/fleet': { ...fleet, clusters: { total: 3, connected: 2, stale: 1 } },
  });
  const { stdout } = await runCommand(['status'], { hubs: [hub.url] });
  expect(stdout).toContain('2 of 3 connected, 1 STALE');
  expect(stdout).toContain('inference-server in us-east-1: STALE 3m5s no report from the agent');
  expect((await runCommand(['status', '--check'], { hubs: [hub.url] })).code).toBe(1);
});

test('what an agent says of a placement that is well is shown, and is no reason for --check to fail', async () => {
  const message = 'admission changes ConfigMap ml/a when it is written: data.key is "b" (git: "a")';
  await using hub = await startFakeHub({
    ...well,
    '/v1/applications': [
      { ...application, placements: [placement('us-east-1', { message }), placement('us-west-2')] },
    ],
  });
  const { code, stdout } = await runCommand(['status', '--check'], { hubs: [hub.url] });
  expect(code).toBe(0);
  expect(stdout).toContain(`1 placement with a note\n  inference-server in us-east-1: ${message}\n`);
});

test('a problem is told with file, line, field and fix', async () => {
  const problem = {
    application: 'monitoring',
    file: 'applications/monitoring/base/x.yaml',
    line: 12,
    field: 'spec.replicas',
    message: 'must be a number',
    fix: 'write 3',
  };
  await using hub = await startFakeHub({ ...well, '/v1/fleet': { ...fleet, problems: [problem] } });
  const { stdout } = await runCommand(['status'], { hubs: [hub.url] });
  expect(stdout).toContain(
    'monitoring: applications/monitoring/base/x.yaml:12 spec.replicas: must be a number',
  );
  expect(stdout).toContain('fix: write 3');
});

test('-o json and -o yaml give the whole picture to machines', async () => {
  await using hub = await startFakeHub(well);
  const json = await runCommand(['status', '-o', 'json'], { hubs: [hub.url] });
  expect(JSON.parse(json.stdout)).toEqual({ fleet, clusters, applications: [application] });
  const yaml = await runCommand(['-o', 'yaml', 'clusters'], { hubs: [hub.url] });
  expect(yaml.stdout).toContain('- name: us-east-1\n');
});

test('text from the hub cannot colour or move a terminal, in tables and in JSON', async () => {
  const evil = {
    ...application,
    placements: [placement('us-east-1', { sync: 'Failed', message: '\x1b]0;owned\x07\u009b2J' })],
  };
  await using hub = await startFakeHub({
    ...well,
    '/v1/applications': [evil],
    '/v1/applications/inference-server': evil,
  });
  for (const args of [
    ['status'],
    ['app', 'inference-server'],
    ['status', '-o', 'json'],
    ['status', '-o', 'yaml'],
  ]) {
    const { stdout } = await runCommand(args, { hubs: [hub.url] });
    expect(stdout).not.toMatch(/[\u001b\u0007\u009b]/);
    expect(stdout).toContain('owned');
  }
});

test('colour is for terminals, and NO_COLOR and --no-color turn it off', async () => {
  await using hub = await startFakeHub(well);
  const at = { hubs: [hub.url], columns: 120 };
  expect((await runCommand(['status'], at)).stdout).toContain('\x1b[32m');
  expect((await runCommand(['status'], { hubs: [hub.url] })).stdout).not.toContain('\x1b');
  expect((await runCommand(['status'], { ...at, env: { NO_COLOR: '1' } })).stdout).not.toContain('\x1b');
  expect((await runCommand(['status', '--no-color'], at)).stdout).not.toContain('\x1b');
});

test('app shows what each cluster runs, why it is frozen, what is worth a warning and what waits for an approval', async () => {
  const frozen = {
    ...application,
    frozen: [{ file: 'a.yaml', line: 3, message: 'unknown field', fix: 'remove it' }],
    warnings: [{ file: 'b.yaml', line: 7, message: 'policy replicas: it has 1', fix: 'mend it' }],
    approvalNeeded: {
      release: application.release,
      revision: application.revision,
      reason: 'us-west-2 refuses to delete 4 objects',
      deletions: { 'us-west-2': 4 },
    },
  };
  await using hub = await startFakeHub({ ...well, '/v1/applications/inference-server': frozen });
  const { stdout } = await runCommand(['app', 'inference-server'], { hubs: [hub.url] });
  expect(stdout).toMatch(/us-east-1\s+1a2b3c4\s+Synced\s+Healthy\s+2s/);
  expect(stdout).toContain('a.yaml:3: unknown field');
  expect(stdout).toMatch(/1 warning\n +b\.yaml:7: policy replicas: it has 1\n +fix: mend it/);
  expect(stdout).toContain('us-west-2: up to 4 objects would be deleted');
  const approval = `meridian approve inference-server --release ${application.release} --deletions us-west-2=4`;
  expect(stdout).toContain(approval);
  hub.set('/v1/applications', [frozen]);
  expect((await runCommand(['status'], { hubs: [hub.url] })).stdout).toContain(approval);
  hub.set('/v1/rollouts', [{ ...rollout, phase: 'halted', approvalNeeded: frozen.approvalNeeded }]);
  expect((await runCommand(['rollouts'], { hubs: [hub.url] })).stdout).toContain(approval);
});

test('drift names who, which field from what to what, since when and whether it is healed', async () => {
  await using hub = await startFakeHub(well);
  const { stdout } = await runCommand(['drift'], { hubs: [hub.url] });
  expect(stdout).toMatch(/kubectl\s+spec\.replicas: 7 \(git: 3\)\s+30s ago\s+not healed/);
  expect(stdout).toMatch(/unknown\s+deleted\s+1m30s ago\s+after 120ms/);
  const one = await runCommand(['drift', '--cluster', 'eu-west-1', '-o', 'json'], { hubs: [hub.url] });
  expect(JSON.parse(one.stdout)).toHaveLength(1);
});

test.each([
  [['drift', '--cluster', 'mars'], 'there is no cluster mars'],
  [['drift', '--application', 'nope', '-o', 'json'], 'there is no application nope'],
  [['rollouts', '--application', 'nope'], 'there is no application nope'],
  [['events', '--application', 'nope'], 'there is no application nope'],
  [['rollout', 'watch', 'nope', '--wait-ms', '1'], 'there is no application nope'],
])('%j names what nobody has: exit 1, and no good news', async (args, message) => {
  await using hub = await startFakeHub({ ...well, '/v1/events': [] });
  const { code, stdout, stderr } = await runCommand(args, { hubs: [hub.url], realTime: true });
  expect(code).toBe(1);
  expect(stdout).toBe('');
  expect(stderr).toContain(message);
});

test('no drift of a cluster that there is, is good news', async () => {
  await using hub = await startFakeHub({ ...well, '/v1/drift': [] });
  const { code, stdout } = await runCommand(['drift', '--cluster', 'us-west-2'], { hubs: [hub.url] });
  expect(code).toBe(0);
  expect(stdout).toContain('no drift');
});

test('events are told oldest first, and filters go to the hub', async () => {
  await using hub = await startFakeHub(well);
  const { stdout } = await runCommand(['events', '--limit', '2', '--cluster', 'us-east-1'], {
    hubs: [hub.url],
  });
  expect(stdout.indexOf('drift.seen')).toBeLessThan(stdout.indexOf('rollout.completed'));
  expect(hub.asked).toContain('GET /v1/events?limit=2&cluster=us-east-1');
});

test('events --follow shows each new event once and ends with the signal', async () => {
  await using hub = await startFakeHub(well);
  const stop = new AbortController();
  const running = runCommand(['events', '--follow'], {
    hubs: [hub.url],
    signal: stop.signal,
    realTime: true,
  });
  setTimeout(
    () =>
      hub.set('/v1/events', [
        { ...events[0], atMs: nowMs, type: 'release.made', message: 'a new one' },
        ...events,
      ]),
    200,
  );
  setTimeout(() => stop.abort(), 2_800);
  const { stdout } = await running;
  expect(stdout.match(/release\.made/g)).toHaveLength(1);
  expect(stdout.match(/drift\.seen/g)).toHaveLength(1);
});

test('render prints YAML alone', async () => {
  const yaml = 'kind: ConfigMap\n';
  await using hub = await startFakeHub({
    '/v1/applications/inference-server/render': {
      application: 'inference-server',
      cluster: 'us-east-1',
      revision: 'r',
      digest: 'd',
      yaml,
    },
  });
  const { stdout } = await runCommand(
    ['render', 'inference-server', '--cluster', 'us-east-1', '--revision', '1A2b3c4'],
    { hubs: [hub.url] },
  );
  expect(stdout).toBe(yaml);
  expect(hub.asked).toContain(
    'GET /v1/applications/inference-server/render?cluster=us-east-1&revision=1a2b3c4',
  );
});

test('explain tells where a value stands, what led there, what it was before, and what differs in the cluster', async () => {
  const source = {
    file: 'overlays/east/kustomization.yaml',
    line: 4,
    field: 'patches[0]',
    by: 'PatchTransformer',
    written: { file: 'overlays/east/patch.yaml', line: 7 },
  };
  const view = {
    application: 'inference-server',
    cluster: 'us-east-1',
    revision: '0123456789abcdef',
    object: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'ml', name: 'web' },
    fields: [
      {
        field: '.spec.replicas',
        history: [
          { value: 1, source: { file: 'base/web.yaml', line: 6 } },
          { value: 3, source },
        ],
      },
      { field: '.spec.paused', history: [{ value: 'x'.repeat(200), source }, { source }] },
    ],
  };
  const key = { group: 'apps', kind: 'Deployment', namespace: 'ml', name: 'web' };
  const altered = {
    cluster: 'us-east-1',
    application: 'inference-server',
    key,
    change: 'modified',
    manager: 'admission',
    fields: [
      { path: 'spec.replicas', desired: '3', live: '5' },
      { path: 'metadata.labels[a]', desired: '"x"', live: 'absent' },
    ],
    firstSeenMs: nowMs,
  };
  await using hub = await startFakeHub({
    '/v1/applications/inference-server/explain': view,
    '/v1/drift': [
      { ...altered, key: { ...key, name: 'other' } },
      { ...altered, healedAtMs: nowMs },
      altered,
      { ...altered, manager: 'hand', change: 'deleted', fields: [] },
    ],
  });
  const args = ['explain', 'inference-server', '--cluster', 'us-east-1', 'deployment/web', '.spec'];
  const { stdout } = await runCommand(args, { hubs: [hub.url] });
  const there =
    'overlays/east/patch.yaml:7 (overlays/east/kustomization.yaml:4 patches[0], PatchTransformer)';
  expect(stdout.split('\n')).toEqual([
    'Deployment ml/web of inference-server in us-east-1 at 0123456',
    `.spec.replicas: 3  ${there}`,
    '  before: 1  base/web.yaml:6',
    `.spec.paused: (taken away)  ${there}`,
    `  before: "${'x'.repeat(79)}…  ${there}`,
    'in the cluster .spec.replicas: 5 by admission (git: 3)',
    'in the cluster it was deleted by hand',
    '',
  ]);
  expect(hub.asked).toContain(
    'GET /v1/applications/inference-server/explain?cluster=us-east-1&object=deployment%2Fweb&field=.spec',
  );
  const json = await runCommand([...args.slice(0, -1), '-o', 'json'], { hubs: [hub.url] });
  expect(JSON.parse(json.stdout)).toEqual(view);
});

test('approve sends the release that waits and the numbers that it showed, with the reason', async () => {
  const deletions = { 'eu-west-1': 1, 'us-west-2': 3 };
  const waiting = {
    ...application,
    approvalNeeded: { release: 'sha256:ff', revision: 'r', reason: 'two clusters refuse', deletions },
  };
  await using hub = await startFakeHub({
    '/v1/applications/inference-server': waiting,
    '/v1/applications/inference-server/approve': { ok: true },
  });
  const reason = 'the old jobs are done';
  const args = ['approve', 'inference-server', '--reason', reason];
  const { code, stdout } = await runCommand(args, { hubs: [hub.url] });
  expect(code).toBe(0);
  expect(stdout).toContain('two clusters refuse');
  expect(stdout).toContain('us-west-2: up to 3 objects would be deleted');
  expect(stdout).toContain('eu-west-1: up to 1 object would be deleted');
  expect(hub.posted()).toEqual({ release: 'sha256:ff', reason, deletions });
  const seen = await runCommand([...args, '--deletions', 'us-west-2=2'], { hubs: [hub.url] });
  expect(seen.code).toBe(0);
  expect(hub.posted()).toEqual({ release: 'sha256:ff', reason, deletions: { 'us-west-2': 2 } });
  await runCommand([...args, '--release', 'sha256:aa'], { hubs: [hub.url] });
  expect(hub.posted()).toEqual({ release: 'sha256:aa', reason });
  expect((await runCommand([...args, '--deletions', 'us-west-2'], { hubs: [hub.url] })).code).toBe(2);
  hub.set('/v1/applications/inference-server', application);
  const nothing = await runCommand(['approve', 'inference-server', '--reason', 'x'], { hubs: [hub.url] });
  expect(nothing.code).toBe(1);
  expect(nothing.stderr).toContain('waits for no approval');
});

test('approve without a reason only shows what would be deleted, and the command', async () => {
  const approvalNeeded = {
    release: 'sha256:ff',
    revision: 'r',
    reason: 'it refuses',
    deletions: { west: 3 },
  };
  await using hub = await startFakeHub({
    '/v1/applications/inference-server': { ...application, approvalNeeded },
    '/v1/applications/inference-server/approve': { ok: true },
  });
  const { code, stdout } = await runCommand(['approve', 'inference-server'], { hubs: [hub.url] });
  expect(code).toBe(0);
  expect(stdout).toContain('west: up to 3 objects would be deleted');
  expect(stdout).toContain('meridian approve inference-server --release sha256:ff --deletions west=3');
  expect(hub.posted()).toBeUndefined();
  const json = await runCommand(['approve', 'inference-server', '-o', 'json'], { hubs: [hub.url] });
  expect(JSON.parse(json.stdout)).toEqual({ application: 'inference-server', approvalNeeded });
});

test('doctor exits 1 when a check fails and tells the fix', async () => {
  await using hub = await startFakeHub(well);
  const { code, stdout } = await runCommand(['doctor'], { hubs: [hub.url] });
  expect(code).toBe(1);
  expect(stdout).toContain('ok   ledger: terms increase');
  expect(stdout).toContain('FAIL redis: does not answer\n     fix: start redis-server');
});

test('rollout watch prints a line per change, ends when all stages passed, and exits 0', async () => {
  await using hub = await startFakeHub({ ...well, '/v1/rollouts': [rollout] });
  setTimeout(() => hub.set('/v1/rollouts', [{ ...completedRollout, endedAtMs: Date.now() }]), 300);
  const { code, stdout } = await runCommand(['rollout', 'watch', 'inference-server'], {
    hubs: [hub.url],
    realTime: true,
  });
  expect(code).toBe(0);
  expect(stdout.match(/stage canary progressing/g)).toHaveLength(1);
  expect(stdout).toContain('stage canary: us-west-2 assigned, model is loading');
  expect(stdout).toContain('stage canary passed');
  expect(stdout).toContain('rollout completed');
});

test('rollout watch exits 1 for a halted rollout and says why', async () => {
  await using hub = await startFakeHub({
    ...well,
    '/v1/rollouts': [{ ...rollout, phase: 'halted', reason: 'us-west-2 failed', endedAtMs: nowMs }],
  });
  const { code, stdout } = await runCommand(['rollout', 'watch', '--wait-ms', '1'], {
    hubs: [hub.url],
    realTime: true,
  });
  expect(code).toBe(1);
  expect(stdout).toContain('rollout halted: us-west-2 failed');
});

test('rollout watch tells the rollout of the newest commit when it was over before the command started, and not older ones', async () => {
  const older = { ...completedRollout, application: 'monitoring', revision: 'f'.repeat(40) };
  await using hub = await startFakeHub({
    ...well,
    '/v1/rollouts': [{ ...completedRollout, endedAtMs: Date.now() - 2_000 }, older],
  });
  const { code, stdout } = await runCommand(['rollout', 'watch'], { hubs: [hub.url], realTime: true });
  expect(code).toBe(0);
  expect(stdout).toContain('inference-server 1a2b3c4 rollout completed');
  expect(stdout).not.toContain('monitoring');
});

test('rollout watch follows the event stream rather than waiting for its own poll', async () => {
  // Each look is followed by an event. A hundred polls would take a hundred seconds.
  let looks = 0;
  let stream: ServerResponse | undefined;
  await using hub = await startFakeHub({
    ...well,
    '/v1/rollouts': (_request, response) => {
      looks += 1;
      reply(response, 200, [looks < 100 ? rollout : { ...completedRollout, endedAtMs: Date.now() }]);
      stream?.write(`data: ${JSON.stringify(events[0])}\n\n`);
    },
    '/v1/watch': (_request, response) => {
      stream = response;
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`data: ${JSON.stringify(events[0])}\n\n`);
    },
  });
  expect((await runCommand(['rollout', 'watch'], { hubs: [hub.url], realTime: true })).code).toBe(0);
}, 60_000);

test('a name that is not there is said by the hub and exits 1', async () => {
  await using hub = await startFakeHub({
    '/v1/applications/x': (_request, response) =>
      reply(response, 404, apiError('not_found', 'there is no application x')),
  });
  const { code, stderr } = await runCommand(['app', 'x'], { hubs: [hub.url] });
  expect(code).toBe(1);
  expect(stderr).toContain('there is no application x');
});
