import type { KubeObject } from '../../kube-object.ts';
import { add, podRequests } from '../pod-requests.ts';
import type { Amounts } from '../pod-requests.ts';
import { portMisfit } from './host-ports.ts';
import { nodeMisfit, shortages } from './node-fit.ts';
import type { Misfit } from './node-fit.ts';
import type { Placed, PlacedPods } from './placed-pods.ts';
import { companyMisfit, isSociable } from './pod-affinity.ts';
import { priorityOf } from './preemption.ts';
import { spreadMisfit } from './topology-spread.ts';

/** How a pod does on a node when some of the pods there are gone. */
export type Fit = (node: KubeObject, gone: ReadonlySet<Placed>) => Misfit | undefined;

/** Where a pod would be. */
export interface Surroundings {
  readonly nodes: readonly KubeObject[];
  readonly pods: PlacedPods;
  /** The labels of a namespace. */
  readonly labelsOf: (namespace: string) => Readonly<Record<string, string>>;
}

/** Judges nodes for a pod by all filters, with and without the pods that others of at least its priority are to be on them. */
export function fitOf(pod: KubeObject, { nodes, pods, labelsOf }: Surroundings): Fit {
  const requests = podRequests(pod);
  const byName = new Map(nodes.map((node) => [node.metadata.name ?? '', node]));
  const everyone = [...pods.all()];
  const rivals = pods.nominated().filter((one) => isRival(one.pod, pod));
  const isAlone = !isSociable(pod) && ![...everyone, ...rivals].some((one) => isSociable(one.pod));
  const judge = (node: KubeObject, gone: ReadonlySet<Placed>, coming: readonly Placed[]) => {
    const name = node.metadata.name ?? '';
    const there = [...pods.on(name).filter((one) => !gone.has(one)), ...coming];
    const used = gone.size === 0 && coming.length === 0 ? pods.usedOn(name) : usedBy(there);
    const alone = nodeMisfit(pod, node) ?? portMisfit(pod, there) ?? shortages(requests, used, node);
    if (alone !== undefined || isAlone) return alone;
    const placed = [...everyone.filter((one) => !gone.has(one)), ...coming];
    const around = { placed, nodes: byName, labelsOf };
    return spreadMisfit(pod, node, around) ?? companyMisfit(pod, node, around);
  };
  return (node, gone) => {
    const coming = rivals.filter((one) => one.node === node.metadata.name);
    const crowded = coming.length > 0 ? judge(node, gone, coming) : undefined;
    return crowded ?? judge(node, gone, []);
  };
}

function isRival(one: KubeObject, pod: KubeObject): boolean {
  return one.metadata.uid !== pod.metadata.uid && priorityOf(one) >= priorityOf(pod);
}

function usedBy(there: readonly Placed[]): Amounts {
  const total = new Map<string, bigint>();
  for (const { requests } of there) add(total, requests);
  return total;
}
