import type { RunningProcess } from './process.ts';

/** A throwaway server that a test stops, kills, pauses and starts again; its port stays the same. */
export interface Server extends AsyncDisposable {
  pid(): number;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** SIGKILL, as a power loss would. */
  kill(): Promise<void>;
  /** SIGSTOP: connections stay open, nothing answers. */
  pause(): void;
  resume(): void;
}

/** Starts a server by `spawn`, which is asked again at each start. `send` throws when the server was stopped. */
export async function startServer(
  name: string,
  spawn: () => Promise<RunningProcess>,
): Promise<Server & Pick<RunningProcess, 'send'>> {
  let running: RunningProcess | undefined;
  const current = (): RunningProcess => {
    if (!running) throw new Error(`this ${name} was stopped`);
    return running;
  };
  const end = async (how: 'stop' | 'kill') => {
    await running?.[how]();
    running = undefined;
  };
  const start = async () => {
    running = await spawn();
  };
  await start();
  return {
    pid: () => current().pid,
    start,
    stop: () => end('stop'),
    kill: () => end('kill'),
    pause: () => current().send('SIGSTOP'),
    resume: () => current().send('SIGCONT'),
    send: (signal) => current().send(signal),
    [Symbol.asyncDispose]: () => end('stop'),
  };
}
