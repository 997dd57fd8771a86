import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const chunk = Buffer.alloc(256 * 1024);
const filler = (folder: string) => join(folder, 'filler');

/** Gives a folder a disk of its own, a tmpfs; undefined when this process may not mount one. Disposing takes it away with all it has. */
export function smallDisk(folder: string, megabytes: number): Disposable | undefined {
  mkdirSync(folder, { recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0700`, 'tmpfs', folder], {
      stdio: 'ignore',
    });
  } catch {
    return undefined;
  }
  // Lazily: a process that has just been killed may still hold a file.
  return { [Symbol.dispose]: () => void execFileSync('umount', ['-l', folder]) };
}

/** Writes until the disk of a folder takes nothing more. */
export function fillDisk(folder: string): void {
  const file = openSync(filler(folder), 'a', 0o600);
  try {
    for (;;) writeSync(file, chunk);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    closeSync(file);
  }
}

/** Takes away what `fillDisk` has written. */
export function freeDisk(folder: string): void {
  rmSync(filler(folder), { force: true });
}

/** Removes everything in a folder, but not the folder: it may be a disk. */
export function emptyFolder(folder: string): void {
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true });
}
