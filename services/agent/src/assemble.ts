import { readFileSync } from 'node:fs';
import type { FleetEvent } from '@meridian/fleet';
import { connectKube } from '@meridian/kube';
import {
  connectNats,
  lastGoodSeed,
  openDesiredState,
  splitPublicKeys,
  verifyEnvelope,
} from '@meridian/ledger';
import type { LedgerConnection } from '@meridian/ledger';
import { attachLink, createOutbox } from '@meridian/link';
import type { Heartbeat, Link } from '@meridian/link';
import { backoffMs } from '@meridian/retry';
import {
  ConfigError,
  FaultError,
  createSlices,
  errorText,
  readSecretFile,
  systemClock,
} from '@meridian/runtime';
import type { Part } from '@meridian/runtime';
import { metricsServer } from '@meridian/telemetry';
import type { Telemetry } from '@meridian/telemetry';
import { createEngine } from './applications/engine.ts';
import type { Engine } from './applications/engine.ts';
import { openMetricSources } from './checks/metric-sources.ts';
import { createSourceReader } from './assignments/source-reader.ts';
import type { SourceReader } from './assignments/source-reader.ts';
import { certificateParts } from './certificate/certificate-parts.ts';
import type { AgentConfig } from './config.ts';
import { ageKeysIn } from './decryption/age-keys.ts';
import { createLimiter } from './limiter.ts';
import { openLimitsFile } from './limits/limits-file.ts';
import type { LimitsFileConfig } from './limits/limits-file.ts';
import { createLocalLimits } from './limits/local-limits.ts';
import type { SettableLimits } from './limits/local-limits.ts';
import { createMetrics } from './metrics.ts';
import { identityPart } from './identity-part.ts';
import { loopPart } from './loop-part.ts';
import { openOwnCluster } from './own-cluster.ts';
import type { DesiredStatePort, KubePort, Log, VerifyEnvelope } from './ports.ts';
import { createStatusBoard } from './reporting/status-board.ts';
import { openClusterStore } from './state/cluster-store.ts';
import { openDiskStore } from './state/disk-store.ts';
import { openTwinStore } from './state/twin-store.ts';
import { agentVersion } from './version.ts';

const clock = systemClock;
const random = Math.random;

/** Everything of an agent, in start order. The engine starts from what it kept; NATS and the hub may come later. */
export function assemble(config: AgentConfig, telemetry: Telemetry): readonly Part[] {
  const { log, registry, tracer } = telemetry;
  const cluster = config.MERIDIAN_CLUSTER;
  const startedAtMs = clock.nowMs();
  const identity = { clusterUid: '', kubernetesVersion: '' };
  // So many events wait for a hub.
  const outbox = createOutbox(1_000);
  const slices = createSlices();
  const state: { engine?: Engine; kube?: KubePort; reader?: SourceReader; link?: Link } = {};

  const secondsSince = (atMs: number | undefined) => (atMs ? (clock.nowMs() - atMs) / 1_000 : undefined);
  const limits = createLocalLimits(clock, { isRequired: config.MERIDIAN_LIMITS_FILE !== undefined });
  const metrics = createMetrics(registry, {
    isFrozen: () => limits.stopped() !== undefined,
    source: () => secondsSince(state.reader?.readAtMs()),
    report: () => secondsSince(state.link?.lastAckedAtMs()),
    droppedEvents: () => outbox.droppedEvents(),
  });
  const engine = (): Engine => started(state.engine);
  const board = createStatusBoard({ cluster, engine, outbox, clock, slices, metrics, log });
  const tell = (event: Omit<FleetEvent, 'atMs' | 'cluster'>) => board.tell(event);
  const certificate = certificateParts(config, {
    kube: () => state.kube,
    clock,
    random,
    log,
    registry,
    tell,
  });
  const verify = verifierOf(config);
  limits.onChanged(() => outbox.heartbeat());

  const makeEngine: Part = {
    name: 'kubernetes connection',
    async start() {
      const kube = openOwnCluster(await connectKube(kubeOptions(config)), { clock, random, log });
      const disk = openDiskStore(config.MERIDIAN_DATA_DIR, log, slices);
      const secrets = openClusterStore({ kube, namespace: config.MERIDIAN_STATE_NAMESPACE, log, slices });
      state.kube = kube;
      state.engine = createEngine({
        cluster,
        ownNamespace: config.MERIDIAN_STATE_NAMESPACE,
        accounts: {
          usual: config.MERIDIAN_SERVICE_ACCOUNT,
          allowed: config.MERIDIAN_ALLOWED_SERVICE_ACCOUNTS,
          ownNamespace: config.MERIDIAN_STATE_NAMESPACE,
        },
        readAgeKeys: ageKeysIn(config.MERIDIAN_AGE_KEYS_DIR),
        metricSources: openMetricSources(config.MERIDIAN_METRICS_SOURCES),
        kube,
        store: openTwinStore({
          disk,
          cluster: secrets,
          clusterUid: async (within) => (await kube.identity(within)).clusterUid,
          log,
        }),
        verify,
        clock,
        random,
        log,
        tracer,
        // API calls at once, over all applications.
        limiter: createLimiter(16),
        slices,
        limits,
        metrics,
        changed: (application) => board.changed(application),
        tell,
      });
      state.reader = createSourceReader({
        engine: state.engine,
        clock,
        random,
        log,
        changed: () => outbox.heartbeat(),
      });
    },
  };

  const heartbeat = (): Heartbeat => ({
    observedAtMs: clock.nowMs(),
    sourceConnected: state.reader?.connected() ?? false,
    sourceReadAtMs: state.reader?.readAtMs() ?? 0,
    ...reportOf(limits),
  });

  const link: Part = {
    name: 'hub link',
    async start({ signal }) {
      state.link = attachLink({
        urls: config.MERIDIAN_LINK_URLS,
        ...certificate.files,
        cluster,
        hello: () => ({ version: agentVersion(), startedAtMs, ...identity }),
        snapshot: () => ({ applications: board.snapshot(), heartbeat: heartbeat() }),
        heartbeat,
        outbox,
        clock,
        slices,
        random,
        log,
        signal,
      });
    },
    stop: async () => state.link?.stop(),
  };

  return [
    metricsServer({
      address: config.MERIDIAN_METRICS_ADDRESS,
      registry,
      ready: () =>
        state.engine ? state.engine.isComplete() || 'the kept state is not read yet' : 'starting',
    }),
    makeEngine,
    ...limitsParts(config, { limits, log, tell }),
    enginePart(engine),
    loopPart('status board', (signal) => board.run(signal)),
    ...certificate.parts,
    identityPart(() => started(state.kube), identity, { clock, random, log }),
    sourcePart(config, { reader: () => started(state.reader), log }),
    link,
  ];
}

