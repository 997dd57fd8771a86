import { renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { convergeGoalMs, pause } from './fault.ts';
import type { Fault } from './fault.ts';

/** The repository is gone, slow, or pushed to by force. */
export const gitFaults: readonly Fault[] = [
  {
    ...{ kind: 'git gone', row: 'F19', convergeGoalMs },
    async strike(scene) {
      const { repo } = scene.rig;
      renameSync(repo, `${repo}-away`);
      try {
        await pause(scene, 3_000, 8_000);
      } finally {
        renameSync(`${repo}-away`, repo);
      }
      return [];
    },
  },
  {
    ...{ kind: 'git slow', row: 'F19', convergeGoalMs },
    async strike(scene) {
      const { slowGitFile } = scene.rig;
      writeFileSync(slowGitFile, '');
      try {
        await pause(scene, 5_000, 10_000);
      } finally {
        unlinkSync(slowGitFile);
      }
      return [];
    },
  },
  {
    ...{ kind: 'git pushed by force', row: 'F19', convergeGoalMs },
    async strike(scene) {
      await scene.author.force();
      return [];
    },
  },
];
