import { createNodes, gpuNodes, waitForNodes } from '@meridian/testkit';
import type { ApiServerAccess, SimulatedNode } from '@meridian/testkit';
import type { PlannedCluster } from './plan.ts';

/** Gives a new cluster its nodes and returns when they take pods. */
export async function addNodes(
  access: ApiServerAccess,
  cluster: PlannedCluster,
  signal: AbortSignal,
): Promise<void> {
  const nodes = nodesOf(cluster);
  await createNodes(access, nodes);
  await waitForNodes(access, nodes, AbortSignal.any([signal, AbortSignal.timeout(60_000)]));
}

/** Two machines with eight GPUs each, but one in us-west-2, as in the example fleet. */
function nodesOf({ name, region }: PlannedCluster): SimulatedNode[] {
  return gpuNodes(name, region === 'us-west-2' ? 1 : 2).map((node) => ({
    ...node,
    labels: {
      ...node.labels,
      'topology.kubernetes.io/region': region,
      'topology.kubernetes.io/zone': `${region}a`,
    },
  }));
}
