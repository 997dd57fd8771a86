import { startBareStream } from '../bare-stream.ts';
import type { Bench, BenchContext } from '../bench.ts';
import type { Figure } from '../figure.ts';
import { guardedApplication, otherApplications, stagedApplication } from '../rollout-files.ts';
import { haltFigures } from '../rollout-halt.ts';
import { leaderFigures } from '../rollout-leader.ts';
import { restartFigures, whole } from '../rollout-restart.ts';
import { addApplications, allAttached, startRig } from '../rollout-rig.ts';
import { stagesFigures } from '../rollout-stages.ts';

/** How large the fleets are, and how often each thing is measured. */
export interface RolloutBenchSize {
  readonly clusters: number;
  readonly stages: number;
  readonly halts: number;
  readonly kills: number;
  readonly restart: { readonly clusters: number; readonly applications: number; readonly rounds: number };
}

const full: RolloutBenchSize = {
  clusters: 100,
  stages: 20,
  halts: 6,
  kills: 20,
  restart: { clusters: 1_000, applications: 20, rounds: 3 },
};

/** Real nats-server, redis-server, git and hubs over light agents: how fast rollouts go, stop, survive a leader and a restart. */
export const rolloutBench: Bench = {
  name: 'rollout',
  meaning:
    'a commit through three stages of 100 clusters, failure to halt and way back, leader kill to next decision, a hub restarted over 1,000 clusters x 20 applications',
  run: (context) => rolloutFigures(full, context),
};

/** The bench at any size. */
export async function rolloutFigures(
  size: RolloutBenchSize,
  context: BenchContext,
): Promise<readonly Figure[]> {
  return [...(await movingFigures(size, context)), ...(await startingFigures(size.restart, context))];
}

async function movingFigures(size: RolloutBenchSize, context: BenchContext): Promise<readonly Figure[]> {
  await using bare = await startBareStream();
  await using rig = await startRig({ clusters: size.clusters, hubs: 2 }, context);
  await allAttached(rig);
  await addApplications(rig, [stagedApplication]);
  const stages = await stagesFigures(rig, bare, size.stages);
  const kills = await leaderFigures(rig, size.kills);
  await addApplications(rig, [guardedApplication]);
  await whole(rig);
  return [...stages, ...(await haltFigures(rig, bare, size.halts)), ...kills];
}

async function startingFigures(
  size: RolloutBenchSize['restart'],
  context: BenchContext,
): Promise<readonly Figure[]> {
  await using rig = await startRig({ clusters: size.clusters, hubs: 1 }, context);
  await allAttached(rig);
  // One after the other: a thousand agents that get twenty applications at once keep one process too long from its heartbeats.
  for (const [at, name] of otherApplications(size.applications).entries()) {
    context.progress(`first rollout ${at + 1} of ${size.applications}`);
    await addApplications(rig, [name]);
  }
  await whole(rig);
  // Not without await: the fleet would be gone before it is measured.
  return await restartFigures(rig, size);
}
