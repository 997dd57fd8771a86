import { isObject, itemsAt, objectAt } from '../json.ts';
import type { JsonObject } from '../json.ts';

const counts = ['cpu', 'memory'];

/** How well the resources of a pod are guaranteed (pkg/apis/core/helper/qos). */
export function qosClassOf(spec: JsonObject): string {
  // What a pod says of its resources as a whole counts more than what its containers say.
  const whole = objectAt(spec, 'resources') === undefined ? undefined : [spec];
  const containers =
    whole ?? ['containers', 'initContainers'].flatMap((name) => itemsAt(spec, name).filter(isObject));
  if (!containers.some((one) => says(amounts(one, 'limits')) || says(amounts(one, 'requests')))) {
    return 'BestEffort';
  }
  return containers.every(isGuaranteed) ? 'Guaranteed' : 'Burstable';
}

function amounts(container: JsonObject, kind: string): JsonObject {
  return objectAt(container, 'resources', kind) ?? {};
}

function says(amount: JsonObject): boolean {
  return counts.some((name) => amount[name] !== undefined && amount[name] !== '0');
}

function isGuaranteed(container: JsonObject): boolean {
  const limits = amounts(container, 'limits');
  const requests = amounts(container, 'requests');
  return counts.every((name) => limits[name] !== undefined && limits[name] === requests[name]);
}
