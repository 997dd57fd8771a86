import { generateKeyPairSync } from 'node:crypto';
import type { ApplicationStatus, Assignment, FleetEvent, SignedEnvelope } from '@meridian/fleet';
import { connectKube } from '@meridian/kube';
import type { Kube } from '@meridian/kube';
import { signEnvelope, verifyEnvelope } from '@meridian/ledger';
import { canonicalJson, orderObjects, sha256Digest } from '@meridian/manifests';
import type { KubeObject } from '@meridian/manifests';
import type { Outbox } from '@meridian/link';
import { createSlices, systemClock } from '@meridian/runtime';
import type { Clock } from '@meridian/runtime';
import { Registry, createTelemetry } from '@meridian/telemetry';
import type { Acceptance } from '../assignments/acceptance.ts';
import { createEngine } from '../applications/engine.ts';
import type { Engine } from '../applications/engine.ts';
import { ageKeysIn } from '../decryption/age-keys.ts';
import { openMetricSources } from '../checks/metric-sources.ts';
import type { AskLimits } from '../checks/metric-sources.ts';
import type { MetricSource } from '../checks/source-config.ts';
import { createLimiter } from '../limiter.ts';
import { createLocalLimits } from '../limits/local-limits.ts';
import type { SettableLimits } from '../limits/local-limits.ts';
import { createMetrics } from '../metrics.ts';
import { openOwnCluster } from '../own-cluster.ts';
import type { KubePort, Log } from '../ports.ts';
import { createStatusBoard } from '../reporting/status-board.ts';
import { openClusterStore } from '../state/cluster-store.ts';
import { openDiskStore } from '../state/disk-store.ts';
import { openTwinStore } from '../state/twin-store.ts';

/** Says nothing. */
export const silent: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** Waits for a condition; fails with `what` after half a minute. Gives what the condition gave. */
export async function until<T>(
  what: string | (() => string),
  condition: () => T | Promise<T>,
): Promise<NonNullable<T>> {
  const limit = AbortSignal.timeout(30_000);
  for (;;) {
    const found = await condition();
    if (found !== undefined && found !== null && found !== false) return found;
    if (limit.aborted) throw new Error(`waited in vain until ${typeof what === 'string' ? what : what()}`);
    await systemClock.wait(20, limit);
  }
}

/** A hub in the hands of a test: signs whatever it is told, in order or not. */
export interface HandHub {
  readonly publicKey: string;
  /** A signed assignment of these objects. Without objects the application is withdrawn. */
  sign(
    application: string,
    objects: readonly KubeObject[] | undefined,
    changes?: Partial<Assignment>,
  ): { readonly envelope: SignedEnvelope; readonly bundle: Uint8Array; readonly generation: number };
}

/** Makes a hub with its own key; generations count up by themselves. */
export function createHandHub(cluster: string, namespace: string): HandHub {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  let generation = 0;
  return {
    publicKey,
    sign(application, objects, changes = {}) {
      generation += 1;
      const json = canonicalJson({ application, cluster, objects: orderObjects(objects ?? []) });
      const digest = sha256Digest(json);
      const assignment: Assignment = {
        cluster,
        application,
        release: sha256Digest(`${digest}${generation}`),
        revision: generation.toString(16).padStart(40, '0'),
        ...(objects ? { bundle: digest } : {}),
        generation,
        term: 1,
        incarnation: 'first',
        issuedAtMs: Date.now(),
        expiresAtMs: Date.now() + 86_400_000,
        prune: true,
        selfHeal: true,
        createNamespace: true,
        namespace,
        allowedDeletions: 0,
        ...changes,
      };
      return {
        envelope: signEnvelope(assignment, privateKey),
        bundle: Buffer.from(json),
        generation: assignment.generation,
      };
    },
  };
}

/** A real engine over a real cluster, without NATS and hub. */
export interface TestAgent extends AsyncDisposable {
  readonly engine: Engine;
  readonly events: readonly FleetEvent[];
  /** Every status that was reported, oldest first. */
  readonly reports: readonly ApplicationStatus[];
  give(
    application: string,
    signed: { readonly envelope: SignedEnvelope; readonly bundle: Uint8Array },
  ): Promise<Acceptance>;
  status(application: string): ApplicationStatus | undefined;
  /** Waits until the status satisfies the condition. */
  reaches(
    application: string,
    what: string,
    condition: (status: ApplicationStatus) => boolean,
  ): Promise<ApplicationStatus>;
  /** Ends the engine and waits for it. */
  stop(): Promise<void>;
}

