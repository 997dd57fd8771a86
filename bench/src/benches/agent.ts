import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fleet } from '@meridian/testkit';
import { applyFigures, manyFigures } from '../agent-applies.ts';
import { driftFigures } from '../agent-drift.ts';
import { relistFigures } from '../agent-relist.ts';
import type { AgentRig } from '../agent-rig.ts';
import type { Bench, BenchContext } from '../bench.ts';
import type { Figure } from '../figure.ts';
import { settled } from '../fleet-commits.ts';
import { apiServerOf } from '../kube-watch.ts';

/** One agent on a real API server, from commits to live objects, against kubectl and a client that only applies. */
export const agentBench: Bench = {
  name: 'agent',
  meaning:
    'first apply, nothing to do and one change of 1,000 objects, 100 applications at once, drift to healed, memory of the agent, a start over 10,000 objects',
  run,
};

async function run(context: BenchContext): Promise<readonly Figure[]> {
  const usual = await onFleet(context, async (rig) => [
    ...(await applyFigures(rig)),
    ...(await driftFigures(rig)),
    ...(await manyFigures(rig)),
  ]);
  // Its figures are those of 10,000 objects: an agent of its own holds none of the ones above.
  return [...usual, ...(await onFleet(context, relistFigures))];
}

/** Measures on a fleet of one real cluster of its own. */
async function onFleet(
  context: BenchContext,
  measure: (rig: AgentRig) => Promise<readonly Figure[]>,
): Promise<readonly Figure[]> {
  const data = mkdtempSync(join(tmpdir(), 'meridian-bench-'));
  const fleet = new Fleet(data);
  try {
    context.progress('starting a fleet of one cluster');
    const started = await Fleet.start(data, ['--kube', 'real', '--clusters', '1']);
    if (started.code !== 0) throw new Error(`the fleet did not start: ${started.stdout}${started.stderr}`);
    await settled(fleet);
    const [cluster] = fleet.file.clusters;
    if (!cluster) throw new Error('the fleet has no cluster');
    const { kubeconfig } = cluster;
    return await measure({ fleet, context, kubeconfig, server: apiServerOf(kubeconfig) });
  } finally {
    await fleet.reset();
    rmSync(data, { recursive: true, force: true });
  }
}
