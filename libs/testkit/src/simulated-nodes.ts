import { systemClock } from '@meridian/runtime';
import { askApiServer } from './api-server-client.ts';
import type { ApiServerAccess } from './api-server-client.ts';

/** A node to create: its labels and what it can hold, for example `{ cpu: '64', memory: '512Gi', 'nvidia.com/gpu': '8' }`. */
export interface SimulatedNode {
  readonly name: string;
  readonly labels?: { readonly [key: string]: string };
  readonly capacity?: { readonly [resource: string]: string };
}

/** `count` equal GPU machines, `<cluster>-gpu-0` and on, eight accelerators each unless told. */
export function gpuNodes(cluster: string, count: number, gpus = 8): SimulatedNode[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `${cluster}-gpu-${index}`,
    labels: { 'node.kubernetes.io/instance-type': 'gpu.8xlarge', 'nvidia.com/gpu.present': 'true' },
    capacity: { 'nvidia.com/gpu': String(gpus) },
  }));
}

/** Creates the nodes that are not there yet. Throws with the server's answer when it refuses one. */
export async function createNodes(access: ApiServerAccess, nodes: readonly SimulatedNode[]): Promise<void> {
  for (const node of nodes) {
    const answer = await askApiServer(access, 'POST', '/api/v1/nodes', nodeObject(node));
    if (answer.status !== 201 && answer.status !== 409) {
      throw new Error(
        `node ${node.name} was refused with status ${answer.status}: ${answer.text.slice(0, 500)}`,
      );
    }
  }
}

/** Returns when every node takes pods. Throws when `signal` aborts. */
export async function waitForNodes(
  access: ApiServerAccess,
  nodes: readonly SimulatedNode[],
  signal: AbortSignal,
): Promise<void> {
  for (const node of nodes) {
    while (!(await takesPods(access, node.name))) {
      await systemClock.wait(100, signal);
      signal.throwIfAborted();
    }
  }
}

async function takesPods(access: ApiServerAccess, name: string): Promise<boolean> {
  const { status, text } = await askApiServer(access, 'GET', `/api/v1/nodes/${name}`);
  if (status !== 200) return false;
  const node = JSON.parse(text) as {
    spec?: { taints?: unknown[] };
    status?: { conditions?: { type: string; status: string }[] };
  };
  const ready = node.status?.conditions?.some(
    (condition) => condition.type === 'Ready' && condition.status === 'True',
  );
  return ready === true && (node.spec?.taints ?? []).length === 0;
}

function nodeObject(node: SimulatedNode): object {
  const capacity = { cpu: '64', memory: '512Gi', pods: '250', ...node.capacity };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: node.name,
      annotations: { 'kwok.x-k8s.io/node': 'fake' },
      labels: {
        'kubernetes.io/hostname': node.name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        'node-role.kubernetes.io/worker': '',
        ...node.labels,
      },
    },
    status: { capacity, allocatable: capacity },
  };
}
