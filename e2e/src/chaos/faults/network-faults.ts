import type { TcpProxy } from '@meridian/testkit';
import { askFleet } from './ask-fleet.ts';
import { anyAgent, convergeGoalMs, leader, pause, timed } from './fault.ts';
import type { Fault, Measure, Scene } from './fault.ts';

const staleGoalMs = 15_000;

/** Cuts of every connection, clean or half open, and slow ones. Bytes that TCP has lost it does not give twice or out of order. */
export const networkFaults: readonly Fault[] = [
  {
    ...{ kind: 'leader cut from NATS', row: 'F9', convergeGoalMs },
    strike: (scene) => cut(scene, [leader(scene).toNats]),
  },
  {
    ...{ kind: 'leader cut from Redis', row: 'F9', convergeGoalMs },
    strike: (scene) => cut(scene, [leader(scene).toRedis]),
  },
  {
    ...{ kind: 'agent cut from NATS', row: 'F9', convergeGoalMs },
    strike: (scene) => cut(scene, [anyAgent(scene).toNats]),
  },
  { kind: 'agent cut from hubs', row: 'F9', convergeGoalMs, strike: cutAgent },
  { kind: 'network slow', row: 'F10', convergeGoalMs, strike: slow },
];

/** Breaks connections for some seconds: refused and reset, or with bytes that vanish one way or both. */
async function cut(
  scene: Scene,
  proxies: readonly TcpProxy[],
  until?: () => Promise<void>,
): Promise<Measure[]> {
  const how = scene.random.pick(['refused', 'up', 'down', 'both'] as const);
  for (const proxy of proxies) {
    if (how === 'refused') proxy.partition();
    if (how === 'up' || how === 'both') proxy.fault('up', { kind: 'drop' });
    if (how === 'down' || how === 'both') proxy.fault('down', { kind: 'drop' });
  }
  try {
    await pause(scene, 4_000, 12_000);
    await until?.();
  } finally {
    for (const proxy of proxies) {
      proxy.heal();
      // A stream with a hole in it is none that TCP could give.
      proxy.cut();
    }
  }
  return [];
}

async function cutAgent(scene: Scene): Promise<Measure[]> {
  const agent = anyAgent(scene);
  const sinceMs = performance.now();
  let ms = 0;
  await cut(scene, agent.toHubs, async () => {
    ms = await timed(
      scene,
      async () => {
        const clusters = await askFleet<{ name: string; connected: boolean }[]>(scene.rig, '/v1/clusters');
        return clusters.some(({ name, connected }) => name === agent.cluster && !connected);
      },
      sinceMs,
    );
  });
  // The cut lasts for some seconds before anybody asks, which is well within what is promised.
  return [{ what: 'shown as not connected', ms, goalMs: staleGoalMs }];
}

async function slow(scene: Scene): Promise<Measure[]> {
  const proxies = [leader(scene).toNats, anyAgent(scene).toNats, ...anyAgent(scene).toHubs];
  const delayMs = scene.random.whole(100, 500);
  for (const proxy of proxies)
    for (const way of ['up', 'down'] as const) proxy.fault(way, { kind: 'delay', delayMs });
  try {
    await pause(scene, 4_000, 10_000);
  } finally {
    for (const proxy of proxies) proxy.heal();
  }
  return [];
}
