import type { ClusterView } from '@meridian/fleet';
import type { TcpProxy } from '@meridian/testkit';
import { disorderly } from '../rig/nats-frames.ts';
import { askFleet } from './ask-fleet.ts';
import { anyAgent, convergeGoalMs, leader, pause, timed } from './fault.ts';
import type { Fault, Measure, Scene } from './fault.ts';

const staleGoalMs = 15_000;

/** Cuts of every connection, clean or half open; slow ones; and NATS whose messages come twice or out of order. */
export const networkFaults: readonly Fault[] = [
  {
    ...{ kind: 'leader cut from NATS', row: 'F9', convergeGoalMs },
    strike: (scene) => cut(scene, leader(scene).toNats),
  },
  {
    ...{ kind: 'leader cut from Redis', row: 'F9', convergeGoalMs },
    strike: (scene) => cut(scene, [leader(scene).toRedis]),
  },
  {
    ...{ kind: 'agent cut from NATS', row: 'F9', convergeGoalMs },
    strike: (scene) => cut(scene, anyAgent(scene).toNats),
  },
  { kind: 'agent cut from hubs', row: 'F9', convergeGoalMs, strike: cutAgent },
  { kind: 'network slow', row: 'F10', convergeGoalMs, strike: slow },
  {
    ...{ kind: 'messages of agents twice and out of order', row: 'F10', convergeGoalMs },
    strike: (scene) => disorder(scene, scene.rig.agents),
  },
  {
    ...{ kind: 'messages of the leader twice and out of order', row: 'F10', convergeGoalMs },
    strike: (scene) => disorder(scene, [leader(scene)]),
  },
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
  let ms = 0;
  await cut(scene, agent.toHubs, async () => {
    await timed(scene, async () => {
      const clusters = await askFleet<ClusterView[]>(scene.rig, '/v1/clusters');
      const view = clusters.find(({ name }) => name === agent.cluster);
      // Cut one way only, an agent is heard until it has noticed that nobody answers.
      ms = Date.now() - (view?.status?.observedAtMs ?? 0);
      return view?.connected === false;
    });
  });
  return [{ what: 'not heard, and shown so', ms, goalMs: staleGoalMs }];
}

async function slow(scene: Scene): Promise<Measure[]> {
  const proxies = [...leader(scene).toNats, ...anyAgent(scene).toNats, ...anyAgent(scene).toHubs];
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

/** What goes between processes and NATS comes now and then twice, late, or in another order, both ways. */
async function disorder(
  scene: Scene,
  processes: readonly { readonly toNats: readonly TcpProxy[] }[],
): Promise<Measure[]> {
  const proxies = processes.flatMap(({ toNats }) => toNats);
  for (const proxy of proxies) {
    for (const way of ['up', 'down'] as const)
      proxy.fault(way, { kind: 'rewrite', open: () => disorderly(scene.random.fork()) });
    // Frames can be told from each other only from the beginning of a connection on.
    proxy.cut();
  }
  try {
    await pause(scene, 6_000, 12_000);
  } finally {
    for (const proxy of proxies) {
      proxy.heal();
      proxy.cut();
    }
  }
  return [];
}
