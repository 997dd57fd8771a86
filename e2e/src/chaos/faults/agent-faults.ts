import { existsSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { anyAgent, convergeGoalMs, pause } from './fault.ts';
import type { Fault } from './fault.ts';

const tenMinutesMs = 600_000;
const diskGoalMs = 60_000;

/** Agents that are killed, stand still, lose their disk or cannot write to it, or have a wrong clock. */
export const agentFaults: readonly Fault[] = [
  {
    ...{ kind: 'agents killed', row: 'F15', convergeGoalMs },
    async strike(scene) {
      const agents = new Set([anyAgent(scene), anyAgent(scene), anyAgent(scene)]);
      await Promise.all([...agents].map((agent) => agent.kill()));
      await pause(scene, 0, 2_000);
      await Promise.all([...agents].map((agent) => agent.start()));
      return [];
    },
  },
  {
    ...{ kind: 'agent stopped', row: 'F9', convergeGoalMs },
    async strike(scene) {
      const agent = anyAgent(scene);
      agent.pause();
      try {
        await pause(scene, 4_000, 12_000);
      } finally {
        agent.resume();
      }
      return [];
    },
  },
  {
    ...{ kind: 'agent killed, disk lost', row: 'F16', convergeGoalMs: diskGoalMs },
    async strike(scene) {
      const agent = anyAgent(scene);
      await agent.kill();
      rmSync(agent.dataDir, { recursive: true, force: true });
      await agent.start();
      return [];
    },
  },
  {
    ...{ kind: 'disk of an agent takes nothing', row: 'F16', convergeGoalMs: diskGoalMs },
    async strike(scene) {
      const { dataDir } = anyAgent(scene);
      const place = join(dataDir, 'applications');
      const away = `${place}-away`;
      if (existsSync(place)) renameSync(place, away);
      writeFileSync(place, '');
      try {
        await pause(scene, 4_000, 8_000);
      } finally {
        rmSync(place, { recursive: true });
        if (existsSync(away)) renameSync(away, place);
      }
      return [];
    },
  },
  {
    ...{ kind: 'clock of an agent wrong', row: 'F11', convergeGoalMs },
    async strike(scene) {
      const { clockFile } = anyAgent(scene);
      writeFileSync(clockFile, String(scene.random.pick([-tenMinutesMs, tenMinutesMs])));
      try {
        await pause(scene, 3_000, 8_000);
      } finally {
        unlinkSync(clockFile);
      }
      return [];
    },
  },
];
