import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { edit, Fleet, until } from '@meridian/testkit';
import type { FleetView } from '@meridian/fleet';
import type { Bench, BenchContext } from '../bench.ts';
import { figuresOf, percentile, rounded } from '../figure.ts';
import type { Figure } from '../figure.ts';
import { settled, stageCommit } from '../fleet-commits.ts';
import type { StagedCommit } from '../fleet-commits.ts';
import { apiServerOf, send, watchObjects } from '../kube-watch.ts';
import type { ApiServer } from '../kube-watch.ts';
import { residentMb } from '../resident-memory.ts';

const rounds = 50;
const kills = 10;
const deployment = '/apis/apps/v1/namespaces/ml-platform/deployments/model-registry-sync';

/** A whole fleet on real control planes: how long a commit, a drift and a lost leader take, and what it weighs. */
export const fleetBench: Bench = {
  name: 'fleet',
  meaning:
    'commit to applied in three clusters, drift to healed, leader kill to next claim and next commit live, memory of hub and agent',
  run,
};

interface Rig {
  readonly fleet: Fleet;
  readonly servers: readonly ApiServer[];
  readonly context: BenchContext;
}

async function run(context: BenchContext): Promise<readonly Figure[]> {
  const data = mkdtempSync(join(tmpdir(), 'meridian-bench-'));
  const fleet = new Fleet(data);
  try {
    context.progress('starting a fleet of three clusters');
    const started = await Fleet.start(data, ['--kube', 'real']);
    if (started.code !== 0) throw new Error(`the fleet did not start: ${started.stdout}${started.stderr}`);
    const rig = {
      fleet,
      context,
      servers: fleet.file.clusters.map((cluster) => apiServerOf(cluster.kubeconfig)),
    };
    await settled(rig.fleet);
    return [
      ...(await commitToApplied(rig)),
      ...(await driftToHealed(rig)),
      ...memory(rig),
      ...(await leaderKill(rig)),
    ];
  } finally {
    await fleet.reset();
    rmSync(data, { recursive: true, force: true });
  }
}

/** From the commit being on the branch until watches opened before have delivered the changed object of all clusters. */
async function commitToApplied(rig: Rig): Promise<readonly Figure[]> {
  const samples: number[] = [];
  const floor: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    rig.context.progress(`commit ${round + 1} of ${rounds}`);
    const mark = `bench-${round}`;
    const stop = new AbortController();
    const arrived = await Promise.all(rig.servers.map((server) => arrival(server, mark, stop.signal)));
    const branch = await stage(rig.fleet, mark);
    const start = performance.now();
    await branch.publish();
    const times = await Promise.all(arrived.map((each) => each.at));
    samples.push(Math.max(...times) - start);
    floor.push(await bareApply(rig.servers));
    stop.abort();
    await settled(rig.fleet);
  }
  const against = { name: 'bare apply of one object in 3 clusters', samples: floor };
  return figuresOf('fleet', { figure: 'commit to applied in 3 clusters', unit: 'ms', samples, against });
}

async function arrival(
  server: ApiServer,
  mark: string,
  signal: AbortSignal,
): Promise<{ at: Promise<number> }> {
  let resolve: (at: number) => void = () => undefined;
  const at = new Promise<number>((done) => (resolve = done));
  const path = '/api/v1/namespaces/monitoring/configmaps?watch=1&fieldSelector=metadata.name%3Dbench';
  const seen = (object: unknown) => {
    if ((object as { data: { mark: string } }).data.mark === mark) resolve(performance.now());
  };
  await watchObjects(server, path, seen, signal);
  return { at };
}

/** A commit that gives one object of the clusters a mark. */
function stage(fleet: Fleet, mark: string): Promise<StagedCommit> {
  return stageCommit(fleet, mark, (clone) => {
    const base = join(clone, 'applications/monitoring/base');
    if (!existsSync(join(base, 'bench.yaml')))
      edit(join(base, 'kustomization.yaml'), 'resources:\n', 'resources:\n  - bench.yaml\n');
    writeFileSync(join(base, 'bench.yaml'), configMap(mark));
  });
}

