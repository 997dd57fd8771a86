import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Assignment } from '@meridian/fleet';
import { openMirror } from '@meridian/git';
import { openLease } from '@meridian/lease';
import {
  auditLedger,
  connectNats,
  createNkey,
  natsServerConfig,
  openDesiredState,
  openLedger,
} from '@meridian/ledger';
import type { DesiredState, Ledger, LedgerConnection, LedgerMessage } from '@meridian/ledger';
import { errorText, systemClock } from '@meridian/runtime';
import { createTelemetry } from '@meridian/telemetry';
import type { Telemetry } from '@meridian/telemetry';
import { noCharts } from '@meridian/rendering';
import { freePort, startNats, startRedis, tempDir } from '@meridian/testkit';
import type { NatsServer, RedisServer } from '@meridian/testkit';
import { statusFeed } from '../status-feed.ts';
import { createControl } from '../control.ts';
import type { Control } from '../control.ts';
import type { WebhookRules } from '../leading/gate-question.ts';
import { simulateAgents } from './simulated-agents.ts';
import type { Behaviour } from './simulated-agents.ts';

/** One hub replica's control loop, with connections of its own. */
export interface Replica {
  readonly id: string;
  readonly control: Control;
  readonly telemetry: Telemetry;
  readonly ledger: Ledger;
  /** Why the replica would have ended as a process. */
  readonly failures: readonly string[];
  /** A clean stop: the lock is released. */
  stop(): Promise<void>;
  /** As SIGKILL: connections go first, nothing is released. */
  kill(): Promise<void>;
}

/** What is unusual about a replica. */
export interface ReplicaOptions {
  /** It hears no hints. */
  readonly deaf?: boolean;
  /** It hardly polls: it looks at the repo at its start, and when it is told or hinted to. */
  readonly idle?: boolean;
  /** It gives away every revision before anything of it is rendered. */
  readonly impatient?: boolean;
  /** What its gates may ask of other systems; nothing unless told. */
  readonly gates?: WebhookRules;
  /** How long its lock lasts when it does not renew it; two seconds unless told. */
  readonly lockMs?: number;
}

/** Real NATS, Redis and git with simulated agents: obedient readers of assignments that report on the status board. */
export interface ControlRig extends AsyncDisposable {
  readonly nats: NatsServer;
  readonly redis: RedisServer;
  /** A connection of the test's own. */
  readonly ledger: Ledger;
  /** What an agent of the cluster reads. */
  readonly desiredState: (cluster: string) => DesiredState;
  replica(id: string, options?: ReplicaOptions): Promise<Replica>;
  /** Commits files (undefined removes one) and gives the commit id; nobody is told. */
  readonly commit: (files: { readonly [path: string]: string | undefined }) => string;
  readonly git: (...args: string[]) => string;
  /** Commits and hints, as a webhook would. */
  readonly push: (files: { readonly [path: string]: string | undefined }) => string;
  readonly behave: (cluster: string, behaviour: Behaviour) => void;
  /** What every metric of a cluster is from now on, and that its Jobs complete; without it they are pending. */
  readonly measure: (cluster: string, value: number) => void;
  /** Every assignment that was ever written and is still there, in ledger order. */
  readonly assignments: readonly { readonly assignment: Assignment; readonly message: LedgerMessage }[];
  /** Broken invariants of the whole ledger, as the test has followed it. */
  violations(): string[];
}

