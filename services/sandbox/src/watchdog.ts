import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { DataDirectory } from './data-directory.ts';
import { childEnvironment } from './environment.ts';
import { repositoryRoot } from './options.ts';

/** A shell that outlives us: when we are gone without a word, it ends what we left running. */
export interface Watchdog {
  /** Everything is stopped; it may go. */
  dismiss(): Promise<void>;
}

/**
 * Starts it. It waits at the other end of a pipe: a line means all is well, the end of the pipe that this process was
 * killed; then it becomes `sweep`, which stops every process that `sandbox.json` names.
 */
export function startWatchdog(data: DataDirectory): Watchdog {
  const log = openSync(join(data.logs, 'watchdog.log'), 'a');
  const main = join(repositoryRoot, 'services', 'sandbox', 'src', 'main.ts');
  const sweep = [process.execPath, main, 'sweep', '--data', data.path, '--supervisor', String(process.pid)];
  const child = spawn('sh', ['-c', 'read -r word && exit 0; exec "$@"', 'watchdog', ...sweep], {
    detached: true,
    stdio: ['pipe', log, log],
    env: childEnvironment(process.env),
  });
  closeSync(log);
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  child.unref();
  return {
    async dismiss() {
      child.stdin?.on('error', () => undefined);
      child.stdin?.end('done\n');
      child.ref();
      await gone;
    },
  };
}
