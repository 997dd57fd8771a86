import { systemClock } from '@meridian/runtime';
import type { Rig } from '../rig/rig.ts';
import type { NatsServer } from '../rig/nats-servers.ts';
import { emptyFolder, fillDisk, freeDisk } from '../rig/small-disk.ts';
import { convergeGoalMs, nextWrite, pause } from './fault.ts';
import type { Fault, Measure, Scene } from './fault.ts';

const failoverGoalMs = 10_000;
const freedGoalMs = 60_000;
/** How a slow disk is played: everything stands still for about so long, and goes on for a moment. */
const slowMs = { stands: [1_000, 2_000], goes: [200, 500], times: 8 } as const;
const claimsAllowed = 1;

const oneOfThree = ({ nats }: Rig) => (nats.servers.length < 3 ? 'needs --nats 3' : undefined);
const ownDisks = ({ hasSmallDisks }: Rig) =>
  hasSmallDisks ? undefined : 'needs the right to mount a tmpfs (root)';

/** One server of three: killed, stopped, emptied; and disks that are full or slow. */
export const natsServerFaults: readonly Fault[] = [
  {
    ...{ kind: 'nats server that leads killed', row: 'F6', convergeGoalMs, whyNot: oneOfThree },
    async strike(scene) {
      const server = await ledgerLeader(scene);
      await server.kill();
      const written = await nextWrite(scene, failoverGoalMs);
      await pause(scene, 0, 3_000);
      await server.start(true);
      return [written];
    },
  },
  {
    ...{ kind: 'nats server that leads stopped', row: 'F6', convergeGoalMs, whyNot: oneOfThree },
    async strike(scene) {
      const server = await ledgerLeader(scene);
      server.pause();
      try {
        // It resets no connection, so it is noticed later than one that was killed; the goal is the same.
        const written = await nextWrite(scene, failoverGoalMs);
        await pause(scene, 0, 4_000);
        return [written];
      } finally {
        server.resume();
      }
    },
  },
  {
    ...{ kind: 'nats server killed, disk lost', row: 'F6', convergeGoalMs, whyNot: oneOfThree },
    async strike(scene) {
      const server = scene.random.pick(scene.rig.nats.servers);
      await server.kill();
      emptyFolder(server.storeDir);
      const written = await nextWrite(scene, failoverGoalMs);
      await server.start(true);
      return [written];
    },
  },
  {
    ...{ kind: 'disks of nats full', row: 'F16', convergeGoalMs: freedGoalMs, whyNot: ownDisks },
    strike: (scene) => fill(scene, scene.rig.nats.servers),
  },
  {
    ...{ kind: 'disk of one nats server full', row: 'F16', convergeGoalMs: freedGoalMs },
    whyNot: (rig) => ownDisks(rig) ?? oneOfThree(rig),
    async strike(scene) {
      return fill(scene, [await ledgerLeader(scene)]);
    },
  },
  { kind: 'disks of nats slow', row: 'F17', convergeGoalMs, strike: slow },
];

async function ledgerLeader({ rig, witness, random }: Scene): Promise<NatsServer> {
  const name = await witness.ledgerServer().catch(() => undefined);
  return rig.nats.servers.find((server) => server.name === name) ?? random.pick(rig.nats.servers);
}

/** A server whose disk is full gives up its store until it is started again: that is what a person does, once there is room. */
async function fill(scene: Scene, servers: readonly NatsServer[]): Promise<Measure[]> {
  for (const { storeDir } of servers) fillDisk(storeDir);
  try {
    await pause(scene, 4_000, 10_000);
  } finally {
    for (const { storeDir } of servers) freeDisk(storeDir);
  }
  await Promise.all(servers.map((server) => server.kill()));
  await Promise.all(servers.map((server) => server.start(true)));
  return [{ ...(await nextWrite(scene, freedGoalMs)), what: 'ledger written once there is room' }];
}

/** Writes that take seconds: the servers stand still again and again. No leader may fall for that more than once. */
async function slow(scene: Scene): Promise<Measure[]> {
  const { rig, witness, random, signal, noteMishap } = scene;
  const from = witness.ledger.length;
  for (let count = 0; count < slowMs.times && !signal.aborted; count += 1) {
    rig.nats.pause();
    try {
      await systemClock.wait(random.whole(...slowMs.stands), signal);
    } finally {
      rig.nats.resume();
    }
    await systemClock.wait(random.whole(...slowMs.goes), signal);
  }
  const written = await nextWrite(scene, failoverGoalMs);
  const claims = witness.ledger.slice(from).filter(({ body }) => body.kind === 'claim').length;
  if (claims > claimsAllowed) noteMishap('flapping', `${claims} hubs claimed while NATS was only slow`);
  return [written];
}
