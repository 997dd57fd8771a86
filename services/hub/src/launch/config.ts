import { join } from 'node:path';

/**
 * Where a hub keeps what its program is compiled to, beside the mirror of the fleet repo; undefined without a data directory, of
 * which its configuration tells. What is there is run, so the directory belongs to the hub alone.
 */
export function compileCacheDir(): string | undefined {
  const dataDir = process.env['MERIDIAN_DATA_DIR'];
  return dataDir ? join(dataDir, 'compile-cache') : undefined;
}