function configMap(mark: string): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: bench\ndata:\n  mark: ${mark}\n`;
}

/** The limit: one server-side apply of one object, sent to all clusters at once by a client that has decided already. */
async function bareApply(servers: readonly ApiServer[]): Promise<number> {
  const text = JSON.stringify({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'bench' },
    data: { at: String(performance.now()) },
  });
  const start = performance.now();
  const path = '/api/v1/namespaces/default/configmaps/bench?fieldManager=bench&force=true';
  await Promise.all(
    servers.map((server) => send(server, 'PATCH', path, { type: 'application/apply-patch+yaml', text })),
  );
  return performance.now() - start;
}

/** From sending a hand-made change until the watch delivers the object as it was declared. */
async function driftToHealed(rig: Rig): Promise<readonly Figure[]> {
  const samples: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    rig.context.progress(`drift ${round + 1} of ${rounds}`);
    const server = rig.servers[round % rig.servers.length] ?? rig.servers[0];
    if (!server) throw new Error('the fleet has no cluster');
    const stop = new AbortController();
    let drifted = false;
    let heal: (at: number) => void = () => undefined;
    const healed = new Promise<number>((done) => (heal = done));
    const path =
      '/apis/apps/v1/namespaces/ml-platform/deployments?watch=1&fieldSelector=metadata.name%3Dmodel-registry-sync';
    const seen = (object: unknown) => {
      const { replicas } = (object as { spec: { replicas: number } }).spec;
      if (replicas === 5) drifted = true;
      else if (drifted) heal(performance.now());
    };
    await watchObjects(server, path, seen, stop.signal);
    const start = performance.now();
    await send(server, 'PATCH', `${deployment}?fieldManager=by-hand`, {
      type: 'application/merge-patch+json',
      text: '{"spec":{"replicas":5}}',
    });
    samples.push((await healed) - start);
    stop.abort();
    // A round longer than the window in which repeated drift of one object counts as a fight.
    await pause(rig.context.signal, 5_000);
  }
  return figuresOf('fleet', { figure: 'drift to healed', unit: 'ms', samples });
}

/**
 * From kill -9 of the leader until the other hub has claimed, and until a commit that came right after the kill is live
 * in all clusters. The second is an upper bound of the time to the next decision: it has the fetch and the applies in it.
 */
async function leaderKill(rig: Rig): Promise<readonly Figure[]> {
  const claims: number[] = [];
  const lives: number[] = [];
  for (let round = 0; round < kills; round += 1) {
    rig.context.progress(`leader kill ${round + 1} of ${kills}`);
    const { hub } = await rig.fleet.api<FleetView>('/v1/fleet');
    if (hub.leader === null) throw new Error('the fleet has no leader');
    const mark = `kill-${round}`;
    const stop = new AbortController();
    const arrived = await Promise.all(rig.servers.map((server) => arrival(server, mark, stop.signal)));
    const branch = await stage(rig.fleet, mark);
    const start = performance.now();
    process.kill(rig.fleet.pid(hub.leader), 'SIGKILL');
    await branch.move();
    const [claimed, ...times] = await Promise.all([laterTerm(rig, hub.term), ...arrived.map(({ at }) => at)]);
    claims.push(claimed - start);
    lives.push(Math.max(...times) - start);
    stop.abort();
    await settled(rig.fleet);
  }
  return [
    ...figuresOf('fleet', { figure: 'leader kill to next claim', unit: 'ms', samples: claims }),
    ...figuresOf('fleet', { figure: 'leader kill to the next commit live', unit: 'ms', samples: lives }),
  ];
}

/** When a leader of a later term was seen. */
function laterTerm(rig: Rig, term: number): Promise<number> {
  return until(
    'another leader',
    async () => {
      const { hub } = await rig.fleet.api<FleetView>('/v1/fleet');
      return hub.term > term ? performance.now() : undefined;
    },
    60_000,
  );
}

/** Resident memory of the running processes, as the kernel counts it. */
function memory(rig: Rig): readonly Figure[] {
  return ['hub', 'agent'].map((kind) => {
    const sizes = rig.fleet.file.processes
      .filter((process) => process.name.startsWith(`${kind}-`))
      .map(({ pid }) => residentMb(pid));
    return {
      bench: 'fleet',
      figure: `${kind} RSS max`,
      value: rounded(percentile(sizes, 1)),
      unit: 'MB',
      n: sizes.length,
    };
  });
}

function pause(signal: AbortSignal, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
