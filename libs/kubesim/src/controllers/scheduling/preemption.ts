import { numberAt, textAt } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import type { Misfit } from './node-fit.ts';
import type { Placed } from './placed-pods.ts';

/** A node, and the pods that would have to leave it. */
export interface Candidate {
  readonly node: string;
  readonly victims: readonly Placed[];
}

/** How a pod would do on a node without some of the pods that are there. */
export type FitWithout = (node: string, gone: ReadonlySet<Placed>) => Misfit | undefined;

/** The priority of a pod. */
export function priorityOf(pod: KubeObject): number {
  return numberAt(pod, 'spec', 'priority') ?? 0;
}

/** Whether a pod may take the place of others. */
export function mayPreempt(pod: KubeObject): boolean {
  return textAt(pod, 'spec', 'preemptionPolicy') !== 'Never';
}

/**
 * The pods that would have to leave a node for another (plugins/defaultpreemption SelectVictimsOnNode): of lower priority, and
 * as few of the more important ones as will do.
 * @returns why leaving would not help instead.
 */
export function victimsOn(
  pod: KubeObject,
  { node, there }: { readonly node: string; readonly there: readonly Placed[] },
  fits: FitWithout,
): Candidate | Misfit {
  const lower = there.filter((one) => priorityOf(one.pod) < priorityOf(pod));
  if (lower.length === 0) {
    return { reasons: ['No preemption victims found for incoming pod'], resolvable: false };
  }
  const gone = new Set(lower);
  const misfit = fits(node, gone);
  if (misfit !== undefined) return misfit;
  for (const one of lower.sort(mostImportantFirst)) {
    gone.delete(one);
    if (fits(node, gone) !== undefined) gone.add(one);
  }
  return { node, victims: [...gone] };
}

/** The candidate whose victims matter least: by the highest priority, the sum of them, and the number. */
export function leastHarm(candidates: readonly Candidate[]): Candidate | undefined {
  const highest = ({ victims }: Candidate) => Math.max(...victims.map((one) => priorityOf(one.pod)));
  const sum = ({ victims }: Candidate) => victims.reduce((all, one) => all + priorityOf(one.pod), 0);
  const youngest = ({ victims }: Candidate) => Math.max(...victims.map(startedMs));
  return [...candidates].sort(
    (a, b) =>
      highest(a) - highest(b) ||
      sum(a) - sum(b) ||
      a.victims.length - b.victims.length ||
      youngest(b) - youngest(a),
  )[0];
}

function mostImportantFirst(a: Placed, b: Placed): number {
  return priorityOf(b.pod) - priorityOf(a.pod) || startedMs(a) - startedMs(b);
}

function startedMs({ pod }: Placed): number {
  return Date.parse(textAt(pod, 'status', 'startTime') ?? '') || 0;
}
