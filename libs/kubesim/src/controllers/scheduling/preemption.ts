import { itemsAt, numberAt, textAt } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { violating } from './budget-violations.ts';
import type { Misfit } from './node-fit.ts';
import type { Placed } from './placed-pods.ts';

/** A node, and the pods that would have to leave it, the most important first. */
export interface Candidate {
  readonly node: string;
  readonly victims: readonly Placed[];
  /** How many of them a disruption budget would keep. */
  readonly violations: number;
}

/** The priority of a pod. */
export function priorityOf(pod: KubeObject): number {
  return numberAt(pod, 'spec', 'priority') ?? 0;
}

/** Why a pod may not take the place of others; undefined when it may. */
export function whyNotPreempt(pod: KubeObject, onNominated: readonly Placed[]): string | undefined {
  if (textAt(pod, 'spec', 'preemptionPolicy') === 'Never')
    return 'not eligible due to preemptionPolicy=Never.';
  const isLeaving = (one: Placed) => isLower(one, pod) && isPreempted(one.pod);
  return onNominated.some(isLeaving)
    ? 'not eligible due to a terminating pod on the nominated node.'
    : undefined;
}

/** A node where a pod may take the place of others. */
export interface Contested {
  readonly node: string;
  readonly there: readonly Placed[];
  readonly budgets: readonly KubeObject[];
  /** How the pod would do there without some of the others. */
  readonly fits: (gone: ReadonlySet<Placed>) => Misfit | undefined;
}

/**
 * The pods that would have to leave a node for another (plugins/defaultpreemption SelectVictimsOnNode): of lower priority, and
 * as few as will do of those that budgets keep first, then of the more important ones.
 * @returns why leaving would not help instead.
 */
export function victimsOn(pod: KubeObject, { node, there, budgets, fits }: Contested): Candidate | Misfit {
  const lower = there.filter((one) => isLower(one, pod)).sort(mostImportantFirst);
  if (lower.length === 0) {
    return { reasons: ['No preemption victims found for incoming pod'], resolvable: false };
  }
  const gone = new Set(lower);
  const misfit = fits(gone);
  if (misfit !== undefined) return misfit;
  const kept = violating(lower, budgets);
  let violations = 0;
  for (const one of [...kept, ...lower.filter((other) => !kept.has(other))]) {
    gone.delete(one);
    if (fits(gone) === undefined) continue;
    gone.add(one);
    if (kept.has(one)) violations += 1;
  }
  return { node, violations, victims: [...gone].sort(mostImportantFirst) };
}

/** What makes each pod count, so that more pods of negative priority are not thought less of than fewer. */
const eachPod = 2 ** 31;

/**
 * The candidate whose victims matter least: by the budgets they violate, the highest priority, the sum of them, their number, and
 * since when the most important ones run.
 */
export function leastHarm(candidates: readonly Candidate[]): Candidate | undefined {
  const highest = ({ victims }: Candidate) => Math.max(...victims.map((one) => priorityOf(one.pod)));
  const sum = ({ victims }: Candidate) =>
    victims.reduce((all, one) => all + priorityOf(one.pod) + eachPod, 0);
  const oldest = (one: Candidate) =>
    Math.min(...one.victims.filter(({ pod }) => priorityOf(pod) === highest(one)).map(startedMs));
  return [...candidates].sort(
    (a, b) =>
      a.violations - b.violations ||
      highest(a) - highest(b) ||
      sum(a) - sum(b) ||
      a.victims.length - b.victims.length ||
      oldest(b) - oldest(a),
  )[0];
}

function isLower(one: Placed, pod: KubeObject): boolean {
  return priorityOf(one.pod) < priorityOf(pod);
}

function isPreempted(pod: KubeObject): boolean {
  if (pod.metadata.deletionTimestamp === undefined) return false;
  const target = itemsAt(pod, 'status', 'conditions').find(
    (one) => textAt(one, 'type') === 'DisruptionTarget',
  );
  return textAt(target, 'status') === 'True' && textAt(target, 'reason') === 'PreemptionByScheduler';
}

function mostImportantFirst(a: Placed, b: Placed): number {
  return priorityOf(b.pod) - priorityOf(a.pod) || startedMs(a) - startedMs(b);
}

/** A pod that has not started counts as one that starts now. */
function startedMs({ pod }: Placed): number {
  return Date.parse(textAt(pod, 'status', 'startTime') ?? '') || Number.MAX_SAFE_INTEGER;
}
