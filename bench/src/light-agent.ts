import { hash } from 'node:crypto';
import type { ApplicationStatus, Assignment, Health, ObjectStatus } from '@meridian/fleet';
import { connectNats, openDesiredState, verifyEnvelope } from '@meridian/ledger';
import type { DesiredState, LedgerConnection, StoredAssignment } from '@meridian/ledger';
import { attachLink, createOutbox } from '@meridian/link';
import type { Link } from '@meridian/link';
import { keyOf } from '@meridian/manifests';
import type { KubeObject } from '@meridian/manifests';
import { FaultError, systemClock } from '@meridian/runtime';
import type { Slices } from '@meridian/runtime';

/** What one light agent is told. */
export interface LightAgentConfig {
  readonly cluster: string;
  readonly natsUrl: string;
  readonly natsSeed: string;
  /** `host:port` of every hub replica. */
  readonly linkUrls: readonly string[];
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
  readonly trustedKeys: readonly string[];
}

/** What light agents of one process share. */
export interface LightAgentContext {
  readonly slices: Slices;
  readonly signal: AbortSignal;
}

/**
 * An agent without a cluster: it reads assignments from NATS by its own account, verifies them, fetches and checks their
 * bundles, and reports each as applied over its own gRPC stream by its own certificate. It keeps nothing on disk and
 * applies nothing.
 */
export interface LightAgent {
  attached(): boolean;
  /** Whether the application is reported Synced at some generation. */
  has(application: string): boolean;
  /** What the application's health is from now on; said at once, if the application is assigned. */
  become(application: string, health: Health): void;
  stop(): Promise<void>;
}

/** A hint travels beside the write it tells of and may arrive first; these are the waits before looking again. */
const againMs = [0, 15, 60, 250, 1_000];

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Connects to NATS and begins to attach; everything that is assigned is read first. */
export async function startLightAgent(
  config: LightAgentConfig,
  { slices, signal }: LightAgentContext,
): Promise<LightAgent> {
  const { cluster } = config;
  const startedAtMs = Date.now();
  const connection = await connect(config, signal);
  const source = openDesiredState({ connection, shard: 'main', cluster });
  const outbox = createOutbox();
  const told = new Map<string, ApplicationStatus>();
  const read = new Map<string, number>();
  const healths = new Map<string, Health>();
  const tell = (status: ApplicationStatus) => {
    told.set(status.application, status);
    outbox.application(status);
  };
  const readOne = async (application: string): Promise<boolean> => {
    const stored = await source.readAssignment(application);
    // A thousand agents share a process here: what was verified once is not verified again.
    if (!stored || stored.sequence === read.get(application)) return false;
    const accepted = await verified(source, config, { application, stored, known: told.get(application) });
    read.set(application, stored.sequence);
    if (!accepted) return false;
    tell(appliedStatus(accepted, healths.get(application) ?? 'Healthy'));
    return true;
  };
  const readAll = async () => {
    const listed = (await source.readIndex(signal)) ?? [];
    for (const application of new Set([...listed, ...told.keys()])) await readOne(application);
  };
  const following = Promise.all([followHints(source, readOne, signal), readAgain(readAll, signal)]);
  await tried(readAll, signal);
  const heartbeat = () => ({
    observedAtMs: Date.now(),
    sourceConnected: source.connected(),
    sourceReadAtMs: Date.now(),
  });
  const link: Link = attachLink({
    urls: config.linkUrls,
    caFile: config.caFile,
    certFile: config.certFile,
    keyFile: config.keyFile,
    cluster,
    hello: () => ({ version: 'light', startedAtMs, clusterUid: cluster, kubernetesVersion: 'none' }),
    snapshot: () => ({ applications: [...told.values()], heartbeat: heartbeat() }),
    heartbeat,
    outbox,
    clock: systemClock,
    slices,
    random: Math.random,
    log: quiet,
    signal,
  });
  return {
    attached: () => link.connected(),
    has: (application) => told.has(application),
    become(application, health) {
      healths.set(application, health);
      const status = told.get(application);
      if (status) tell({ ...status, health, healthSinceMs: Date.now(), observedAtMs: Date.now() });
    },
    async stop() {
      await link.stop();
      await connection.close();
      await following;
    },
  };
}

