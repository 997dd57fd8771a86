import { ensureParts, PartsError } from '@meridian/testkit';
import type { PartName } from '@meridian/testkit';
import { bringHelm } from './charts-helm.ts';
import {
  dropLock,
  layout,
  lockHolder,
  pointCliHere,
  prepareDirectory,
  takeLock,
  unpointCli,
} from './data-directory.ts';
import type { DataDirectory } from './data-directory.ts';
import { readJsonObject, writeJson } from './files.ts';
import type { FleetSetup } from './fleet-processes.ts';
import { checkGit } from './fleet-repo.ts';
import { ensureIdentity, secretFiles } from './identity.ts';
import { defaultData } from './options.ts';
import type { SandboxOptions } from './options.ts';
import { checkSamePlan, planClusters, planFromJson, portPurposes } from './plan.ts';
import type { SandboxPlan } from './plan.ts';
import { allocatePorts, checkPorts } from './ports.ts';
import { identify } from './process-identity.ts';
import { step } from './progress.ts';
import type { Progress } from './progress.ts';
import { notifyOfPushes } from './push-notifier.ts';
import { apiUrls, webhookPath, writeSandboxFile } from './sandbox-file.ts';
import { SandboxError } from './sandbox-error.ts';
import { startProcesses, stopProcesses } from './start-processes.ts';
import { sweepProcesses } from './stop.ts';
import { Supervisor } from './supervisor.ts';
import { readContexts } from './user-contexts.ts';
import { startWatchdog } from './watchdog.ts';

/** A fleet that runs on this machine. */
export interface RunningFleet {
  readonly data: DataDirectory;
  readonly plan: SandboxPlan;
  readonly token: string;
  /** Unix time just before its agents were started. */
  readonly startedAtMs: number;
  /** Stops every process in the right order and lets go of the data directory. */
  stop(): Promise<void>;
  /** Ends every process at once. */
  kill(): void;
}

/** Another start holds the data directory. */
export class AlreadyRunning extends Error {
  readonly data: DataDirectory;
  readonly plan: SandboxPlan | undefined;
  readonly pid: number;

  constructor(data: DataDirectory, pid: number) {
    super(`a fleet runs in ${data.path} already (process ${pid})`);
    this.name = 'AlreadyRunning';
    this.data = data;
    this.plan = planFromJson(readJsonObject(data.planFile));
    this.pid = pid;
  }
}

/**
 * Brings up a whole fleet and returns when every process serves. Throws SandboxError with one clear message; whatever
 * was started is stopped by then.
 */
export async function startFleet(
  options: SandboxOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<RunningFleet> {
  await checkGit();
  const data = layout(options.data ?? defaultData);
  const holder = lockHolder(data);
  if (holder !== undefined) throw new AlreadyRunning(data, holder.pid);
  prepareDirectory(data);
  const lock = takeLock(data);
  if (lock !== 'taken by us') throw new AlreadyRunning(data, lock.pid);
  try {
    await sweepProcesses(data);
    const plan = await openPlan(options, data);
    await findParts(plan, progress, signal);
    await checkPorts(
      plan.ports,
      data.path === defaultData ? 'npm run reset' : `npm run reset -- --data ${data.path}`,
    );
    return await bringUp({ data, plan, identity: await ensureIdentity(data, plan) }, progress, signal);
  } catch (error) {
    dropLock(data);
    throw error;
  }
}

/** The plan of this data directory, made at the first start. */
async function openPlan(options: SandboxOptions, data: DataDirectory): Promise<SandboxPlan> {
  const kept = planFromJson(readJsonObject(data.planFile));
  if (kept !== undefined) {
    checkSamePlan(kept, options);
    return kept;
  }
  const { kube } = options;
  const clusters =
    kube?.kind === 'contexts' ? await readContexts(kube.contexts, data) : planClusters(options.clusters ?? 3);
  const fresh = { kube: kube?.kind ?? 'sim', clusters };
  const plan = { ...fresh, ports: await allocatePorts(portPurposes(fresh), {}, Math.random()) };
  writeJson(data.planFile, plan);
  return plan;
}

const clusterParts = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kwok'] as const;

async function findParts(plan: SandboxPlan, progress: Progress, signal: AbortSignal): Promise<void> {
  const names: PartName[] = ['nats-server', 'redis-server', ...(plan.kube === 'real' ? clusterParts : [])];
  await step(progress, 'looking for the programs it runs', async () => {
    try {
      await ensureParts(names, { signal, onProgress: (line) => progress.detail(line) });
    } catch (error) {
      if (error instanceof PartsError) throw new SandboxError(error.message, { cause: error });
      throw error;
    }
  });
}

async function bringUp(setup: FleetSetup, progress: Progress, signal: AbortSignal): Promise<RunningFleet> {
  const { data, plan, identity } = setup;
  const self = identify(process.pid);
  const supervisor = new Supervisor((processes) =>
    writeSandboxFile(data, plan, { processes, supervisor: self }),
  );
  writeSandboxFile(data, plan, { processes: [], supervisor: self });
  const startedAtMs = Date.now();
  const watchdog = startWatchdog(data);
  const running = new AbortController();
  const beside: Promise<void>[] = [];
  const stop = async () => {
    running.abort();
    await Promise.all(beside);
    await stopProcesses(supervisor, plan);
    writeSandboxFile(data, plan, { processes: [], supervisor: undefined });
    await watchdog.dismiss();
    unpointCli(data);
    dropLock(data);
  };
  try {
    await startProcesses(setup, supervisor, { progress, signal });
  } catch (error) {
    await stop();
    throw error;
  }
  const urls = apiUrls(plan);
  notifyOfPushes({
    data,
    urls: urls.map((url) => `${url}${webhookPath}`),
    secret: identity.webhookSecret,
    signal: running.signal,
  });
  beside.push(bringHelm(data.logs, running.signal));
  writeJson(data.cliFile, { api: urls, tokenFile: secretFiles(data).cliToken });
  pointCliHere(data);
  return { data, plan, token: identity.cliToken, startedAtMs, stop, kill: () => supervisor.kill() };
}
