import { at, conditionOf, conditionsOf, says, textAt } from './read.ts';
import { degraded, healthy, progressing } from './verdict.ts';
import type { Condition } from './read.ts';
import type { Verdict } from './verdict.ts';

/** Service: kstatus. A load balancer counts once it has a cluster IP; whether an address arrives depends on the cloud. */
export function judgeService(object: unknown): Verdict {
  if (textAt(object, 'spec', 'type') === 'LoadBalancer' && textAt(object, 'spec', 'clusterIP') === '') {
    return progressing('the service has no cluster IP yet');
  }
  return healthy('the service is accepted');
}

/** PersistentVolumeClaim: kstatus, but a claim that lost its volume is Degraded. */
export function judgePersistentVolumeClaim(object: unknown): Verdict {
  const phase = textAt(object, 'status', 'phase');
  if (phase === 'Bound') return healthy('the claim is bound');
  return phase === 'Lost' ? degraded('the claim lost its volume') : progressing('the claim is not bound yet');
}

/** PodDisruptionBudget: accepted is enough, unless its controller cannot work with it. */
export function judgePodDisruptionBudget(object: unknown): Verdict {
  const allowed = conditionOf(object, 'DisruptionAllowed');
  return allowed?.reason === 'SyncFailed'
    ? degraded(`the budget cannot be kept: ${says(allowed)}`)
    : healthy('the budget is accepted');
}

/** Namespace: there unless it is terminating. */
export function judgeNamespace(object: unknown): Verdict {
  return textAt(object, 'status', 'phase') === 'Terminating'
    ? progressing('the namespace is being deleted')
    : healthy('the namespace is active');
}

/** CustomResourceDefinition: kstatus. */
export function judgeCustomResourceDefinition(object: unknown): Verdict {
  for (const condition of conditionsOf(object)) {
    const verdict = judgeCrdCondition(condition);
    if (verdict) return verdict;
  }
  return progressing('the resource definition is being installed');
}

function judgeCrdCondition(condition: Condition): Verdict | undefined {
  if (condition.type === 'NamesAccepted' && condition.status === 'False')
    return degraded(`its names are refused: ${says(condition)}`);
  if (condition.type !== 'Established') return undefined;
  if (condition.status === 'True') return healthy('the resource definition is established');
  return condition.reason === 'Installing'
    ? undefined
    : degraded(`the resource definition is not established: ${says(condition)}`);
}

/** Ingress: accepted is enough; an address needs a controller that this object does not name as required. */
export function judgeIngress(): Verdict {
  return healthy('the ingress is accepted');
}

/** Any other kind by its conditions: Ready, else Available (as APIService has it), else accepted is enough. */
export function judgeByConditions(object: unknown): Verdict {
  const ready = conditionOf(object, 'Ready');
  if (ready)
    return ready.status === 'True'
      ? healthy('the object is ready')
      : progressing(`not ready: ${says(ready)}`);
  const available = at(object, 'kind') === 'APIService' ? conditionOf(object, 'Available') : undefined;
  if (available && available.status !== 'True') return progressing(`not available: ${says(available)}`);
  return healthy('the object is accepted');
}
