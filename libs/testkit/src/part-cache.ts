import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { goModuleFolder } from './part-catalog.ts';
import type { GoSource } from './part-catalog.ts';

/** Folder that keeps built parts between runs and between checkouts. */
export function partCacheRoot(): string {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'meridian', 'parts');
}

/** Folder of the programs of one go.mod: its name follows go.mod, go.sum and the platform, so a new version never meets an old file. */
export function partCacheFolder(module: GoSource['module']): string {
  const hash = createHash('sha256').update(`${process.platform}-${process.arch}`);
  for (const file of ['go.mod', 'go.sum'])
    hash.update('\0').update(readFileSync(join(goModuleFolder(module), file)));
  return join(partCacheRoot(), `${module}-${hash.digest('hex').slice(0, 16)}`);
}
