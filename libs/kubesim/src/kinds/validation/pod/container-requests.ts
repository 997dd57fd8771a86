import { canonicalQuantity } from '@meridian/cel';
import type { JsonObject } from '../../../json.ts';
import { podRequests } from '../../../controllers/pod-requests.ts';

/** What the containers of a pod request together, in billionths by name: not what the pod requests as a whole. */
export function requestsOfContainers(spec: JsonObject): ReadonlyMap<string, bigint> {
  const { overhead: _, ...rest } = spec;
  const sum = new Map(podRequests({ apiVersion: 'v1', kind: 'Pod', metadata: {}, spec: rest }));
  // The place that a pod takes on its node is no request of a container.
  sum.delete('pods');
  return sum;
}

/** A sum of amounts as the API writes it: memory in powers of two, everything else in powers of ten. */
export function sumText(name: string, nano: bigint): string {
  const isBytes = name === 'memory' || name.startsWith('hugepages-');
  return canonicalQuantity({ nano, family: isBytes ? 'binary' : 'decimal' });
}
