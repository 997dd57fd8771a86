import { expect, test } from 'vitest';
import { startFakeHub } from '../testing/fake-hub.ts';
import {
  application,
  clusters,
  completedRollout,
  drift,
  fleet,
  nowMs,
  rollout,
} from '../testing/fixtures.ts';
import { runCommand } from '../testing/run.ts';

test('rollout retry asks for the release that is halted, and for nothing else', async () => {
  const halted = { ...application, rollout: { ...rollout, phase: 'halted' } };
  await using hub = await startFakeHub({
    '/v1/applications/inference-server': halted,
    '/v1/applications/inference-server/rollout/retry': { reason: 'stage canary moves us-west-2' },
  });
  const args = ['rollout', 'retry', 'inference-server', '--reason', 'the node is back'];
  const { code, stdout } = await runCommand(args, { hubs: [hub.url] });
  expect(code).toBe(0);
  expect(stdout).toContain('stage canary moves us-west-2');
  expect(hub.posted()).toEqual({ release: rollout.release, reason: 'the node is back' });
});

test('rollback names a kept release by the start of its digest or of its revision, or tells which there are', async () => {
  const kept = [
    { release: 'sha256:aa11', revision: 'f00d1', number: 3, completedAtMs: nowMs },
    { release: 'sha256:bb22', revision: 'f00d2', number: 2, completedAtMs: nowMs },
  ];
  await using hub = await startFakeHub({
    '/v1/applications/inference-server': { ...application, rollout: { ...rollout, kept } },
    '/v1/applications/inference-server/rollout/rollback': { reason: 'takes back us-west-2' },
  });
  const ask = (to: string) =>
    runCommand(['rollout', 'rollback', 'inference-server', '--to', to, '--reason', 'slow'], {
      hubs: [hub.url],
    });
  expect((await ask('bb')).code).toBe(0);
  expect(hub.posted()).toEqual({ release: rollout.release, reason: 'slow', to: 'sha256:bb22' });
  expect((await ask('f00d1')).code).toBe(0);
  expect(hub.posted()).toMatchObject({ to: 'sha256:aa11' });
  const { code, stderr } = await ask('f00d');
  expect(code).toBe(1);
  expect(stderr).toContain('more than one');
  expect(stderr).toContain('aa11 (revision f00d1), bb22 (revision f00d2)');
});

test('what git says beside a pinned release is told, and how to start it', async () => {
  const pin = {
    release: 'sha256:cc33',
    revision: 'beef1234',
    differs: ['us-west-2'],
    author: null,
    reason: 'latency doubled',
    sinceMs: nowMs - 60_000,
  };
  await using hub = await startFakeHub({
    '/v1/fleet': fleet,
    '/v1/clusters': clusters,
    '/v1/drift': drift,
    '/v1/rollouts': [{ ...rollout, phase: 'rolledBack', endedAtMs: nowMs, pin }],
  });
  const { stdout } = await runCommand(['rollouts'], { hubs: [hub.url] });
  expect(stdout).toContain('git says release cc33 (revision beef123), which differs in us-west-2');
  expect(stdout).toContain('by the hub: latency doubled');
  expect(stdout).toContain('meridian rollout start inference-server');
  hub.set('/v1/applications', [{ ...application, rollout: { ...completedRollout, pin } }]);
  const status = await runCommand(['status'], { hubs: [hub.url] });
  expect(status.stdout).toContain(
    'pinned inference-server: git says release cc33 (revision beef123); left by the hub',
  );
});

test('rollout approve says yes at a gate, and the gates of a stage are shown with what they wait for', async () => {
  const approval = { name: 'qa', kind: 'approval', side: 'before', phase: 'open', sinceMs: nowMs - 120_000 };
  const gates = [{ ...approval, message: 'waits for 2 approvals of sre, and has 0' }];
  const stages = [{ name: 'prod', phase: 'waiting', clusters: [], gates }];
  const gated = { ...rollout, stages, progress: 'stage prod (2 of 2) waits: gate qa' };
  await using hub = await startFakeHub({
    '/v1/applications/inference-server': { ...application, rollout: gated },
    '/v1/applications/inference-server/rollout/approve': { reason: 'stage prod moves us-west-2' },
    '/v1/rollouts': [gated],
    '/v1/fleet': fleet,
    '/v1/clusters': clusters,
    '/v1/drift': drift,
    '/v1/applications': [{ ...application, rollout: gated }],
  });
  const status = await runCommand(['status', '--check'], { hubs: [hub.url] });
  expect(status.code).toBe(1);
  expect(status.stdout).toContain(
    'gate inference-server: gate qa of stage prod waits for 2 approvals of sre, and has 0',
  );
  expect(status.stdout).toContain('meridian rollout approve inference-server --gate qa --reason');
  const shown = await runCommand(['rollouts'], { hubs: [hub.url] });
  expect(shown.stdout).toContain('stage prod (2 of 2) waits: gate qa');
  expect(shown.stdout).toContain('gate qa open: waits for 2 approvals of sre, and has 0 (for 2m)');
  const args = ['rollout', 'approve', 'inference-server', '--gate', 'qa', '--reason', 'good'];
  const { code, stdout } = await runCommand(args, { hubs: [hub.url] });
  expect(code).toBe(0);
  expect(stdout).toContain('approved release');
  expect(hub.posted()).toEqual({ release: rollout.release, reason: 'good', gate: 'qa' });
});
