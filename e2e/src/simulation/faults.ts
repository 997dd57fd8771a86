import type { Agent } from './agent.ts';
import type { Hub } from './hub.ts';
import type { Lock } from './lock.ts';
import type { Network } from './network.ts';
import type { Random } from './random.ts';
import type { Schedule } from './schedule.ts';
import type { Stream } from './stream.ts';

/** What faults strike. */
export interface FaultWorld {
  readonly schedule: Schedule;
  readonly network: Network;
  readonly random: Random;
  readonly hubs: readonly Hub[];
  readonly agents: readonly Agent[];
  readonly lock: Lock;
  readonly stream: Pick<Stream, 'isUnavailable'>;
  readonly losesLedger: boolean;
  readonly isSkewed: boolean;
  /** Loses the ledger after a share of its messages; 0 is all of it. */
  readonly loseLedger: (share: number) => void;
  /** How many messages the ledger has. */
  readonly ledgerLength: () => number;
  /** The hub that claimed the ledger last. */
  readonly leader: () => Hub | undefined;
  /** Does something when the ledger next has so many messages, unless all is calm by then. */
  readonly onLength: (length: number, run: () => void) => void;
  /** Loses it as soon as a hub has claimed it next. */
  readonly loseNextClaim: () => void;
}

/** One way for the world to go wrong. */
export interface Fault {
  readonly name: string;
  readonly weight: number;
  /** Only worlds of a focus that names it have it: in others too much would come together. */
  readonly isOfFocus?: true;
  readonly isPossible?: (world: FaultWorld) => boolean;
  readonly strike: (world: FaultWorld) => void;
}

const tenMinutesMs = 600_000;

/** How far off a wall clock is. */
export function drawSkew(random: Random): number {
  return random.pick([0, 0, 1, -1]) * random.whole(1_000, tenMinutesMs);
}

/** Cuts a process off and joins it again later. */
function cutFor(world: FaultWorld, name: string, from: string): void {
  const { network, random, schedule } = world;
  network.cut(name, from, true);
  const ms = random.chance(0.25) ? random.whole(20_000, 45_000) : random.whole(1_000, 12_000);
  schedule.after(ms, undefined, () => network.cut(name, from, false));
}

/** A hub that has a chance to be the leader: half of the time the one that really leads. */
function someHub({ hubs, random }: FaultWorld): Hub {
  return random.pick(hubs);
}

