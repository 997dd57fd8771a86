import { join } from 'node:path';
import type { LeanOptions } from '@meridian/runtime/lean';

/** Where an agent keeps its state on disk unless it is told. */
export const defaultDataDir = '/var/lib/meridian';

/**
 * What an agent is started with. With the nursery of 1 MB that is enough for a process that only waits, a start over many objects
 * collects garbage so often, and in such long goes, that the event loop stands still for 100 ms; with 4 MB, and an old space
 * that grows by 30 % between collections, it does for half of that, with less CPU and no more memory (`bench/README.md`).
 */
export const agentFlags: readonly string[] = [
  '--max-semi-space-size=4',
  '--v8-pool-size=1',
  '--optimize-for-size',
  '--heap-growing-percent=30',
];

/**
 * Reads what is needed before the real configuration is loaded, which costs memory that a process about to be replaced
 * should not take. Checks nothing, the agent's own configuration does that. The compile cache is private to the agent.
 */
export function loadLaunchConfig(): LeanOptions {
  const dataDir = process.env['MERIDIAN_DATA_DIR'] || defaultDataDir;
  return { env: process.env, flags: agentFlags, cacheDir: join(dataDir, 'compile-cache') };
}
