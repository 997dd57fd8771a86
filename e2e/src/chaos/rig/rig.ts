import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { leanEnvironment, leanFlags } from '@meridian/runtime/lean';
import {
  createNodes,
  findOnPath,
  gpuNodes,
  isApiServerReady,
  openIdentity,
  redisArguments,
  repoRoot,
  requirePart,
  startTcpProxy,
  waitForNodes,
} from '@meridian/testkit';
import type { ControlPlaneIdentity, StartProcessOptions, TcpProxy } from '@meridian/testkit';
import { makeKeys } from './identity.ts';
import type { FleetKeys } from './identity.ts';
import { member } from './member.ts';
import { metricSource, startMetricSource } from './metric-source.ts';
import type { MetricSource } from './metric-source.ts';
import { natsServers } from './nats-servers.ts';
import type { Nats } from './nats-servers.ts';
import { smallDisk } from './small-disk.ts';
import { quietPorts } from './ports.ts';
import type { Member } from './member.ts';

/** A hub, and the ways by which it reaches others. */
export interface RigHub extends Member {
  readonly api: string;
  readonly readyUrl: string;
  /** One for each server of NATS. */
  readonly toNats: readonly TcpProxy[];
  readonly toRedis: TcpProxy;
  /** The file that sets its clock. */
  readonly clockFile: string;
  readonly dataDir: string;
}

/** An agent, and the ways by which it reaches others. */
export interface RigAgent extends Member {
  readonly cluster: string;
  readonly toNats: readonly TcpProxy[];
  readonly toHubs: readonly TcpProxy[];
  readonly clockFile: string;
  readonly dataDir: string;
}

/** A whole fleet of real processes, every connection of which leads through a proxy. */
export interface Rig extends AsyncDisposable {
  readonly dir: string;
  readonly keys: FleetKeys;
  readonly repo: string;
  readonly nats: Nats;
  /** Whether each server of NATS has a disk of its own, which can be filled. */
  readonly hasSmallDisks: boolean;
  readonly redis: Member;
  readonly redisPort: number;
  readonly hubs: readonly RigHub[];
  readonly agents: readonly RigAgent[];
  readonly clusters: ReadonlyMap<string, ControlPlaneIdentity>;
  /** While this file is there, git is slow for the hubs. */
  readonly slowGitFile: string;
  readonly metrics: MetricSource;
  readonly logs: string;
}

/** How large a fleet is, and who is told when a process ends by itself. */
export interface RigOptions {
  readonly dir: string;
  readonly hubs: readonly string[];
  readonly clusters: readonly string[];
  /** Servers of NATS: 1 or 3. */
  readonly natsServers: number;
  readonly onEnded: (name: string, how: string) => void;
  readonly signal: AbortSignal;
}

/** The streams reserve 64 MB, and NATS takes no more than three quarters of what is free. */
const natsDiskMegabytes = 128;

