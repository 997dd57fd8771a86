import { join } from 'node:path';
import { requirePart } from './find-part.ts';
import { freePort } from './free-port.ts';
import { startProcess } from './process.ts';
import type { RunningProcess } from './process.ts';

/** Options of `startRedis`. */
export interface StartRedisOptions {
  /** Folder for the log and the dump. */
  readonly dir: string;
  readonly port?: number;
}

/** A throwaway redis-server without persistence: it starts empty. */
export interface RedisServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  pid(): number;
  start(): Promise<void>;
  stop(): Promise<void>;
  kill(): Promise<void>;
  /** SIGSTOP: connections stay open, nothing answers. */
  pause(): void;
  resume(): void;
}

/** Starts a redis-server on 127.0.0.1 and waits until it accepts connections. */
export async function startRedis(options: StartRedisOptions): Promise<RedisServer> {
  const program = requirePart('redis-server');
  const port = options.port ?? (await freePort());
  let running: RunningProcess | undefined;
  const current = (): RunningProcess => {
    if (!running) throw new Error('this redis-server was stopped');
    return running;
  };
  const server: RedisServer = {
    url: `redis://127.0.0.1:${port}`,
    port,
    pid: () => current().pid,
    async start() {
      running = await startProcess({
        command: program,
        args: [
          '--port',
          `${port}`,
          '--bind',
          '127.0.0.1',
          '--save',
          '',
          '--appendonly',
          'no',
          '--dir',
          options.dir,
        ],
        logFile: join(options.dir, 'redis.log'),
        ready: { port },
      });
    },
    async stop() {
      await running?.stop();
      running = undefined;
    },
    async kill() {
      await running?.kill();
      running = undefined;
    },
    pause: () => current().send('SIGSTOP'),
    resume: () => current().send('SIGCONT'),
    [Symbol.asyncDispose]: () => server.stop(),
  };
  await server.start();
  return server;
}
