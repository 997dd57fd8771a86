import type { ApplicationView } from '@meridian/fleet';
import { systemClock } from '@meridian/runtime';
import { staged } from '../rig/manifests.ts';
import { askFleet, tellHub } from './ask-fleet.ts';
import type { Scene } from './fault.ts';

const lookEveryMs = 1_000;

/**
 * A person who approves whatever deletions wait: agents refuse them until somebody does, once the ledger has lost its word of
 * what they hold. Goes on until the signal aborts.
 */
export async function approveAllTheTime(scene: Omit<Scene, 'random'>, signal: AbortSignal): Promise<void> {
  let count = 0;
  while (!signal.aborted) {
    for (const { name } of staged) {
      count += 1;
      // Hubs may be gone or led by nobody just now; the next look finds what waits still.
      await approve(scene, name, `approval ${count}`).catch(() => undefined);
    }
    await systemClock.wait(lookEveryMs, signal);
  }
}

async function approve(scene: Omit<Scene, 'random'>, application: string, reason: string): Promise<void> {
  const path = `/v1/applications/${application}`;
  const { approvalNeeded } = await askFleet<ApplicationView>(scene.rig, path);
  const [hub] = scene.rig.hubs.filter((one) => one.isRunning());
  if (!approvalNeeded || !hub) return;
  const { release, deletions } = approvalNeeded;
  await tellHub(scene.rig, hub, `${path}/approve`, { release, deletions, reason });
}
