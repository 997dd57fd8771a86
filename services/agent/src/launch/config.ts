import { join } from 'node:path';
import type { LeanOptions } from '@meridian/runtime/lean';

/** Where an agent keeps its state on disk unless it is told. */
export const defaultDataDir = '/var/lib/meridian';

/**
 * Reads what is needed before the real configuration is loaded, which costs memory that a process about to be replaced
 * should not take. Checks nothing, the agent's own configuration does that. The compile cache is private to the agent.
 */
export function loadLaunchConfig(): LeanOptions {
  const dataDir = process.env['MERIDIAN_DATA_DIR'] || defaultDataDir;
  return { env: process.env, cacheDir: join(dataDir, 'compile-cache') };
}
