import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { freePorts, startProcess } from '@meridian/testkit';
import type { RunningProcess } from '@meridian/testkit';
import type { RolloutIdentity } from './rollout-identity.ts';

const program = resolve(import.meta.dirname, '../../services/hub/src/main.ts');

/** A hub replica that can be killed and started again at the same addresses. */
export interface RolloutHub {
  readonly name: string;
  readonly api: string;
  readonly linkUrl: string;
  /** Throws while it does not run. */
  pid(): number;
  /** Starts the process; returns when it is ready to serve, or at once. */
  start(until: 'ready' | 'spawned'): Promise<void>;
  /** SIGKILL; returns when it is gone. */
  kill(): Promise<void>;
  /** Whether it says that it is ready. */
  isReady(): Promise<boolean>;
}

/** What all hubs of a fleet share. */
export interface RolloutHubConfig {
  readonly dir: string;
  readonly repo: string;
  readonly identity: RolloutIdentity;
  readonly natsUrl: string;
  readonly redisUrl: string;
  readonly signal: AbortSignal;
}

/** Prepares a hub; nothing runs before `start`. */
export async function rolloutHub(name: string, config: RolloutHubConfig): Promise<RolloutHub> {
  const { identity } = config;
  const [api, link, metrics] = (await freePorts(3)).map((port) => `127.0.0.1:${port}`);
  if (api === undefined || link === undefined || metrics === undefined) throw new Error('no ports');
  const dataDir = join(config.dir, name);
  mkdirSync(dataDir, { recursive: true });
  const env = {
    MERIDIAN_HUB_ID: name,
    MERIDIAN_REPO_URL: config.repo,
    MERIDIAN_DATA_DIR: dataDir,
    MERIDIAN_NATS_URL: config.natsUrl,
    MERIDIAN_NATS_SEED_FILE: identity.file('hub.nats'),
    MERIDIAN_REDIS_URL: config.redisUrl,
    MERIDIAN_SIGNING_KEY_FILE: identity.file('signing-key.pem'),
    MERIDIAN_API_ADDRESS: api,
    MERIDIAN_API_TOKENS_FILE: identity.file('api-tokens'),
    MERIDIAN_WEBHOOK_SECRET_FILE: identity.file('webhook-secret'),
    MERIDIAN_LINK_ADDRESS: link,
    MERIDIAN_LINK_CA_FILE: identity.file('authority.crt'),
    MERIDIAN_LINK_CERT_FILE: identity.file(`${name}.crt`),
    MERIDIAN_LINK_KEY_FILE: identity.file(`${name}.key`),
    MERIDIAN_METRICS_ADDRESS: metrics,
  };
  let running: RunningProcess | undefined;
  const isReady = () => answersWell(`http://${metrics}/readyz`);
  return {
    name,
    api: `http://${api}`,
    linkUrl: link,
    isReady,
    pid() {
      if (!running?.isRunning()) throw new Error(`${name} does not run`);
      return running.pid;
    },
    async start(until) {
      running = await startProcess({
        command: process.execPath,
        args: ['--disable-proto=delete', program],
        env,
        logFile: join(config.dir, `${name}.log`),
        ...(until === 'ready' ? { ready: isReady } : {}),
        readyTimeoutMs: 120_000,
        signal: config.signal,
      });
    },
    async kill() {
      await running?.kill();
    },
  };
}

async function answersWell(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
}
