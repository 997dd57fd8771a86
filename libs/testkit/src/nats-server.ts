import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { requirePart } from './find-part.ts';
import { freePort } from './free-port.ts';
import { portAccepts, startProcess } from './process.ts';
import type { RunningProcess } from './process.ts';

/** Options of `startNats`. */
export interface StartNatsOptions {
  /** Folder for the config, the log and, unless the config names another, the store. */
  readonly dir: string;
  /** Config text; without one, a server with JetStream and no accounts. The listen address is added when it is missing. */
  readonly config?: string;
  readonly port?: number;
}

/** A throwaway nats-server. Its port and store stay the same through `kill` and `start`. */
export interface NatsServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly logFile: string;
  pid(): number;
  /** Writes a new config and makes the running server read it. */
  reload(config: string): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** SIGKILL, as a power loss would. */
  kill(): Promise<void>;
  /** SIGSTOP: connections stay open, nothing answers. */
  pause(): void;
  resume(): void;
}

/** Starts a nats-server on 127.0.0.1 and waits until it accepts connections. */
export async function startNats(options: StartNatsOptions): Promise<NatsServer> {
  const program = requirePart('nats-server');
  const port = options.port ?? (await freePort());
  const configFile = join(options.dir, 'nats.conf');
  const logFile = join(options.dir, 'nats.log');
  await writeFile(configFile, configText(options.config, port, options.dir));
  let running: RunningProcess | undefined;
  const current = (): RunningProcess => {
    if (!running) throw new Error('this nats-server was stopped');
    return running;
  };
  const server: NatsServer = {
    url: `nats://127.0.0.1:${port}`,
    port,
    logFile,
    pid: () => current().pid,
    async start() {
      running = await startProcess({
        command: program,
        args: ['-c', configFile],
        logFile,
        ready: () => portAccepts(port),
      });
    },
    async reload(config) {
      await writeFile(configFile, configText(config, port, options.dir));
      current().send('SIGHUP');
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

function configText(config: string | undefined, port: number, dir: string): string {
  if (config === undefined)
    return `listen: "127.0.0.1:${port}"\njetstream { store_dir: ${JSON.stringify(join(dir, 'store'))} }\n`;
  return /^\s*(listen|port)\s*:/m.test(config) ? config : `listen: "127.0.0.1:${port}"\n${config}`;
}
