import { existsSync, writeFileSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { join } from 'node:path';

/** Flags for a process that mostly waits: a small nursery and one helper thread cost throughput that such a one does not need. */
export const leanFlags: readonly string[] = [
  '--max-semi-space-size=1',
  '--v8-pool-size=1',
  '--optimize-for-size',
];

/** How a process was, or shall be, started. */
export interface Launch {
  readonly flags: readonly string[];
  readonly env: { readonly [name: string]: string | undefined };
}

/** What a process that becomes lean is told: its environment, and the folder of its compile cache. */
export interface LeanOptions {
  readonly env: Launch['env'];
  readonly cacheDir: string;
  /** Flags of this program; the lean ones unless told. Of two that set the same thing V8 takes the later one. */
  readonly flags?: readonly string[];
  /** Names the sources that the cache was filled from, where they may change under it. */
  readonly sources?: string;
}

/**
 * What to add to the environment of a lean process. The compile cache saves most: with it TypeScript is not parsed again. It
 * belongs to one user, because what is in it is run; Node keeps it apart for each set of flags, so processes share it that share those.
 */
export function leanEnvironment(cacheDir: string): { readonly [name: string]: string } {
  return { NODE_COMPILE_CACHE: cacheDir, MALLOC_ARENA_MAX: '1' };
}

/** What to start this process again with so that it has all `flags`; undefined when it has them already. */
export function leanLaunch(
  present: Launch,
  cacheDir: string,
  flags: readonly string[] = leanFlags,
): Launch | undefined {
  const missing = flags.filter((flag) => !present.flags.includes(flag));
  if (missing.length === 0) return undefined;
  return {
    flags: [...present.flags, ...missing],
    env: { ...leanEnvironment(cacheDir), ...present.env },
  };
}

/**
 * Replaces this process by a lean one with the same id, and returns in that one, or at once where a process cannot replace
 * itself. The first lean process ever calls `load` to fill the compile cache and is replaced once more.
 */
export async function becomeLean(
  { env, cacheDir, flags, sources = '' }: LeanOptions,
  load: () => Promise<unknown>,
): Promise<void> {
  if (typeof process.execve !== 'function' || process.platform === 'win32') return;
  const present = { flags: process.execArgv, env };
  const lean = leanLaunch(present, cacheDir, flags);
  if (lean) replace(lean);
  else if (env['NODE_COMPILE_CACHE'] === cacheDir && (await fillOnce(cacheDir, sources, load))) {
    replace(present);
  }
}

/** Whether the cache was filled just now. A directory that cannot be written to only costs the memory. */
async function fillOnce(cacheDir: string, sources: string, load: () => Promise<unknown>): Promise<boolean> {
  const done = join(cacheDir, `filled-${process.version}${sources}`);
  if (existsSync(done)) return false;
  await load();
  flushCompileCache();
  try {
    writeFileSync(done, '');
    return true;
  } catch {
    return false;
  }
}

function replace({ flags, env }: Launch): void {
  const defined = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  // Node warns that execve is experimental; where it is missing the process stays as it was started.
  process.removeAllListeners('warning');
  process.execve?.(
    process.execPath,
    [process.execPath, ...flags, ...process.argv.slice(1)],
    Object.fromEntries(defined),
  );
}
