import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { natsServerConfig } from '@meridian/ledger';
import { portAccepts, requirePart } from '@meridian/testkit';
import type { StartProcessOptions } from '@meridian/testkit';
import type { FleetKeys } from './identity.ts';
import type { Member } from './member.ts';

/** One nats-server. */
export interface NatsServer extends Member {
  readonly port: number;
  /** Port of its monitoring pages. */
  readonly monitorPort: number;
  /** Folder of its store, which is there while it runs or not. */
  readonly storeDir: string;
}

/** All of NATS: one server, or three that are a cluster. What is done to it is done to every server at once. */
export interface Nats {
  readonly servers: readonly NatsServer[];
  start(): Promise<void>;
  kill(): Promise<void>;
  pause(): void;
  resume(): void;
}

/** How many servers, where they keep what they have, and who makes processes and finds ports. */
export interface NatsServersOptions {
  readonly dir: string;
  readonly keys: FleetKeys;
  readonly count: number;
  /** Gives a folder a disk of its own, where that can be. */
  readonly disk: (folder: string) => void;
  readonly port: () => number;
  readonly made: (name: string, spec: Omit<StartProcessOptions, 'logFile'>) => Member;
}

/** Writes the configs and makes the servers, which do not run yet. */
export function natsServers({ dir, keys, count, disk, port, made }: NatsServersOptions): Nats {
  const command = requirePart('nats-server');
  const serverVersion = /v?(\d+\.\d+\.\d+)/.exec(
    execFileSync(command, ['--version'], { encoding: 'utf8' }),
  )?.[1];
  const places = Array.from({ length: count }, (_, at) => ({
    ...{ name: `nats-${at + 1}`, port: port(), monitorPort: port(), routePort: port() },
  }));
  const servers = places.map(({ name, routePort, ...ports }) => {
    const storeDir = join(dir, `${name}-store`);
    mkdirSync(storeDir, { recursive: true });
    disk(storeDir);
    const config = natsServerConfig({
      ...{
        hubPublicKey: keys.hubPublicKey,
        clusters: keys.clusterKeys,
        serverName: name,
        storeDir,
        ...ports,
      },
      ...(serverVersion === undefined ? {} : { serverVersion }),
    });
    const configFile = join(dir, `${name}.conf`);
    const routes = count === 1 ? '' : clusterSection(routePort, places);
    writeFileSync(configFile, `${config}${routes}`, { mode: 0o600 });
    const member = made(name, { command, args: ['-c', configFile], ready: () => portAccepts(ports.port) });
    return { ...member, ...ports, storeDir };
  });
  return {
    servers,
    start: async () => void (await Promise.all(servers.map((server) => server.start(true)))),
    kill: async () => void (await Promise.all(servers.map((server) => server.kill()))),
    pause: () => servers.forEach((server) => server.pause()),
    resume: () => servers.forEach((server) => server.resume()),
  };
}

/** Clients are not told of the other servers: they would go there past their proxies. */
function clusterSection(routePort: number, places: readonly { readonly routePort: number }[]): string {
  const routes = places.map((place) => `nats-route://127.0.0.1:${place.routePort}`).join(', ');
  return `cluster { name: chaos, listen: "127.0.0.1:${routePort}", no_advertise: true, routes: [${routes}] }\n`;
}
