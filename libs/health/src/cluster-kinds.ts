import { conditionOf, says, textAt } from './read.ts';
import { degraded, healthy, progressing } from './verdict.ts';
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

/** Namespace: there unless it is terminating. */
export function judgeNamespace(object: unknown): Verdict {
  return textAt(object, 'status', 'phase') === 'Terminating'
    ? progressing('the namespace is being deleted')
    : healthy('the namespace is active');
}

/** Ingress: accepted is enough; an address needs a controller that this object does not name as required. */
export function judgeIngress(): Verdict {
  return healthy('the ingress is accepted');
}

/** APIService: Available, which its aggregator tells once it has looked. */
export function judgeApiService(object: unknown): Verdict {
  const available = conditionOf(object, 'Available');
  if (available?.status === 'True') return healthy('the API is available');
  return progressing(
    available ? `not available: ${says(available)}` : 'it is not told whether the API is available',
  );
}

/** A kind without a rule by its conditions: Ready, else accepted is enough. */
export function judgeByConditions(object: unknown): Verdict {
  const ready = conditionOf(object, 'Ready');
  if (!ready) return healthy('the object is accepted');
  return ready.status === 'True' ? healthy('the object is ready') : progressing(`not ready: ${says(ready)}`);
}