/** Starts a rig. */
export async function startControlRig(): Promise<ControlRig> {
  const dir = await tempDir('control');
  const work = join(dir.path, 'work');
  mkdirSync(work);
  const hubKey = createNkey();
  const port = await freePort();
  const storeDir = join(dir.path, 'store');
  mkdirSync(storeDir);
  const config = natsServerConfig({ hubPublicKey: hubKey.publicKey, clusters: [], port, storeDir });
  const nats = await startNats({ dir: dir.path, config, port });
  const redis = await startRedis({ dir: dir.path });
  const keys = generateKeyPairSync('ed25519');
  const signingKey = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const publicKey = keys.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const stop = new AbortController();
  const connect = (name: string) =>
    connectNats({ url: nats.url, seed: hubKey.seed, name, signal: AbortSignal.timeout(10_000) });
  const git = (...args: string[]) => {
    const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com'];
    return execFileSync('git', ['-C', work, ...identity, ...args], {
      encoding: 'utf8',
      stdio: 'pipe',
    }).trim();
  };
  git('init', '-q', '-b', 'main');
  const own = await connect('test');
  const ledger = await openLedger({ connection: own, shard: 'main', holder: 'test', clock: systemClock });
  const agents = simulateAgents(ledger, publicKey, stop.signal);
  const running = new Set<Replica>();

  const rig: ControlRig = {
    nats,
    redis,
    ledger,
    git,
    assignments: agents.assignments,
    behave: agents.behave,
    measure: agents.measure,
    desiredState: (cluster) => openDesiredState({ connection: own, shard: 'main', cluster }),
    violations: () =>
      auditLedger(agents.messages).map(({ invariant, message }) => `${invariant}: ${message}`),
    commit: (files) => {
      for (const [path, text] of Object.entries(files)) {
        const full = join(work, path);
        mkdirSync(dirname(full), { recursive: true });
        if (text === undefined) rmSync(full);
        else writeFileSync(full, text);
      }
      git('add', '-A');
      git('commit', '-q', '--allow-empty', '-m', 'change');
      return git('rev-parse', 'HEAD');
    },
    push: (files) => {
      const revision = rig.commit(files);
      ledger.bus.hintRefresh();
      return revision;
    },
    async replica(id, options = {}) {
      const connection = await connect(id);
      const replica = await startReplica(
        {
          id,
          connection,
          work,
          dir: join(dir.path, id),
          signingKey,
          redisUrl: redis.url,
          options,
        },
        (gone) => running.delete(gone),
      );
      running.add(replica);
      return replica;
    },
    async [Symbol.asyncDispose]() {
      for (const replica of [...running]) await replica.stop();
      stop.abort();
      await Promise.race([own.close(), new Promise((resolve) => setTimeout(resolve, 1_000).unref())]);
      await nats.stop();
      await redis.stop();
      await dir[Symbol.asyncDispose]();
    },
  };
  return rig;
}

async function* silence(signal: AbortSignal): AsyncGenerator<void, void, undefined> {
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}

interface ReplicaSetup {
  readonly id: string;
  readonly connection: LedgerConnection;
  readonly work: string;
  readonly dir: string;
  readonly signingKey: string;
  readonly redisUrl: string;
  readonly options: ReplicaOptions;
}

async function startReplica(setup: ReplicaSetup, gone: (replica: Replica) => void): Promise<Replica> {
  const { id, connection, work, dir, signingKey, redisUrl, options } = setup;
  const clock = systemClock;
  const stop = new AbortController();
  const telemetry = createTelemetry({ service: 'meridian-hub', instance: id, logLevel: 'error' });
  const opened = await openLedger({ connection, shard: 'main', holder: id, clock, log: telemetry.log });
  const ledger = options.deaf === true ? { ...opened, bus: { ...opened.bus, onRefresh: silence } } : opened;
  const lease = openLease({
    redisUrl,
    key: 'main',
    holder: id,
    clock,
    ttlMs: options.lockMs ?? 2_000,
    renewMs: 300,
    log: telemetry.log,
  });
  const mirror = await openMirror({ url: work, branch: 'main', dir: join(dir, 'mirror') }, stop.signal);
  const repo = {
    url: work,
    branch: 'main',
    pollMs: options.idle === true ? 600_000 : 2_000,
    fleetPath: 'fleet',
  };
  const statuses = statusFeed(ledger.statusBoard);
  const control = createControl({
    config: { shard: 'main', repo, rendering: { threads: 1, timeLimitMs: 30_000, memoryMb: 512 } },
    telemetry,
    ledger,
    statusFeed: statuses,
    lease,
    mirror,
    charts: noCharts,
    clock,
    signingKey,
    ...(options.impatient === true ? { patienceMs: 0 } : {}),
    ...(options.gates ? { gates: options.gates } : {}),
  });
  const failures: string[] = [];
  const fail = (error: unknown) => void failures.push(errorText(error));
  const parts = [statuses.part, ...control.parts];
  for (const part of parts) await part.start({ signal: stop.signal, fail });
  const end = async () => {
    stop.abort();
    for (const part of [...parts].reverse()) await part.stop?.();
    gone(replica);
  };
  const replica: Replica = {
    id,
    control,
    telemetry,
    ledger,
    failures,
    async stop() {
      await end();
      await lease.close();
      await Promise.race([connection.close(), new Promise((resolve) => setTimeout(resolve, 1_000).unref())]);
    },
    async kill() {
      await lease.close();
      await connection.close();
      await end();
    },
  };
  return replica;
}
