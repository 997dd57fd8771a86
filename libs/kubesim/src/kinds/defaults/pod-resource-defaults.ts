import { objectAt, textsAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import { requestsOfContainers, sumText } from '../validation/pod/container-requests.ts';

const supported = /^(cpu|memory|hugepages-.*)$/;

/**
 * What a pod that limits its resources as a whole requests as a whole: as much as its containers do together, or as much as its
 * limits (defaultPodRequests of pkg/apis/core/v1).
 */
export function wholeDefaults(spec: JsonObject): void {
  const resources = objectAt(spec, 'resources');
  const limits = textsAt(resources, 'limits');
  if (resources === undefined || Object.keys(limits).length === 0) return;
  const requests = textsAt(resources, 'requests');
  for (const [name, amount] of requestsOfContainers(spec)) {
    if (name === 'cpu' || name === 'memory') requests[name] ??= sumText(name, amount);
  }
  for (const [name, amount] of Object.entries(limits)) {
    if (supported.test(name)) requests[name] ??= amount;
  }
  resources['requests'] = requests;
}
