import { cpSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { emptyFolder } from '../rig/small-disk.ts';
import { convergeGoalMs, leader, nextWrite, pause, timed } from './fault.ts';
import type { Fault, Measure, Scene } from './fault.ts';

const writeGoalMs = 5_000;
/** Three servers have to agree first who leads. */
const natsGoalMs = 10_000;
const rebuildGoalMs = 60_000;
const noticeGoalMs = 6_000;
const leaderlessGoalMs = 10_000;

/** NATS and Redis: killed, stopped, emptied, and NATS put back as it was some time ago. */
export const storeFaults: readonly Fault[] = [
  {
    ...{ kind: 'redis killed', row: 'F4', convergeGoalMs },
    async strike(scene) {
      await scene.rig.redis.kill();
      const written = await nextWrite(scene, writeGoalMs);
      await pause(scene, 500, 5_000);
      await scene.rig.redis.start(true);
      return [written];
    },
  },
  {
    ...{ kind: 'redis emptied', row: 'F4', convergeGoalMs },
    async strike(scene) {
      await flush(scene.rig.redisPort);
      const written = await nextWrite(scene, writeGoalMs);
      return [written];
    },
  },
  {
    ...{ kind: 'redis and leader killed', row: 'F4', convergeGoalMs },
    async strike(scene) {
      const hub = leader(scene);
      await Promise.all([scene.rig.redis.kill(), hub.kill()]);
      const written = await nextWrite(scene, leaderlessGoalMs, ({ holder }) => holder !== hub.name);
      await scene.rig.redis.start(true);
      await hub.start();
      return [written];
    },
  },
  {
    ...{ kind: 'nats killed', row: 'F5', convergeGoalMs },
    async strike(scene) {
      const { nats } = scene.rig;
      await nats.kill();
      await pause(scene, 300, 4_000);
      await nats.start();
      return [await nextWrite(scene, natsGoalMs)];
    },
  },
  { kind: 'nats lost its data', row: 'F7', convergeGoalMs: rebuildGoalMs, strike: wipe },
  { kind: 'nats put back older', row: 'F7', convergeGoalMs: rebuildGoalMs, strike: putBack },
  { kind: 'nats stopped', row: 'F8', convergeGoalMs, strike: stop },
];

async function wipe(scene: Scene): Promise<Measure[]> {
  const { nats } = scene.rig;
  await nats.kill();
  scene.noteLoss();
  for (const { storeDir } of nats.servers) emptyFolder(storeDir);
  scene.witness.rewind();
  await nats.start();
  return [{ ...(await nextWrite(scene, rebuildGoalMs)), what: 'ledger rebuilt' }];
}

/** Takes copies, lets the fleet go on, and puts the copies in the place of what was written since. */
async function putBack(scene: Scene): Promise<Measure[]> {
  const { nats } = scene.rig;
  const copyOf = (storeDir: string) => `${storeDir}-copy`;
  await nats.kill();
  for (const { storeDir } of nats.servers) {
    rmSync(copyOf(storeDir), { recursive: true, force: true });
    cpSync(storeDir, copyOf(storeDir), { recursive: true });
  }
  await nats.start();
  await pause(scene, 6_000, 12_000);
  await nats.kill();
  scene.noteLoss();
  for (const { storeDir } of nats.servers) {
    emptyFolder(storeDir);
    cpSync(copyOf(storeDir), storeDir, { recursive: true });
  }
  scene.witness.rewind();
  await nats.start();
  return [{ ...(await nextWrite(scene, rebuildGoalMs)), what: 'ledger rebuilt' }];
}

async function stop(scene: Scene): Promise<Measure[]> {
  const { nats, hubs } = scene.rig;
  nats.pause();
  let noticedMs: number;
  try {
    noticedMs = await timed(scene, async () => {
      const answers = await Promise.all(hubs.map(({ readyUrl }) => fetch(readyUrl)));
      return answers.every(({ ok }) => !ok);
    });
    await pause(scene, 0, 4_000);
  } finally {
    nats.resume();
  }
  const noticed = { what: 'loss of NATS noticed', ms: noticedMs, goalMs: noticeGoalMs };
  return [noticed, await nextWrite(scene, natsGoalMs)];
}

/** FLUSHALL, by a connection of its own (https://redis.io/docs/latest/develop/reference/protocol-spec/, inline commands). */
function flush(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => void socket.write('FLUSHALL\r\n'));
    socket.once('error', reject);
    socket.once('data', () => {
      socket.destroy();
      resolve();
    });
  });
}
