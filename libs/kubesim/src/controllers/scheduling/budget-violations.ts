import { numberAt, objectAt } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { takesLabels } from '../selecting.ts';
import type { Placed } from './placed-pods.ts';

/**
 * Which of some pods, the most important first, could not all go without violating a disruption budget
 * (plugins/defaultpreemption filterPodsWithPDBViolation).
 */
export function violating(victims: readonly Placed[], budgets: readonly KubeObject[]): ReadonlySet<Placed> {
  const left = new Map(budgets.map((one) => [one, numberAt(one, 'status', 'disruptionsAllowed') ?? 0]));
  const found = new Set<Placed>();
  for (const victim of victims) {
    for (const budget of budgets) {
      if (!protects(budget, victim.pod)) continue;
      const allowed = (left.get(budget) ?? 0) - 1;
      left.set(budget, allowed);
      if (allowed < 0) found.add(victim);
    }
  }
  return found;
}

/** Whether a budget counts a pod: an empty selector takes none here, nor does one that the eviction of the pod was taken from. */
function protects(budget: KubeObject, pod: KubeObject): boolean {
  const { name = '', namespace, labels = {} } = pod.metadata;
  if (budget.metadata.namespace !== namespace || Object.keys(labels).length === 0) return false;
  if (Object.hasOwn(objectAt(budget, 'status', 'disruptedPods') ?? {}, name)) return false;
  const selector = objectAt(budget, 'spec', 'selector') ?? {};
  return Object.keys(selector).length > 0 && takesLabels(selector, labels);
}
