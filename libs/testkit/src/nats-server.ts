import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { requirePart } from './find-part.ts';
import { freePort } from './free-port.ts';
import { portAccepts, startProcess } from './process.ts';
import { startServer } from './server.ts';
import type { Server } from './server.ts';

/** Options of `startNats`. */
export interface StartNatsOptions {
  /** Folder for the config, the log and, unless the config names another, the store. */
  readonly dir: string;
  /** Config text; without one, a server with JetStream and no accounts. The listen address is added when it is missing. */
  readonly config?: string;
  readonly port?: number;
}

/** A throwaway nats-server. Its port and store stay the same through `kill` and `start`. */
export interface NatsServer extends Server {
  readonly url: string;
  readonly port: number;
  readonly logFile: string;
  /** Writes a new config and makes the running server read it. */
  reload(config: string): Promise<void>;
}

/** Starts a nats-server on 127.0.0.1 and waits until it accepts connections. */
export async function startNats(options: StartNatsOptions): Promise<NatsServer> {
  const command = requirePart('nats-server');
  const port = options.port ?? (await freePort());
  const configFile = join(options.dir, 'nats.conf');
  const logFile = join(options.dir, 'nats.log');
  const configure = (config: string | undefined) =>
    writeFile(configFile, configText(config, port, options.dir));
  await configure(options.config);
  const ready = () => portAccepts(port);
  const server = await startServer('nats-server', () =>
    startProcess({ command, args: ['-c', configFile], logFile, ready }),
  );
  return {
    ...server,
    url: `nats://127.0.0.1:${port}`,
    port,
    logFile,
    async reload(config) {
      await configure(config);
      server.send('SIGHUP');
    },
  };
}

function configText(config: string | undefined, port: number, dir: string): string {
  if (config === undefined)
    return `listen: "127.0.0.1:${port}"\njetstream { store_dir: ${JSON.stringify(join(dir, 'store'))} }\n`;
  return /^\s*(listen|port)\s*:/m.test(config) ? config : `listen: "127.0.0.1:${port}"\n${config}`;
}
