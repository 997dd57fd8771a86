import { startProcess, tieToParent } from '@meridian/testkit';
import type { RunningProcess, StartProcessOptions } from '@meridian/testkit';
import { systemClock } from '@meridian/runtime';

/** One process of the run, which faults kill, stop and start again. */
export interface Member extends AsyncDisposable {
  readonly name: string;
  /** Starts it; with `isAwaited`, returns when it serves. */
  start(isAwaited?: boolean): Promise<void>;
  /** SIGKILL; returns when it is gone. */
  kill(): Promise<void>;
  /** SIGSTOP: connections stay open, nothing answers. */
  pause(): void;
  resume(): void;
  isRunning(): boolean;
}

const startAgainAfterMs = 500;

/** A process that is started again when it ends by itself, which `onEnded` is told. */
export function member(name: string, options: StartProcessOptions, onEnded: (how: string) => void): Member {
  let running: RunningProcess | undefined;
  let isWanted = false;
  const spawn = async (isAwaited: boolean) => {
    const { ready, ...rest } = options;
    const tied = { ...rest, ...tieToParent(options.command, options.args ?? []) };
    const started = await startProcess({ ...tied, ...(isAwaited && ready ? { ready } : {}) });
    running = started;
    void started.ended.then(async (how) => {
      if (!isWanted || running !== started) return;
      onEnded(how);
      await systemClock.wait(startAgainAfterMs, new AbortController().signal);
      if (isWanted && running === started) await spawn(false);
    });
  };
  return {
    name,
    start(isAwaited = false) {
      isWanted = true;
      return spawn(isAwaited);
    },
    async kill() {
      isWanted = false;
      await running?.kill();
    },
    pause: () => running?.send('SIGSTOP'),
    resume: () => running?.send('SIGCONT'),
    isRunning: () => running?.isRunning() ?? false,
    async [Symbol.asyncDispose]() {
      isWanted = false;
      running?.send('SIGCONT');
      await running?.stop();
    },
  };
}
