import { availableParallelism } from 'node:os';
import { serverRefusal } from '@meridian/ledger/server';
import { requirePart } from '@meridian/testkit';
import { startCluster, stopOrder } from './cluster-processes.ts';
import { fillCompileCache } from './compile-cache.ts';
import { fewAtOnce } from './few-at-once.ts';
import { agentProcesses, hubProcesses, natsProcess, redisProcess } from './fleet-processes.ts';
import type { FleetSetup } from './fleet-processes.ts';
import { ensureFleetRepo } from './fleet-repo.ts';
import { hubNames } from './plan.ts';
import type { SandboxPlan } from './plan.ts';
import { step } from './progress.ts';
import type { Progress } from './progress.ts';
import { runProgram } from './run-program.ts';
import { SandboxError } from './sandbox-error.ts';
import { simProcess, startSimClusters } from './sim-clusters.ts';
import { counted } from './summary.ts';
import type { ProcessSpec, Supervisor } from './supervisor.ts';

/** More agents that start at once only wait for each other's processor. */
const agentsAtOnce = Math.max(4, 2 * availableParallelism());

/**
 * Starts every process of a fleet and returns when all of them serve. What does not need each other starts together; the
 * first failure ends the other starts.
 */
export async function startProcesses(
  setup: FleetSetup,
  supervisor: Supervisor,
  shown: { readonly progress: Progress; readonly signal: AbortSignal },
): Promise<void> {
  const { data, plan } = setup;
  const { progress } = shown;
  const failed = new AbortController();
  const signal = AbortSignal.any([shown.signal, failed.signal]);
  const together = (starts: readonly Promise<void>[]) =>
    Promise.all(
      starts.map((start) =>
        start.catch((error: unknown) => {
          failed.abort(error);
          throw error;
        }),
      ),
    );
  const start = (spec: ProcessSpec) => supervisor.start(spec, signal);
  await step(progress, 'making the fleet repository, starting NATS and Redis', async () =>
    together([
      ensureFleetRepo(data, plan),
      natsVersion().then((version) => start(natsProcess(setup, version))),
      start(redisProcess(setup)),
      fillCompileCache(signal),
    ]),
  );
  const hubs = counted(hubNames.length, 'hub');
  await step(progress, `starting ${hubs}${clustersText(plan)}`, () =>
    together([...hubProcesses(setup).map(start), ...startClusters(setup, supervisor, { progress, signal })]),
  );
  await step(progress, `starting ${counted(plan.clusters.length, 'agent')}`, () =>
    together([startAgents(agentProcesses(setup), start, progress)]),
  );
}

/** Stops every process: those that write before those that they write to. */
export async function stopProcesses(supervisor: Supervisor, plan: SandboxPlan): Promise<void> {
  await supervisor.stop(plan.clusters.map(({ name }) => `agent-${name}`));
  await supervisor.stop(hubNames);
  await Promise.all(
    plan.clusters.map(async ({ name }) => {
      for (const group of stopOrder(name)) await supervisor.stop(group);
    }),
  );
  await supervisor.stop([simProcess]);
  await supervisor.stop(['nats-server', 'redis-server']);
}

function clustersText({ kube, clusters }: SandboxPlan): string {
  switch (kube) {
    case 'contexts':
      return '';
    case 'sim':
      return ` and ${counted(clusters.length, 'simulated cluster')}`;
    case 'real':
      return ` and ${counted(clusters.length, 'Kubernetes control plane')}`;
  }
}

function startClusters(
  setup: FleetSetup,
  supervisor: Supervisor,
  { progress, signal }: { readonly progress: Progress; readonly signal: AbortSignal },
): Promise<void>[] {
  const { clusters, kube } = setup.plan;
  if (kube === 'contexts') return [];
  if (kube === 'sim') return [startSimClusters(setup, supervisor, signal)];
  let ready = 0;
  return clusters.map(async (cluster) => {
    await startCluster(cluster, setup, supervisor, signal);
    ready += 1;
    progress.detail(`${cluster.name} is up (${ready} of ${clusters.length})`);
  });
}

async function startAgents(
  specs: readonly ProcessSpec[],
  start: (spec: ProcessSpec) => Promise<void>,
  progress: Progress,
): Promise<void> {
  let ready = 0;
  await fewAtOnce(specs, agentsAtOnce, async (spec) => {
    await start(spec);
    ready += 1;
    if (ready % 5 === 0) progress.detail(`${ready} of ${specs.length} are up`);
  });
}

/** Version of the nats-server that will run; undefined when it does not say. Throws for one that the hubs would refuse. */
async function natsVersion(): Promise<string | undefined> {
  const program = requirePart('nats-server');
  const { stdout } = await runProgram(program, ['--version']);
  const version = /v?(\d+\.\d+\.\d+)/.exec(stdout)?.[1];
  const refusal = version === undefined ? undefined : serverRefusal({ version, clustered: false });
  if (refusal !== undefined) throw new SandboxError(`${program}: ${refusal}`);
  return version;
}
