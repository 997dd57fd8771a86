import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startProcess } from '@meridian/testkit';
import type { RunningProcess } from '@meridian/testkit';

/** Where a process kills itself: at which write to the API server, counted from 0, before it is sent or once it is answered. */
export interface DeathAtCall {
  readonly at: number;
  readonly when: 'unsent' | 'answered';
}

/** Agent processes on one disk, one after another. */
export interface AgentProcesses {
  /** Starts the next one; returns when it answers, or at once when it is to die by itself. */
  start(death?: DeathAtCall): Promise<RunningProcess>;
  /** What the disk has kept is lost. */
  loseDisk(): Promise<void>;
}

/** Agent processes with this environment; the disk is in `dir`. */
export function agentProcesses(
  dir: string,
  environment: { readonly [name: string]: string },
  metricsPort: number,
): AgentProcesses {
  const dataDir = join(dir, 'data');
  const address = `127.0.0.1:${metricsPort}`;
  const isReady = async () => (await fetch(`http://${address}/readyz`).catch(() => undefined))?.ok ?? false;
  return {
    start: (death) =>
      startProcess({
        command: process.execPath,
        args: [join(import.meta.dirname, '../main.ts')],
        env: {
          ...environment,
          MERIDIAN_DATA_DIR: dataDir,
          MERIDIAN_METRICS_ADDRESS: address,
          MERIDIAN_LOG_LEVEL: 'info',
          ...(death ? deathOf(death) : {}),
        },
        logFile: join(dir, 'agent.log'),
        ...(death ? {} : { ready: isReady }),
        readyTimeoutMs: 60_000,
      }),
    loseDisk: () => rm(join(dataDir, 'applications'), { recursive: true, force: true }),
  };
}

function deathOf({ at, when }: DeathAtCall): { readonly [name: string]: string } {
  const url = new URL('die-at-call.ts', import.meta.url);
  url.searchParams.set('at', String(at));
  url.searchParams.set('when', when);
  return { NODE_OPTIONS: `--import=${url.href}` };
}
