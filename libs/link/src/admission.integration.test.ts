import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { systemClock } from '@meridian/runtime';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { linkRig } from './testing/link-rig.ts';

const until = (check: () => void) => vi.waitFor(check, { timeout: 20_000, interval: 20 });
let rig: ReturnType<typeof linkRig>;
beforeEach(() => {
  rig = linkRig();
});
afterEach(() => rig.close());

/** Connections that say nothing, once they are there. */
function silent(port: number, count: number): Promise<Socket[]> {
  const one = () =>
    new Promise<Socket>((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port }, () => resolve(socket)).on('error', reject);
    });
  return Promise.all(Array.from({ length: count }, one));
}

it('attaches all of many agents that come at once', async () => {
  // Heartbeats at the pace of this test would be more work than the attaching.
  const server = await rig.serve({ heartbeatMs: 5_000 });
  const clusters = Array.from({ length: 80 }, (_, index) => `c${index}`);
  const links = clusters.map((cluster) => rig.attach([`127.0.0.1:${server.port}`], cluster).link);
  await until(() => expect(links.every((link) => link.connected())).toBe(true));
  expect(new Set(rig.of('snapshot').map(({ cluster }) => cluster)).size).toBe(80);
});

it('lets an agent in that comes after many connections that say nothing', async () => {
  const server = await rig.serve();
  const sockets = await silent(server.port, 200);
  const { link } = rig.attach([`127.0.0.1:${server.port}`], 'c1');
  await until(() => expect(link.connected()).toBe(true));
  for (const socket of sockets) socket.destroy();
});

it('ends the connections that wait, and takes no other, when the server stops', async () => {
  // Time stands still for whoever waits, so only the first burst is let in.
  const clock = { ...systemClock, monotonicMs: () => 0 };
  const server = await rig.serve({ clock });
  const sockets = await silent(server.port, 40);
  const ended = sockets.map((socket) => new Promise((resolve) => socket.on('close', resolve)));
  for (const socket of sockets) socket.resume();
  await server.stop();
  await Promise.all(ended);
  await expect(silent(server.port, 1)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});
