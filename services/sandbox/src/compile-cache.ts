import { spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { leanEnvironment, leanFlags } from '@meridian/runtime/lean';
import { childEnvironment } from './environment.ts';
import { repositoryRoot } from './options.ts';

/** Compiled code that the Node processes of every fleet of this checkout share: each source is stripped of its types once. */
export const cacheDir = join(repositoryRoot, 'node_modules', '.cache', 'meridian');

/** What a Node process of the fleet is started with so that it is lean. */
export const lean = { flags: leanFlags, env: leanEnvironment(cacheDir) } as const;

/** Programs of a fleet; those of one row share sources. */
const programs = [
  ['services/hub/src/main.ts', 'services/agent/src/main.ts'],
  ['libs/kubesim/bin/serve.ts'],
] as const;

/** Short text that changes when a source below `root` changes: how many there are, and when the newest was written. */
export function sourcesMark(root = repositoryRoot): string {
  let count = 0;
  let newestMs = 0;
  for (const top of ['libs', 'services'].map((name) => join(root, name))) {
    for (const name of readdirSync(top, { recursive: true, encoding: 'utf8' })) {
      if (!name.endsWith('.ts') || name.includes('node_modules')) continue;
      count += 1;
      newestMs = Math.max(newestMs, statSync(join(top, name)).mtimeMs);
    }
  }
  return `-${count}-${Math.round(newestMs).toString(36)}`;
}

/**
 * Compiles what the fleet's processes run, once for all of them: each by itself would take more memory for its whole life,
 * and all of them together most of the time of a first start. A failure only costs that.
 */
export async function fillCompileCache(signal: AbortSignal): Promise<void> {
  const done = join(cacheDir, `fleet-${process.version}${sourcesMark()}`);
  if (existsSync(done)) return;
  const within = AbortSignal.any([signal, AbortSignal.timeout(60_000)]);
  try {
    await Promise.all(
      programs.map(async (row) => {
        for (const program of row) await runUnconfigured(program, within);
      }),
    );
    writeFileSync(done, '');
  } catch {
    signal.throwIfAborted();
  }
}

/** A program without its configuration loads all it consists of, says what it misses, and ends; then Node writes the cache. */
async function runUnconfigured(program: string, signal: AbortSignal): Promise<void> {
  const child = spawn(process.execPath, [...lean.flags, join(repositoryRoot, program)], {
    stdio: 'ignore',
    env: { ...childEnvironment(process.env), ...lean.env },
    signal,
  });
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => resolve());
  });
}
