import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for one test; disposing removes it with all that is in it. */
export interface TempDir extends AsyncDisposable {
  readonly path: string;
}

/** Makes an empty folder in the system's temporary folder, its name starting with `meridian-<purpose>-`. */
export async function tempDir(purpose: string): Promise<TempDir> {
  const path = await mkdtemp(join(tmpdir(), `meridian-${purpose}-`));
  return {
    path,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }),
  };
}