function kubeOptions(config: AgentConfig): Parameters<typeof connectKube>[0] {
  const { MERIDIAN_KUBECONFIG: kubeconfigPath, MERIDIAN_KUBE_CONTEXT: context } = config;
  return {
    userAgent: `meridian-agent/${agentVersion()}`,
    ...(kubeconfigPath === undefined ? {} : { kubeconfigPath }),
    ...(context === undefined ? {} : { context }),
  };
}

function verifierOf(config: AgentConfig): VerifyEnvelope {
  let keys: readonly string[];
  try {
    keys = splitPublicKeys(readFileSync(config.MERIDIAN_TRUSTED_KEYS_FILE, 'utf8'));
  } catch (error) {
    throw new ConfigError([
      `MERIDIAN_TRUSTED_KEYS_FILE: ${config.MERIDIAN_TRUSTED_KEYS_FILE}: ${errorText(error)}`,
    ]);
  }
  return (envelope) => {
    const verdict = verifyEnvelope(envelope, keys);
    return verdict.ok ? verdict : { ok: false, reason: verdict.message };
  };
}

function enginePart(engine: () => Engine): Part {
  return {
    name: 'reconciler',
    start: ({ signal, fail }) => engine().start(signal, fail),
    stop: () => engine().stopped(),
  };
}

function reportOf(limits: SettableLimits): Pick<Heartbeat, 'limits'> {
  const report = limits.report();
  return report ? { limits: report } : {};
}

/** Follows the file of limits, if there is one; read for the first time before anything is reconciled. */
function limitsParts(
  { MERIDIAN_LIMITS_FILE: file }: AgentConfig,
  rest: Omit<LimitsFileConfig, 'file' | 'clock'>,
): readonly Part[] {
  if (file === undefined) return [];
  const limitsFile = openLimitsFile({ ...rest, file, clock });
  const loop = loopPart('local limits', (signal) => limitsFile.run(signal));
  return [
    {
      ...loop,
      async start(context) {
        await limitsFile.load();
        await loop.start(context);
      },
    },
  ];
}

interface SourceConfig {
  readonly reader: () => SourceReader;
  readonly log: Log;
}

function sourcePart(config: AgentConfig, { reader, log }: SourceConfig): Part {
  let connection: LedgerConnection | undefined;
  const { MERIDIAN_CLUSTER: cluster, MERIDIAN_SHARD: shard } = config;
  const connect = async (signal: AbortSignal): Promise<DesiredStatePort> => {
    connection = await connectWhileRefused(config, log, signal);
    log.info({ url: config.MERIDIAN_NATS_URL }, 'connected to the ledger');
    return openDesiredState({ connection, shard, cluster });
  };
  const loop = loopPart('desired state', (signal) => reader().run(connect, signal));
  return {
    ...loop,
    stop: async () => {
      await connection?.close();
      await loop.stop?.();
    },
  };
}

function natsSeed({ MERIDIAN_NATS_SEED_FILE: file }: AgentConfig): () => string {
  const read = (): string => readSecretFile(file);
  try {
    return lastGoodSeed(read);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError([`MERIDIAN_NATS_SEED_FILE: ${file} does not hold the nkey seed of a user (SU…)`]);
  }
}

const natsRetry = { firstMs: 1_000, factor: 2, capMs: 30_000 };

/** Goes on when NATS refuses us: healing what runs does not need it, and an operator may mend the account meanwhile. */
async function connectWhileRefused(
  config: AgentConfig,
  log: Log,
  signal: AbortSignal,
): Promise<LedgerConnection> {
  const cluster = config.MERIDIAN_CLUSTER;
  const options = {
    url: config.MERIDIAN_NATS_URL,
    seed: natsSeed(config),
    inboxPrefix: `_INBOX_${cluster}`,
    name: `meridian-agent-${cluster}`,
    signal,
    log,
  };
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await connectNats(options);
    } catch (error) {
      if (signal.aborted || !(error instanceof FaultError)) throw error;
      log.error({ url: config.MERIDIAN_NATS_URL, error: errorText(error) }, 'the ledger refuses this agent');
      await clock.wait(backoffMs(natsRetry, attempt, random()), signal);
    }
  }
}

function started<T>(part: T | undefined): T {
  if (part === undefined) throw new TypeError('used before it was started');
  return part;
}
