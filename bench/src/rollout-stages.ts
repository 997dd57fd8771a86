import { figuresOf } from './figure.ts';
import type { Figure } from './figure.ts';
import type { BareStream } from './bare-stream.ts';
import { markedFiles, stagedApplication } from './rollout-files.ts';
import { publish } from './rollout-rig.ts';
import type { RolloutRig } from './rollout-rig.ts';
import { rolloutIn } from './rollout-watch.ts';

/** When the whole fleet has moved: the ledger's time of the state that says so. */
export async function completedAtMs(rig: RolloutRig, application: string, commit: string): Promise<number> {
  return rig.watch.next(`${application} completed at ${commit}`, (message) => {
    const state = rolloutIn(message, application);
    if (state?.target.release.revision !== commit) return undefined;
    if (state.phase === 'halted') throw new Error(state.reason);
    return state.phase === 'completed' ? message.atMs : undefined;
  });
}

/**
 * A commit through three stages, half of each at once: from moving the branch until the ledger says that every cluster has
 * reported health at the new release. The limit is publishing as many messages of the same sizes to a bare stream.
 */
export async function stagesFigures(
  rig: RolloutRig,
  bare: BareStream,
  rounds: number,
): Promise<readonly Figure[]> {
  const samples: number[] = [];
  const limit: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    rig.context.progress(`stages: commit ${round + 1} of ${rounds}`);
    const commit = await rig.repo.stage(markedFiles(stagedApplication, `stages-${round}`));
    const before = rig.watch.sequence();
    const completed = completedAtMs(rig, stagedApplication, commit);
    const startMs = await publish(rig, commit);
    samples.push((await completed) - startMs);
    // Each cluster says at least once that it is healthy, in about as many bytes as its assignment has.
    const written = rig.watch.sizesAfter(before);
    limit.push(await bare.publishAll([...written, ...rig.clusters.map(() => 1_000)], rig.context.signal));
  }
  return figuresOf('rollout', {
    figure: `commit to healthy in ${rig.clusters.length} light clusters, stages of 20, 30 and 50 %`,
    unit: 'ms',
    samples,
    statistics: ['p50', 'p90', 'max'],
    against: { name: 'bare publish of the same messages', samples: limit },
    published: { by: 'KubeFleet, its p90 with 100 clusters', statistic: 'p90', value: 96_000 },
  });
}
