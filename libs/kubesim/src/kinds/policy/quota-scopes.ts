import { memberOf } from '../../json.ts';

const ofPods = ['pods'];
const ofWork = [...ofPods, 'cpu', 'memory', 'limits.cpu', 'limits.memory', 'requests.cpu', 'requests.memory'];
const ofClaims = ['persistentvolumeclaims', 'requests.storage'];

const byScope: Readonly<Record<string, readonly string[]>> = {
  Terminating: ofWork,
  NotTerminating: ofWork,
  NotBestEffort: ofWork,
  PriorityClass: ofWork,
  CrossNamespacePodAffinity: ofWork,
  BestEffort: ofPods,
  VolumeAttributesClass: ofClaims,
};

/** Whether objects of a scope can use a resource that quotas know. */
export function scopeFits(scope: string, resource: string): boolean {
  return memberOf(byScope, scope)?.includes(resource) ?? true;
}
