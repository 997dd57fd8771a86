import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureParts, expectedPart, findOnPath, findPart, PartsError } from '@meridian/testkit';

/** Where the hubs look for helm, also before it is there. */
export function helmProgram(): string {
  return expectedPart('helm');
}

/**
 * Brings helm, which renders charts, while the fleet runs: most fleets have no charts, and its build takes a minute. Where
 * the machine has neither Go nor Homebrew nothing is installed for it; the hubs then tell those who have charts.
 */
export async function bringHelm(logs: string, signal: AbortSignal): Promise<void> {
  const canBuild = findOnPath('go') !== undefined || findOnPath('brew') !== undefined;
  if (findPart('helm') !== undefined || !canBuild) return;
  const log = (line: string) => appendFileSync(join(logs, 'helm.log'), `${line}\n`);
  try {
    await ensureParts(['helm'], { signal, onProgress: log });
  } catch (error) {
    if (!(error instanceof PartsError) && !signal.aborted) throw error;
    if (!signal.aborted && error instanceof PartsError) log(error.message);
  }
}
