import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { natsServerConfig } from '@meridian/ledger/server';
import { portAccepts, redisArguments, requirePart } from '@meridian/testkit';
import { callHttp } from './call-http.ts';
import { helmProgram } from './charts-helm.ts';
import { lean } from './compile-cache.ts';
import type { DataDirectory } from './data-directory.ts';
import { writeWhole } from './files.ts';
import { fleetBranch } from './fleet-repo.ts';
import { secretFiles } from './identity.ts';
import type { FleetIdentity } from './identity.ts';
import { repositoryRoot } from './options.ts';
import { hubNames, portOf } from './plan.ts';
import type { SandboxPlan } from './plan.ts';
import type { ProcessSpec } from './supervisor.ts';
import { kubeconfigOf } from './user-contexts.ts';

/** What the processes of one fleet are made from. */
export interface FleetSetup {
  readonly data: DataDirectory;
  readonly plan: SandboxPlan;
  readonly identity: FleetIdentity;
}

/** nats-server with JetStream on disk, one account per cluster. */
export function natsProcess({ data, plan, identity }: FleetSetup, version: string | undefined): ProcessSpec {
  const folder = join(data.path, 'nats');
  mkdirSync(folder, { recursive: true });
  const port = portOf(plan, 'nats-server');
  const config = natsServerConfig({
    hubPublicKey: identity.hubNatsKey,
    clusters: identity.clusterNatsKeys,
    port,
    storeDir: join(folder, 'store'),
    ...(version === undefined ? {} : { serverVersion: version }),
  });
  const configFile = join(folder, 'nats.conf');
  writeWhole(configFile, config, 0o600);
  return {
    ...common(data, 'nats-server'),
    command: requirePart('nats-server'),
    args: ['-c', configFile],
    ready: () => portAccepts(port),
  };
}

/** redis-server without persistence: it holds the leader lock, and losing that loses nothing. */
export function redisProcess({ data, plan }: FleetSetup): ProcessSpec {
  const folder = join(data.path, 'redis');
  mkdirSync(folder, { recursive: true });
  const port = portOf(plan, 'redis-server');
  return {
    ...common(data, 'redis-server'),
    command: requirePart('redis-server'),
    args: redisArguments(port, folder),
    ready: () => portAccepts(port),
  };
}

/** The hub replicas. */
export function hubProcesses({ data, plan }: FleetSetup): ProcessSpec[] {
  const files = secretFiles(data);
  return hubNames.map((name) =>
    service(data, {
      name,
      metricsPort: portOf(plan, `${name} metrics`),
      env: {
        MERIDIAN_HUB_ID: name,
        MERIDIAN_HELM: helmProgram(),
        MERIDIAN_REPO_URL: data.repo,
        MERIDIAN_REPO_BRANCH: fleetBranch,
        MERIDIAN_NATS_SEED_FILE: files.natsSeed('hub'),
        MERIDIAN_NATS_URL: natsUrl(plan),
        MERIDIAN_REDIS_URL: `redis://127.0.0.1:${portOf(plan, 'redis-server')}`,
        MERIDIAN_SIGNING_KEY_FILE: files.signingKey,
        MERIDIAN_API_ADDRESS: `127.0.0.1:${portOf(plan, `${name} api`)}`,
        MERIDIAN_API_TOKENS_FILE: files.apiTokens,
        MERIDIAN_WEBHOOK_SECRET_FILE: files.webhookSecret,
        MERIDIAN_LINK_ADDRESS: `127.0.0.1:${portOf(plan, `${name} link`)}`,
        MERIDIAN_LINK_CERT_FILE: files.certificate(name),
        MERIDIAN_LINK_KEY_FILE: files.key(name),
      },
    }),
  );
}

/** One agent per cluster, outside of it: control planes without nodes of their own cannot run it as a pod. */
export function agentProcesses({ data, plan }: FleetSetup): ProcessSpec[] {
  const files = secretFiles(data);
  return plan.clusters.map(({ name: cluster }) => {
    const name = `agent-${cluster}`;
    return service(data, {
      name,
      metricsPort: portOf(plan, `${name} metrics`),
      env: {
        MERIDIAN_CLUSTER: cluster,
        MERIDIAN_NATS_URL: natsUrl(plan),
        MERIDIAN_NATS_SEED_FILE: files.natsSeed(name),
        MERIDIAN_LINK_URLS: hubNames.map((hub) => `127.0.0.1:${portOf(plan, `${hub} link`)}`).join(','),
        MERIDIAN_LINK_CERT_FILE: files.certificate(name),
        MERIDIAN_LINK_KEY_FILE: files.key(name),
        MERIDIAN_TRUSTED_KEYS_FILE: files.trustedKeys,
        MERIDIAN_KUBECONFIG: kubeconfigOf(data, cluster),
        MERIDIAN_LIMITS_FILE: limitsFile(data, name),
      },
    });
  });
}

/** The limits of an agent: none until somebody edits the file, which is followed while the agent runs. */
function limitsFile(data: DataDirectory, agent: string): string {
  const folder = join(data.path, 'agents', agent);
  const file = join(folder, 'limits.yaml');
  mkdirSync(folder, { recursive: true });
  if (!existsSync(file))
    writeWhole(
      file,
      '# What this agent may do, whatever a hub says: see docs/limits.md.\napiVersion: meridian.dev/v1alpha1\nkind: AgentLimits\nspec: {}\n',
    );
  return file;
}

interface Service {
  readonly name: string;
  readonly metricsPort: number;
  readonly env: { readonly [name: string]: string };
}

function service(data: DataDirectory, { name, metricsPort, env }: Service): ProcessSpec {
  const folder = join(data.path, name.startsWith('hub') ? 'hubs' : 'agents', name);
  mkdirSync(folder, { recursive: true });
  const kind = name.startsWith('hub') ? 'hub' : 'agent';
  return {
    ...common(data, name),
    command: process.execPath,
    args: [...lean.flags, '--disable-proto=delete', join(repositoryRoot, 'services', kind, 'src', 'main.ts')],
    env: {
      ...lean.env,
      MERIDIAN_SHARD: 'main',
      MERIDIAN_DATA_DIR: folder,
      MERIDIAN_LINK_CA_FILE: secretFiles(data).authority,
      MERIDIAN_METRICS_ADDRESS: `127.0.0.1:${metricsPort}`,
      ...env,
    },
    ready: (signal) => answersWell(`http://127.0.0.1:${metricsPort}/readyz`, signal),
    readyWithinMs: 60_000,
    stopWithinMs: 15_000,
  };
}

function common(data: DataDirectory, name: string) {
  return { name, logFile: join(data.logs, `${name}.log`), readyWithinMs: 20_000, stopWithinMs: 5_000 };
}

function natsUrl(plan: SandboxPlan): string {
  return `nats://127.0.0.1:${portOf(plan, 'nats-server')}`;
}

async function answersWell(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    return (await callHttp({ url, withinMs: 2_000, signal })).status === 200;
  } catch {
    return false;
  }
}