/** Everything that goes wrong beside the weather. To add a fault, add a line. */
export const faults: readonly Fault[] = [
  {
    name: 'kill a hub',
    weight: 4,
    strike(world) {
      const hub = someHub(world);
      hub.kill();
      const { random, schedule, isSkewed } = world;
      const start = () => hub.process.isAlive || hub.start(isSkewed ? drawSkew(random) : 0);
      schedule.after(random.whole(300, 8_000), undefined, start);
    },
  },
  {
    name: 'pause a hub',
    weight: 4,
    strike(world) {
      const { random, schedule } = world;
      someHub(world).process.pausedUntilMs = schedule.nowMs + random.whole(500, 9_000);
    },
  },
  { name: 'forget the lock', weight: 2, strike: ({ lock }) => lock.forget() },
  {
    name: 'forget the lock again and again',
    weight: 2,
    isOfFocus: true,
    strike({ lock, schedule }) {
      for (let atMs = 0; atMs < 4_000; atMs += 250) schedule.after(atMs, undefined, () => lock.forget());
    },
  },
  { name: 'cut a hub from Redis', weight: 2, strike: (world) => cutFor(world, someHub(world).name, 'redis') },
  {
    name: 'lose Redis',
    weight: 1,
    strike(world) {
      for (const { name } of world.hubs) cutFor(world, name, 'redis');
    },
  },
  { name: 'cut a hub from NATS', weight: 2, strike: (world) => cutFor(world, someHub(world).name, 'nats') },
  {
    name: 'let the ledger refuse some writes for a while',
    weight: 2,
    isOfFocus: true,
    strike({ stream, random, schedule }) {
      const untilMs = schedule.nowMs + random.whole(1_000, 5_000);
      stream.isUnavailable = () => schedule.nowMs < untilMs && random.chance(0.3);
    },
  },
  {
    name: 'keep a hub from Redis for long',
    weight: 2,
    isOfFocus: true,
    strike(world) {
      const { network, random, schedule } = world;
      const { name } = someHub(world);
      network.cut(name, 'redis', true);
      schedule.after(random.whole(20_000, 35_000), undefined, () => network.cut(name, 'redis', false));
    },
  },
  {
    name: 'cut an agent from NATS',
    weight: 2,
    strike: (world) => cutFor(world, world.random.pick(world.agents).process.name, 'nats'),
  },
  {
    name: 'cut an agent from the hubs',
    weight: 3,
    strike: (world) => cutFor(world, world.random.pick(world.agents).process.name, 'hubs'),
  },
  {
    name: 'cut an agent from its API server',
    weight: 1,
    strike: (world) => cutFor(world, world.random.pick(world.agents).process.name, 'kube'),
  },
  {
    name: 'kill an agent',
    weight: 4,
    strike(world) {
      const { random, schedule, isSkewed } = world;
      const agent = random.pick(world.agents);
      agent.kill();
      if (random.chance(0.4)) agent.loseDisk();
      const start = () => agent.process.isAlive || agent.start(isSkewed ? drawSkew(random) : 0);
      schedule.after(random.whole(300, 10_000), undefined, start);
    },
  },
  {
    name: 'kill an agent whose two copies differ',
    weight: 2,
    strike(world) {
      const { random, schedule } = world;
      const agent = random.pick(world.agents);
      if (random.chance(0.5)) agent.cluster.diskFullUntilMs = schedule.nowMs + 14_000;
      else cutFor(world, agent.process.name, 'kube');
      schedule.after(random.whole(2_000, 12_000), undefined, () => agent.kill());
      const start = () => agent.process.isAlive || agent.start(0);
      schedule.after(random.whole(12_500, 16_000), undefined, start);
    },
  },
  {
    name: 'replace an agent without its disk',
    weight: 3,
    isOfFocus: true,
    strike({ agents, random, schedule }) {
      const agent = random.pick(agents);
      agent.kill();
      agent.loseDisk();
      schedule.after(random.whole(300, 3_000), undefined, () => agent.process.isAlive || agent.start(0));
    },
  },
  {
    name: 'silence an agent for long',
    weight: 2,
    strike(world) {
      const { network, random, schedule } = world;
      const { name } = random.pick(world.agents).process;
      network.cut(name, 'hubs', true);
      schedule.after(random.whole(30_000, 50_000), undefined, () => network.cut(name, 'hubs', false));
    },
  },
  {
    name: 'pause an agent',
    weight: 1,
    strike({ random, agents, schedule }) {
      random.pick(agents).process.pausedUntilMs = schedule.nowMs + random.whole(500, 12_000);
    },
  },
  {
    name: 'make a cluster sick',
    weight: 4,
    strike({ random, agents, schedule }) {
      const agent = random.pick(agents);
      const ms = random.whole(1_500, 14_000);
      agent.cluster.sickUntilMs = schedule.nowMs + ms;
      for (const atMs of [0, ms]) schedule.after(atMs, undefined, () => agent.nudge());
    },
  },
  {
    name: 'freeze a cluster',
    weight: 2,
    strike({ random, agents, schedule }) {
      const agent = random.pick(agents);
      const ms = random.whole(4_000, 20_000);
      agent.cluster.frozenUntilMs = schedule.nowMs + ms;
      agent.tellFreeze();
      schedule.after(ms, undefined, () => {
        agent.tellFreeze();
        agent.nudge();
      });
    },
  },
  {
    name: 'fill a disk',
    weight: 1,
    strike({ random, agents, schedule }) {
      random.pick(agents).cluster.diskFullUntilMs = schedule.nowMs + random.whole(2_000, 10_000);
    },
  },
  { name: 'break a link', weight: 1, strike: ({ random, agents }) => random.pick(agents).breakLink() },
  {
    name: 'set a clock',
    weight: 3,
    isPossible: ({ isSkewed }) => isSkewed,
    strike({ random, hubs, agents }) {
      random.pick([...hubs, ...agents]).process.skewMs = drawSkew(random);
    },
  },
  {
    name: 'lose the ledger',
    weight: 2,
    isPossible: ({ losesLedger }) => losesLedger,
    strike: ({ loseLedger }) => loseLedger(0),
  },
  {
    name: 'lose the ledger while nobody hears of an agent',
    weight: 2,
    isPossible: ({ losesLedger }) => losesLedger,
    strike(world) {
      cutFor(world, world.random.pick(world.agents).process.name, 'hubs');
      if (world.random.chance(0.5)) world.lock.forget();
      world.loseLedger(0);
    },
  },
  {
    name: 'lose the ledger and the terms while nobody hears of any agent',
    weight: 2,
    isOfFocus: true,
    strike(world) {
      for (const { process } of world.agents) cutFor(world, process.name, 'hubs');
      world.lock.forget();
      world.loseLedger(0);
    },
  },
  {
    name: 'lose the ledger that a hub has just claimed',
    weight: 1,
    // In other worlds who leads next may have more than that to live through.
    isOfFocus: true,
    strike({ hubs, loseNextClaim, schedule }) {
      loseNextClaim();
      for (const hub of hubs) {
        hub.kill();
        schedule.after(500, undefined, () => hub.process.isAlive || hub.start(0));
      }
    },
  },
  {
    name: 'put the ledger back to a backup',
    weight: 2,
    isPossible: ({ losesLedger }) => losesLedger,
    strike: ({ loseLedger, random }) => loseLedger(random.next()),
  },
  {
    name: 'put the ledger back while its leader stands still, until a claim has made up the length',
    weight: 2,
    isPossible: ({ losesLedger }) => losesLedger,
    strike(world) {
      const leader = world.leader();
      if (!leader) return;
      const { network, random, schedule } = world;
      const { process } = leader;
      const length = world.ledgerLength();
      // It cannot ask for its lock, so it goes on as the leader and tells candidates of it.
      network.cut(process.name, 'redis', true);
      world.lock.forget();
      world.loseLedger(Math.max(0, length - random.pick([3, 3, 4])) / length);
      // One that stands still for longer steps down.
      const untilMs = schedule.nowMs + 900;
      let isAsLong = false;
      const standStill = () => {
        if (isAsLong || schedule.nowMs > untilMs) return;
        process.pausedUntilMs = schedule.nowMs + 20;
        schedule.after(10, undefined, standStill);
      };
      standStill();
      world.onLength(length, () => {
        isAsLong = true;
        const others = world.hubs.filter((hub) => hub !== leader);
        for (const { name } of others) network.cut(name, 'nats', true);
        schedule.after(4_000, undefined, () => {
          network.cut(process.name, 'redis', false);
          for (const { name } of others) network.cut(name, 'nats', false);
        });
      });
      schedule.after(6_000, undefined, () => network.cut(process.name, 'redis', false));
    },
  },
];
