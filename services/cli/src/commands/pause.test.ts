import { expect, test } from 'vitest';
import { startFakeHub } from '../testing/fake-hub.ts';
import { application, clusters, fleet, nowMs, placement } from '../testing/fixtures.ts';
import { runCommand } from '../testing/run.ts';

const path = '/v1/applications/inference-server';
const pause = ['pause', 'inference-server', '--cluster', 'us-east-1', '--reason', 'hot patch'];

test('pause sends where, for how long and why, and says how it ends', async () => {
  await using hub = await startFakeHub({ [`${path}/pause`]: { reason: 'paused by lena' } });
  const { code, stdout } = await runCommand([...pause, '--for', '1h30m'], { hubs: [hub.url] });
  expect(code).toBe(0);
  expect(hub.posted()).toEqual({ cluster: 'us-east-1', forMs: 5_400_000, reason: 'hot patch' });
  expect(stdout).toContain('paused inference-server in us-east-1 for 1h30m');
  expect(stdout).toContain('meridian resume inference-server --cluster us-east-1 --reason TEXT');
});

test('pause takes neither an endless time nor none, and asks no hub then', async () => {
  await using hub = await startFakeHub({ [`${path}/pause`]: { reason: 'paused' } });
  for (const time of [['--for', '25h'], ['--for', '0s'], ['--for', 'soon'], []]) {
    const { code } = await runCommand([...pause, ...time], { hubs: [hub.url] });
    expect(code).toBe(2);
  }
  expect(hub.asked).toEqual([]);
});

test('resume sends where and why', async () => {
  await using hub = await startFakeHub({ [`${path}/resume`]: { reason: 'resumed by lena' } });
  const args = ['resume', 'inference-server', '--cluster', 'us-east-1', '--reason', 'in git'];
  const { code, stdout } = await runCommand(args, { hubs: [hub.url] });
  expect([code, hub.posted()]).toEqual([0, { cluster: 'us-east-1', reason: 'in git' }]);
  expect(stdout).toContain('resumed inference-server in us-east-1');
});

test('a pause is shown by status and app with who, for how long and why, and --check counts it', async () => {
  const paused = { sinceMs: nowMs - 1_000, untilMs: nowMs + 600_000, author: 'lena', reason: 'hot patch' };
  const view = {
    ...application,
    placements: [{ ...placement('us-east-1'), pause: paused }, placement('us-west-2')],
  };
  await using hub = await startFakeHub({
    '/v1/fleet': fleet,
    '/v1/clusters': clusters,
    '/v1/applications': [view],
    [path]: view,
  });
  const status = await runCommand(['status', '--check'], { hubs: [hub.url] });
  expect(status.code).toBe(1);
  expect(status.stdout).toMatch(/inference-server\s.*\spaused Synced\/Healthy\s+ok 1a2b3c4/);
  const app = await runCommand(['app', 'inference-server'], { hubs: [hub.url] });
  expect(app.stdout).toContain('us-east-1 paused by lena for another 10m: hot patch');
});
