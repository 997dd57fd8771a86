import { expect, test } from 'vitest';
import { fleet } from '../testing/fixtures.ts';
import { startFakeHub } from '../testing/fake-hub.ts';
import { runCommand } from '../testing/run.ts';

const reason = ['--reason', 'incident'];

test('hold and release say what they do, and ask for a name where there is one', async () => {
  await using hub = await startFakeHub({
    '/v1/holds': { reason: 'alice holds cluster east: incident' },
    '/v1/holds/release': { reason: 'alice released the fleet: incident' },
  });
  const run = (...args: string[]) => runCommand([...args, ...reason], { hubs: [hub.url] });
  const held = await run('hold', 'cluster', 'east', '--for', '2h');
  expect([held.code, hub.posted()]).toEqual([
    0,
    { scope: 'cluster', name: 'east', reason: 'incident', forMs: 7_200_000 },
  ]);
  expect(held.stdout).toContain('meridian release cluster east --reason');
  expect((await run('release', 'fleet')).code).toBe(0);
  expect(hub.posted()).toEqual({ scope: 'fleet', reason: 'incident' });
  expect((await run('hold', 'cluster')).stderr).toContain('which cluster?');
  expect((await run('hold', 'fleet', 'east')).stderr).toContain('the fleet has no name');
  expect((await run('hold', 'region', 'east')).code).toBe(2);
  expect((await run('hold', 'fleet', '--for', '0s')).stderr).toContain('from 1s to 365d');
});

test('holds lists what is held, and status names it', async () => {
  const holds = [{ scope: 'fleet', name: '', author: 'lena', reason: 'incident 12', sinceMs: 0 }];
  await using hub = await startFakeHub({ '/v1/fleet': { ...fleet, holds } });
  const { stdout } = await runCommand(['holds'], { hubs: [hub.url] });
  expect(stdout).toBe('fleet held by lena until it is released: incident 12\n');
  hub.set('/v1/fleet', fleet);
  expect((await runCommand(['holds'], { hubs: [hub.url] })).stdout).toBe('nothing is held\n');
});