/** A busy server may not hear a client out in time; real agents go on trying, too. */
async function connect(
  { cluster, natsUrl, natsSeed }: LightAgentConfig,
  signal: AbortSignal,
): Promise<LedgerConnection> {
  const inboxPrefix = `_INBOX_${cluster}`;
  for (;;) {
    try {
      return await connectNats({
        url: natsUrl,
        seed: natsSeed,
        inboxPrefix,
        name: `light-${cluster}`,
        signal,
      });
    } catch (error) {
      if (signal.aborted || !(error instanceof FaultError)) throw error;
      await systemClock.wait(500, signal);
    }
  }
}

async function followHints(
  source: DesiredState,
  readOne: (application: string) => Promise<boolean>,
  signal: AbortSignal,
): Promise<void> {
  const following = new Set<Promise<void>>();
  for await (const application of source.hints(signal)) {
    const one = followHint(() => readOne(application), signal);
    following.add(one);
    void one.finally(() => following.delete(one));
  }
  await Promise.all(following);
}

async function followHint(read: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
  for (const pauseMs of againMs) {
    if (pauseMs > 0) await systemClock.wait(pauseMs, signal);
    if (signal.aborted || (await tried(read, signal)) === true) return;
  }
}

/** Reads everything again and again, as agents do: hints may be lost. */
async function readAgain(readAll: () => Promise<void>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await systemClock.wait(24_000 + 12_000 * Math.random(), signal);
    await tried(readAll, signal);
  }
}

/** What `read` gives; undefined when the servers are too busy to answer, or when it is to end. */
async function tried<T>(read: () => Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (signal.aborted || (error instanceof FaultError && error.retry === 'later')) return undefined;
    throw error;
  }
}

interface Accepted {
  readonly assignment: Assignment;
  readonly objects: readonly KubeObject[];
}

interface Found {
  readonly application: string;
  readonly stored: StoredAssignment;
  readonly known: ApplicationStatus | undefined;
}

/** The assignment with its objects, if it is verified and newer than what is known. Throws for one that is not whole. */
async function verified(
  source: DesiredState,
  { cluster, trustedKeys }: LightAgentConfig,
  { application, stored, known }: Found,
): Promise<Accepted | undefined> {
  const verdict = verifyEnvelope(stored.envelope, trustedKeys, { cluster, application });
  if (!verdict.ok) throw new Error(`${cluster} refuses ${application}: ${verdict.message}`);
  const { assignment } = verdict;
  if (assignment.generation <= (known?.generation ?? 0)) return undefined;
  if (assignment.bundle === undefined) return { assignment, objects: [] };
  const json = await source.readBundle(assignment.bundle);
  if (`sha256:${hash('sha256', json)}` !== assignment.bundle)
    throw new Error(`${cluster}: the bundle of ${application} is damaged`);
  // A bundle with the right digest is what the hub rendered.
  const { objects } = JSON.parse(new TextDecoder().decode(json)) as {
    readonly objects: readonly KubeObject[];
  };
  return { assignment, objects };
}

/** What an agent says when every object of an assignment is live. */
export function appliedStatus({ assignment, objects }: Accepted, health: Health): ApplicationStatus {
  const nowMs = Date.now();
  const { cluster, application, release, revision, generation, term, incarnation } = assignment;
  const bundle = assignment.bundle ?? '';
  return {
    ...{ cluster, application, release, revision, bundle, generation, term, incarnation },
    sync: 'Synced',
    health,
    message: health === 'Healthy' ? '' : `made ${health} by the bench`,
    objects: objects.map((object): ObjectStatus => ({ key: keyOf(object), health, reason: '' })),
    drift: [],
    appliedAtMs: nowMs,
    healthSinceMs: nowMs,
    observedAtMs: nowMs,
  };
}
