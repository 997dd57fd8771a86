import { closeSync, existsSync, openSync, readSync, statSync, truncateSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isApiServerReady } from './api-server-client.ts';
import { openIdentity } from './control-plane-identity.ts';
import type { ControlPlaneIdentity } from './control-plane-identity.ts';
import {
  apiServerArguments,
  controllerManagerArguments,
  etcdArguments,
  kwokArguments,
  schedulerArguments,
} from './control-plane-programs.ts';
import type { EtcdAddress } from './control-plane-programs.ts';
import { requirePart } from './find-part.ts';
import { freePorts } from './free-port.ts';
import type { PartName } from './part-catalog.ts';
import { portAccepts, startProcess } from './process.ts';
import type { RunningProcess } from './process.ts';
import { createNodes, waitForNodes } from './simulated-nodes.ts';
import type { SimulatedNode } from './simulated-nodes.ts';
import { tieToParent } from './tie-to-parent.ts';

/** What a control plane should be. */
export interface ControlPlaneOptions {
  /** A DNS label: the name of the cluster in the kubeconfig. */
  readonly name: string;
  /** Keeps keys, ports, logs and data; a second start in the same folder resumes the same cluster. */
  readonly dir: string;
  /** Port of the API server; kept from the first start on when not given. */
  readonly port?: number;
  /** Nodes to simulate; none when `minimal`. */
  readonly nodes?: readonly SimulatedNode[];
  /** Only etcd and the API server: no controllers, no scheduler, no nodes. */
  readonly minimal?: boolean;
  /** False when a crash of the machine may lose the data: faster, for tests. True unless told. */
  readonly durable?: boolean;
  /** An etcd to share with other control planes, from `startEtcd`; its own unless told. */
  readonly etcd?: { readonly url: string };
  /** Gets a line for each step and for each program that ends by itself. */
  readonly log?: (line: string) => void;
  readonly signal?: AbortSignal;
}

/** The programs of a control plane. */
export type ControlPlaneProgram =
  'etcd' | 'kube-apiserver' | 'kube-controller-manager' | 'kube-scheduler' | 'kwok';

/** A running Kubernetes control plane of real programs, with simulated nodes. */
export interface ControlPlane extends AsyncDisposable {
  readonly name: string;
  /** Path of a kubeconfig with an admin token. */
  readonly kubeconfig: string;
  readonly url: string;
  readonly token: string;
  readonly caPem: string;
  /** What runs now. */
  readonly processes: readonly { readonly name: ControlPlaneProgram; readonly pid: number }[];
  /** Sends a signal to one program, for example SIGSTOP to freeze the API server. */
  send(program: ControlPlaneProgram, signal: NodeJS.Signals): void;
  /** Kills one program with SIGKILL and leaves it dead. */
  crash(program: ControlPlaneProgram): Promise<void>;
  /** Starts a program again after `crash`, and returns when it serves. */
  restart(program: ControlPlaneProgram): Promise<void>;
  /** Stops all programs, those that write first; each is killed after a few seconds. */
  stop(): Promise<void>;
  /** Kills all programs at once. */
  kill(): Promise<void>;
}

/** Every program that a full control plane needs, for `ensureParts`. */
export const controlPlaneParts: readonly ControlPlaneProgram[] = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kwok',
];

/** An etcd that several control planes may share. */
export interface Etcd extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
  kill(): Promise<void>;
}

/** Starts an etcd with its data in `dir`. */
export async function startEtcd(options: {
  readonly dir: string;
  readonly durable?: boolean;
  readonly signal?: AbortSignal;
}): Promise<Etcd> {
  await mkdir(join(options.dir, 'logs'), { recursive: true });
  const { url, start } = await etcdProgram(options.dir, options.durable ?? true);
  const running = await start(options.signal);
  return {
    url,
    pid: running.pid,
    stop: () => running.stop(),
    kill: () => running.kill(),
    [Symbol.asyncDispose]: () => running.stop(),
  };
}

/**
 * Starts a control plane and returns when its API server is ready and its nodes take pods.
 * Throws with the last line of the program's log when one ends early; whatever was started is stopped then.
 */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const log = options.log ?? (() => undefined);
  await mkdir(join(options.dir, 'logs'), { recursive: true });
  const identity = await openIdentity(options.name, options.dir, options.port);
  await refuseTakenPort(identity, options);
  const programs = await planPrograms(identity, options);
  const running = new Map<ControlPlaneProgram, RunningProcess>();
  const expected = new Set<RunningProcess>();
  const start = async (name: ControlPlaneProgram) => {
    const launch = programs.get(name);
    if (!launch) throw new Error(`control plane ${options.name} does not run ${name}`);
    const child = await launch(options.signal);
    running.set(name, child);
    void child.ended.then((reason) => {
      if (expected.has(child)) return;
      running.delete(name);
      log(`${options.name}: ${reason.replace('setpriv', name)}: ${lastLogLine(child.logFile)}`);
    });
  };
  const end = async (name: ControlPlaneProgram, how: 'stop' | 'kill') => {
    const child = running.get(name);
    if (!child) return;
    expected.add(child);
    await child[how]();
    running.delete(name);
  };
  const stop = async () => {
    await Promise.all(
      (['kwok', 'kube-scheduler', 'kube-controller-manager'] as const).map((name) => end(name, 'stop')),
    );
    await end('kube-apiserver', 'stop');
    await end('etcd', 'stop');
  };
  try {
    await startInOrder(programs, start, (line) => log(`${options.name}: ${line}`));
    await bringUpNodes(identity, options);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    name: options.name,
    kubeconfig: identity.kubeconfig,
    url: identity.url,
    token: identity.token,
    caPem: identity.caPem,
    get processes() {
      return [...running].map(([name, child]) => ({ name, pid: child.pid }));
    },
    send: (name, signal) => running.get(name)?.send(signal),
    crash: (name) => end(name, 'kill'),
    async restart(name) {
      await end(name, 'stop');
      await start(name);
    },
    stop,
    async kill() {
      await Promise.all([...running.keys()].map((name) => end(name, 'kill')));
    },
    [Symbol.asyncDispose]: stop,
  };
}

