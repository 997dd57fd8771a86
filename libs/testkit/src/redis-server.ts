import { join } from 'node:path';
import { requirePart } from './find-part.ts';
import { freePort } from './free-port.ts';
import { startProcess } from './process.ts';
import { startServer } from './server.ts';
import type { Server } from './server.ts';

/** Options of `startRedis`. */
export interface StartRedisOptions {
  /** Folder for the log and the dump. */
  readonly dir: string;
  readonly port?: number;
}

/** A throwaway redis-server without persistence: it starts empty. */
export interface RedisServer extends Server {
  readonly url: string;
  readonly port: number;
}

/** Arguments of a redis-server on 127.0.0.1 that keeps nothing; `dir` is its working folder. */
export function redisArguments(port: number, dir: string): readonly string[] {
  return ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', dir];
}

/** Starts a redis-server on 127.0.0.1 and waits until it accepts connections. */
export async function startRedis(options: StartRedisOptions): Promise<RedisServer> {
  const command = requirePart('redis-server');
  const port = options.port ?? (await freePort());
  const args = redisArguments(port, options.dir);
  const logFile = join(options.dir, 'redis.log');
  const server = await startServer('redis-server', () =>
    startProcess({ command, args, logFile, ready: { port } }),
  );
  return { ...server, url: `redis://127.0.0.1:${port}`, port };
}