/** Starts NATS, Redis, the simulated clusters, the hubs and the agents. The repository has to be there. */
export async function startRig(options: RigOptions): Promise<Rig> {
  await using stack = new AsyncDisposableStack();
  const { dir, clusters, onEnded, signal } = options;
  const logs = join(dir, 'logs');
  mkdirSync(logs, { recursive: true });
  const keys = makeKeys(join(dir, 'keys'), options.hubs, clusters);
  const ports = await quietPorts(1 + 3 * options.natsServers + 3 * options.hubs.length + 2 * clusters.length);
  const port = () => ports.pop() ?? 0;
  const proxyTo = async (target: number) => stack.use(await startTcpProxy({ port: target }));
  const made = (name: string, spec: Omit<StartProcessOptions, 'logFile'>) => {
    const logFile = join(logs, `${name}.log`);
    return stack.use(
      member(name, { readyTimeoutMs: 120_000, ...spec, logFile, signal }, (how) => onEnded(name, how)),
    );
  };
  const redisPort = port();
  const disks: Disposable[] = [];
  const disk = (folder: string) => {
    const own = smallDisk(folder, natsDiskMegabytes);
    if (own) disks.push(stack.use(own));
  };
  const nats = natsServers({ dir, keys, count: options.natsServers, disk, port, made });
  const proxiesToNats = () => Promise.all(nats.servers.map((server) => proxyTo(server.port)));
  const redis = made('redis', {
    command: requirePart('redis-server'),
    args: redisArguments(redisPort, dir),
    ready: { port: redisPort },
  });
  const simulated = await clusterIdentities(dir, clusters, port);
  const kubesim = made('kubesim', kubesimSpec(dir, simulated));
  const slowGitFile = join(dir, 'slow-git');
  const path = slowableGit(dir, slowGitFile);
  const metrics = stack.use(await startMetricSource());
  const common = (name: string, dataDir: string, clockFile: string) => ({
    ...leanEnvironment(join(repoRoot, 'node_modules/.cache/meridian')),
    MERIDIAN_CHAOS_CLOCK: clockFile,
    MERIDIAN_DATA_DIR: dataDir,
    MERIDIAN_LINK_CA_FILE: keys.at('authority.crt'),
    MERIDIAN_LINK_CERT_FILE: keys.at(`${name}.crt`),
    MERIDIAN_LINK_KEY_FILE: keys.at(`${name}.key`),
  });
  const linkPorts: number[] = [];
  const hubs: RigHub[] = [];
  const agents: RigAgent[] = [];
  const repo = join(dir, 'fleet.git');
  for (const name of options.hubs) {
    const [api, link, metricsPort] = [port(), port(), port()];
    linkPorts.push(link);
    const dataDir = folder(dir, name);
    const clockFile = join(dir, `${name}.clock`);
    const toNats = await proxiesToNats();
    const toRedis = await proxyTo(redisPort);
    const readyUrl = `http://127.0.0.1:${metricsPort}/readyz`;
    const env = {
      ...common(name, dataDir, clockFile),
      PATH: path,
      MERIDIAN_HUB_ID: name,
      MERIDIAN_REPO_URL: repo,
      MERIDIAN_REPO_POLL_MS: '500',
      MERIDIAN_NATS_URL: urlsOf(toNats),
      MERIDIAN_NATS_SEED_FILE: keys.at('hub.nats'),
      MERIDIAN_REDIS_URL: `redis://127.0.0.1:${toRedis.port}`,
      MERIDIAN_SIGNING_KEY_FILE: keys.at('signing-key.pem'),
      MERIDIAN_API_ADDRESS: `127.0.0.1:${api}`,
      MERIDIAN_API_TOKENS_FILE: keys.at('api-tokens'),
      MERIDIAN_LINK_ADDRESS: `127.0.0.1:${link}`,
      MERIDIAN_METRICS_ADDRESS: `127.0.0.1:${metricsPort}`,
    };
    const process = made(name, { ...service('hub'), env, ready: () => answersWell(readyUrl) });
    hubs.push({ ...process, api: `http://127.0.0.1:${api}`, readyUrl, toNats, toRedis, clockFile, dataDir });
  }
  for (const { cluster, identity } of simulated) {
    const name = `agent-${cluster}`;
    const metricsPort = port();
    const dataDir = folder(dir, name);
    const clockFile = join(dir, `${name}.clock`);
    const toNats = await proxiesToNats();
    const toHubs = await Promise.all(linkPorts.map(proxyTo));
    const env = {
      ...common(name, dataDir, clockFile),
      MERIDIAN_CLUSTER: cluster,
      MERIDIAN_NATS_URL: urlsOf(toNats),
      MERIDIAN_NATS_SEED_FILE: keys.at(`${name}.nats`),
      MERIDIAN_LINK_URLS: toHubs.map((proxy) => `127.0.0.1:${proxy.port}`).join(','),
      MERIDIAN_TRUSTED_KEYS_FILE: keys.at('trusted-keys.pem'),
      MERIDIAN_KUBECONFIG: identity.kubeconfig,
      MERIDIAN_METRICS_ADDRESS: `127.0.0.1:${metricsPort}`,
      MERIDIAN_METRICS_SOURCES: JSON.stringify([{ name: metricSource, url: `${metrics.url}/${cluster}` }]),
    };
    const ready = () => answersWell(`http://127.0.0.1:${metricsPort}/readyz`);
    const process = made(name, { ...service('agent'), env, ready });
    agents.push({ ...process, cluster, toNats, toHubs, clockFile, dataDir });
  }
  await Promise.all([nats.start(), redis.start(true), kubesim.start(true)]);
  for (const { cluster, identity } of simulated) {
    const nodes = gpuNodes(cluster, 1);
    await createNodes(identity, nodes);
    await waitForNodes(identity, nodes, AbortSignal.any([signal, AbortSignal.timeout(60_000)]));
  }
  await Promise.all(hubs.map((hub) => hub.start(true)));
  for (let at = 0; at < agents.length; at += 4)
    await Promise.all(agents.slice(at, at + 4).map((agent) => agent.start(true)));
  const owned = stack.move();
  return {
    ...{ dir, keys, repo, nats, hasSmallDisks: disks.length === options.natsServers, redis, redisPort },
    ...{ hubs, agents, slowGitFile, metrics, logs },
    clusters: new Map(simulated.map(({ cluster, identity }) => [cluster, identity])),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Where NATS is, as hubs and agents are told. */
export function urlsOf(servers: readonly { readonly port: number }[]): string {
  return servers.map(({ port }) => `nats://127.0.0.1:${port}`).join(',');
}

interface Simulated {
  readonly cluster: string;
  readonly dir: string;
  readonly identity: ControlPlaneIdentity;
}

function clusterIdentities(
  dir: string,
  clusters: readonly string[],
  port: () => number,
): Promise<Simulated[]> {
  return Promise.all(
    clusters.map(async (cluster) => {
      const own = join(dir, 'clusters', cluster);
      mkdirSync(own, { recursive: true, mode: 0o700 });
      return { cluster, dir: own, identity: await openIdentity(cluster, own, port()) };
    }),
  );
}

/** All clusters live in one process. */
function kubesimSpec(dir: string, simulated: readonly Simulated[]): Omit<StartProcessOptions, 'logFile'> {
  const config = join(dir, 'kubesim.json');
  const clusters = simulated.map(({ cluster, dir: own, identity }) => ({
    ...{ name: cluster, dir: own, port: identity.port },
  }));
  writeFileSync(config, JSON.stringify({ clusters }));
  const args = [...leanFlags, join(repoRoot, 'libs/kubesim/bin/serve.ts'), config];
  const ready = async () =>
    (await Promise.all(simulated.map(({ identity }) => isApiServerReady(identity)))).every(Boolean);
  return { command: process.execPath, args, ready };
}

/** A folder with a `git` that waits two seconds for as long as a file is there, first on PATH. */
function slowableGit(dir: string, slowFile: string): string {
  const bin = join(dir, 'bin');
  mkdirSync(bin, { recursive: true });
  const program = findOnPath('git') ?? '/usr/bin/git';
  writeFileSync(join(bin, 'git'), `#!/bin/sh\n[ -e '${slowFile}' ] && sleep 2\nexec '${program}' "$@"\n`);
  chmodSync(join(bin, 'git'), 0o755);
  return `${bin}:${process.env['PATH'] ?? '/usr/bin:/bin'}`;
}

function service(kind: 'hub' | 'agent'): Pick<StartProcessOptions, 'command' | 'args'> {
  const shift = new URL('clock-shift.ts', import.meta.url).href;
  const main = join(repoRoot, 'services', kind, 'src/main.ts');
  return {
    command: process.execPath,
    args: [...leanFlags, '--disable-proto=delete', `--import=${shift}`, main],
  };
}

function folder(dir: string, name: string): string {
  const path = join(dir, 'data', name);
  mkdirSync(path, { recursive: true });
  return path;
}

async function answersWell(url: string): Promise<boolean> {
  return (await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined))?.ok ?? false;
}