type Launch = (signal: AbortSignal | undefined) => Promise<RunningProcess>;

async function startInOrder(
  programs: ReadonlyMap<ControlPlaneProgram, Launch>,
  start: (name: ControlPlaneProgram) => Promise<void>,
  log: (line: string) => void,
): Promise<void> {
  if (programs.has('etcd')) await start('etcd');
  log('starting the API server');
  await start('kube-apiserver');
  const rest = [...programs.keys()].filter((name) => name !== 'etcd' && name !== 'kube-apiserver');
  if (rest.length > 0) log('starting controllers, scheduler and simulated nodes');
  await Promise.all(rest.map(start));
}

async function bringUpNodes(identity: ControlPlaneIdentity, options: ControlPlaneOptions): Promise<void> {
  if (options.minimal || !options.nodes) return;
  await createNodes(identity, options.nodes);
  const limit = AbortSignal.timeout(30_000);
  await waitForNodes(
    identity,
    options.nodes,
    options.signal ? AbortSignal.any([options.signal, limit]) : limit,
  );
}

async function planPrograms(
  identity: ControlPlaneIdentity,
  options: ControlPlaneOptions,
): Promise<Map<ControlPlaneProgram, Launch>> {
  const { dir } = options;
  const programs = new Map<ControlPlaneProgram, Launch>();
  let etcd: EtcdAddress;
  if (options.etcd) {
    etcd = { url: options.etcd.url, prefix: `/registry-${options.name}` };
  } else {
    const own = await etcdProgram(dir, options.durable ?? true);
    programs.set('etcd', own.start);
    etcd = { url: own.url, prefix: '/registry' };
  }
  const apiServer = {
    args: apiServerArguments(identity, etcd, dir),
    ready: () => isApiServerReady(identity),
    readyTimeoutMs: 90_000,
    stopTimeoutMs: 4_000,
  };
  programs.set('kube-apiserver', (signal) => launch('kube-apiserver', dir, { ...apiServer, signal }));
  if (options.minimal) return programs;
  programs.set('kube-controller-manager', (signal) =>
    launch('kube-controller-manager', dir, { args: controllerManagerArguments(identity), signal }),
  );
  programs.set('kube-scheduler', (signal) =>
    launch('kube-scheduler', dir, { args: schedulerArguments(identity), signal }),
  );
  programs.set('kwok', (signal) => launch('kwok', dir, { args: kwokArguments(identity), signal }));
  return programs;
}

async function etcdProgram(dir: string, durable: boolean): Promise<{ url: string; start: Launch }> {
  const [clientPort = 0, peerPort = 0] = await freePorts(2);
  const args = etcdArguments({ dataDir: join(dir, 'etcd'), clientPort, peerPort, durable });
  return {
    url: `http://127.0.0.1:${clientPort}`,
    start: (signal) =>
      launch('etcd', dir, { args, ready: { port: clientPort }, readyTimeoutMs: 60_000, signal }),
  };
}

interface LaunchOptions {
  readonly args: readonly string[];
  readonly ready?: { readonly port: number } | (() => Promise<boolean>);
  readonly readyTimeoutMs?: number;
  readonly stopTimeoutMs?: number;
  readonly signal: AbortSignal | undefined;
}

async function launch(name: PartName, dir: string, options: LaunchOptions): Promise<RunningProcess> {
  const { signal, ...rest } = options;
  const logFile = join(dir, 'logs', `${name}.log`);
  dropLongLog(logFile);
  try {
    return await startProcess({
      ...rest,
      ...tieToParent(requirePart(name), options.args),
      logFile,
      stopTimeoutMs: options.stopTimeoutMs ?? 3_000,
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw new Error(`${name} did not start: ${lastLogLine(logFile)} (log: ${logFile})`, { cause: error });
  }
}

async function refuseTakenPort(identity: ControlPlaneIdentity, options: ControlPlaneOptions): Promise<void> {
  if (!(await portAccepts(identity.port))) return;
  throw new Error(
    `port ${identity.port} of control plane ${options.name} is taken by another process: stop it, ` +
      `or remove ${join(options.dir, 'identity', 'identity.json')} to choose a new port`,
  );
}

const longestLogBytes = 16 * 1024 * 1024;

function dropLongLog(path: string): void {
  if (existsSync(path) && statSync(path).size > longestLogBytes) truncateSync(path);
}

/** The last line that says something, from the last 8 KB of a log. */
function lastLogLine(path: string): string {
  if (!existsSync(path)) return 'it wrote no log';
  const { size } = statSync(path);
  const file = openSync(path, 'r');
  try {
    const tail = Buffer.alloc(Math.min(size, 8_192));
    readSync(file, tail, 0, tail.length, size - tail.length);
    const lines = tail
      .toString('utf8')
      .split('\n')
      .filter((line) => line.trim() !== '');
    return lines.at(-1)?.slice(0, 600) ?? 'it wrote no log';
  } finally {
    closeSync(file);
  }
}
