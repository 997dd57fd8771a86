import { existsSync, mkdirSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

/**
 * Has Node keep what the program is compiled to in the data directory of the hub, and find it there at the next start: a hub leads
 * again the sooner the less it has to compile. Threads learn of it by the environment. What is kept is run, so it is the hub's
 * alone (ADR 9). Without a data directory, or one that cannot be written to, the program is compiled at each start.
 */
export function keepCompiled(): void {
  const dataDir = process.env['MERIDIAN_DATA_DIR'];
  // Who has named another place for it has that one.
  if (process.env['NODE_COMPILE_CACHE'] || !dataDir || !existsSync(dataDir)) return;
  const dir = join(dataDir, 'compile-cache');
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
  } catch {
    return;
  }
  process.env['NODE_COMPILE_CACHE'] = dir;
  enableCompileCache(dir);
}
