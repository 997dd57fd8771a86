import { rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { scaleByHand } from './by-hand.ts';
import { convergeGoalMs, leader, nextWrite, pause, timed } from './fault.ts';
import type { Fault, Measure, Scene } from './fault.ts';

const failoverGoalMs = 5_000;
const driftGoalMs = 30_000;
const tenMinutesMs = 600_000;

/** Kills the leader, also with its disk lost, and stops it for longer than its lock lives: it wakes up believing that it leads. */
export const hubFaults: readonly Fault[] = [
  {
    ...{ kind: 'leader killed', row: 'F1', convergeGoalMs },
    async strike(scene) {
      const hub = leader(scene);
      await hub.kill();
      const written = await nextWrite(scene, failoverGoalMs, ({ holder }) => holder !== hub.name);
      await pause(scene, 0, 2_000);
      await hub.start();
      return [written];
    },
  },
  {
    ...{ kind: 'leader killed, disk lost', row: 'F1', convergeGoalMs },
    async strike(scene) {
      const hub = leader(scene);
      await hub.kill();
      rmSync(hub.dataDir, { recursive: true, force: true });
      const written = await nextWrite(scene, failoverGoalMs, ({ holder }) => holder !== hub.name);
      await hub.start();
      return [written];
    },
  },
  {
    ...{ kind: 'leader stopped', row: 'F2', convergeGoalMs },
    async strike(scene) {
      const hub = leader(scene);
      hub.pause();
      try {
        const written = await nextWrite(scene, failoverGoalMs, ({ holder }) => holder !== hub.name);
        await pause(scene, 500, 6_000);
        return [written];
      } finally {
        hub.resume();
      }
    },
  },
  { kind: 'all hubs killed', row: 'F3', convergeGoalMs, strike: killAll },
  { kind: 'clock of the leader wrong', row: 'F11', convergeGoalMs, strike: shiftClock },
];

async function killAll(scene: Scene): Promise<Measure[]> {
  const { rig, random } = scene;
  await Promise.all(rig.hubs.map((hub) => hub.kill()));
  const cluster = random.pick([...rig.clusters.values()]);
  const isHealed = await scaleByHand(cluster);
  const ms = await timed(scene, isHealed);
  await pause(scene, 0, 4_000);
  await Promise.all(rig.hubs.map((hub) => hub.start()));
  return [{ what: 'drift healed', ms, goalMs: driftGoalMs }];
}

async function shiftClock(scene: Scene): Promise<Measure[]> {
  const hub = leader(scene);
  writeFileSync(hub.clockFile, String(scene.random.pick([-tenMinutesMs, tenMinutesMs])));
  try {
    const written = await nextWrite(scene, failoverGoalMs);
    await pause(scene, 3_000, 8_000);
    return [written];
  } finally {
    unlinkSync(hub.clockFile);
  }
}
