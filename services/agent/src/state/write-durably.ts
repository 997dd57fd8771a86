import { open, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Writes a file that only its owner may read: aside, synced, renamed, so that a kill leaves the old one or the new one whole. Throws
 * what the file system says.
 */
export async function writeDurably(directory: string, name: string, bytes: Uint8Array): Promise<void> {
  const aside = join(directory, `.${name}.tmp`);
  try {
    const handle = await open(aside, 'w', 0o600);
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(aside, join(directory, name));
  } catch (error) {
    await unlink(aside).catch(() => undefined);
    throw error;
  }
  await syncDirectory(directory);
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