/** How to start an agent for a test. */
export interface TestAgentOptions {
  readonly cluster: string;
  readonly kubeconfig: string;
  readonly dataDir: string;
  readonly stateNamespace: string;
  readonly publicKey: string;
  /** Service account of applications that name none; the agent itself unless told. */
  readonly serviceAccount?: string;
  /** Service accounts that applications may name. */
  readonly allowedAccounts?: readonly string[];
  /** Where the keys for Secrets are; none unless told. */
  readonly ageKeysDir?: string;
  /** Where checks may ask for metrics; nowhere unless told. */
  readonly metricSources?: readonly MetricSource[];
  readonly askLimits?: AskLimits;
  /** What the administrator of the cluster lets it do; anything unless told. */
  readonly limits?: SettableLimits;
  /** Wraps the cluster, to count calls or to break them. */
  readonly wrap?: (kube: KubePort) => KubePort;
  /** The machine's unless told. */
  readonly clock?: Clock;
  /** Is told what the test is told, to keep it for a hub. */
  readonly outbox?: Pick<Outbox, 'application' | 'event'>;
}

/** Starts an engine as the service does, with reports kept for the test. */
export async function startTestAgent(options: TestAgentOptions): Promise<TestAgent> {
  const { cluster, kubeconfig, dataDir, stateNamespace, publicKey } = options;
  const stopping = new AbortController();
  const random = Math.random;
  const { clock = systemClock } = options;
  const telemetry = createTelemetry({ service: 'test', instance: cluster, logLevel: 'error' });
  const client = await connectTestKube(kubeconfig);
  const real = openOwnCluster(client, { clock, random, log: silent });
  const kube = options.wrap ? options.wrap(real) : real;
  const metrics = createMetrics(new Registry(), {
    source: () => 0,
    report: () => 0,
    droppedEvents: () => 0,
    isFrozen: () => false,
  });
  const events: FleetEvent[] = [];
  const reports: ApplicationStatus[] = [];
  const outbox = {
    application: (status: ApplicationStatus) => {
      reports.push(status);
      options.outbox?.application(status);
    },
    event: (event: FleetEvent) => {
      events.push(event);
      options.outbox?.event(event);
    },
  };
  const slices = createSlices();
  const board = createStatusBoard({
    cluster,
    engine: () => engine,
    outbox,
    clock,
    slices,
    metrics,
    log: silent,
  });
  const engine: Engine = createEngine({
    cluster,
    ownNamespace: stateNamespace,
    accounts: {
      usual: options.serviceAccount,
      allowed: options.allowedAccounts ?? [],
      ownNamespace: stateNamespace,
    },
    readAgeKeys: ageKeysIn(options.ageKeysDir),
    metricSources: openMetricSources(options.metricSources ?? [], options.askLimits),
    kube,
    store: openTwinStore({
      disk: openDiskStore(dataDir, silent),
      cluster: openClusterStore({ kube, namespace: stateNamespace, log: silent }),
      clusterUid: async (signal) => (await kube.identity(signal)).clusterUid,
      log: silent,
    }),
    verify: (envelope) => {
      const verdict = verifyEnvelope(envelope, [publicKey]);
      return verdict.ok ? verdict : { ok: false, reason: verdict.message };
    },
    clock,
    random,
    log: silent,
    tracer: telemetry.tracer,
    limiter: createLimiter(16),
    slices,
    limits: options.limits ?? createLocalLimits(clock, { isRequired: false }),
    metrics,
    changed: (application) => board.changed(application),
    tell: (event) => board.tell(event),
  });
  const failures: unknown[] = [];
  const reporting = board.run(stopping.signal);
  await engine.start(stopping.signal, (error) => failures.push(error));
  const stop = async () => {
    stopping.abort();
    await Promise.all([engine.stopped(), reporting]);
    client.close();
    await telemetry.shutdown();
  };
  return {
    engine,
    events,
    reports,
    give: (application, { envelope, bundle }) =>
      engine.offer({
        application,
        envelope,
        traceparent: undefined,
        readBundle: () => Promise.resolve(bundle),
      }),
    status: (application) => engine.status(application),
    reaches: (application, what, condition) =>
      until(
        () => `${application} ${what}; it says ${JSON.stringify(engine.status(application))}`,
        () => {
          if (failures.length > 0) throw failures[0];
          const status = engine.status(application);
          return status && condition(status) ? status : undefined;
        },
      ),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** A client with the rights of the kubeconfig, to look at and to disturb the cluster. */
export function connectTestKube(kubeconfig: string): Promise<Kube> {
  return connectKube({ kubeconfigPath: kubeconfig, userAgent: 'meridian-test' });
}

/** A ConfigMap without namespace, for bundles. */
export function configMap(
  name: string,
  data: { readonly [key: string]: string } = { key: 'value' },
  annotations = {},
): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, annotations }, data };
}

/** A Deployment without namespace, for bundles. */
export function deployment(name: string, replicas = 1, image = 'registry.example/server:1'): KubeObject {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'server', image }] } },
    },
  };
}
