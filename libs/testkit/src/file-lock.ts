import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemClock } from '@meridian/runtime';

/** Options of `withFileLock`. */
export interface FileLockOptions {
  readonly signal: AbortSignal;
  /** Told once when another process holds the lock. */
  readonly onWait?: (holder: number) => void;
}

/**
 * Runs `work` while this process holds the lock file at `path`, which carries its process id.
 * A lock whose process has ended is taken over. Throws when `signal` aborts while waiting.
 */
export async function withFileLock<T>(
  path: string,
  options: FileLockOptions,
  work: () => Promise<T>,
): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  let told = false;
  while (!(await tryLock(path))) {
    const holder = await readHolder(path);
    if (holder !== undefined && !told) {
      options.onWait?.(holder);
      told = true;
    }
    await systemClock.wait(300, options.signal);
    options.signal.throwIfAborted();
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function tryLock(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx');
    await file.writeFile(`${process.pid}\n`);
    await file.close();
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') {
      await dropIfAbandoned(path);
      return false;
    }
    throw error;
  }
}

/** Renaming first makes sure that only one of several waiters removes the abandoned file, and never a fresh one. */
async function dropIfAbandoned(path: string): Promise<void> {
  const holder = await readHolder(path);
  if (holder === undefined || isAlive(holder)) return;
  const aside = `${path}.${process.pid}.abandoned`;
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  await rm(aside, { force: true });
}

async function readHolder(path: string): Promise<number | undefined> {
  try {
    const pid = Number((await readFile(path, 'utf8')).trim());
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
