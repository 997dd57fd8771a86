import { parseQuantity } from '@meridian/cel';
import { isObject, itemsAt, objectAt } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';

/** Amounts of resources in billionths, by name. */
export type Amounts = ReadonlyMap<string, bigint>;

/**
 * What a pod asks of its node (k8s.io/component-helpers/resource PodRequests): the sum of its containers and sidecars, at least
 * what each of its init containers needs beside the sidecars before it, and its overhead; and one of `pods`.
 */
export function podRequests(pod: KubeObject): Amounts {
  const total = new Map<string, bigint>();
  for (const container of containersOf(pod, 'containers')) add(total, requestsOf(container));
  const sidecars = new Map<string, bigint>();
  const most = new Map<string, bigint>();
  for (const container of containersOf(pod, 'initContainers')) {
    const requests = requestsOf(container);
    if (container['restartPolicy'] === 'Always') {
      add(sidecars, requests);
      raise(most, sidecars);
    } else {
      const beside = new Map(sidecars);
      add(beside, requests);
      raise(most, beside);
    }
  }
  add(total, sidecars);
  raise(total, most);
  add(total, amountsOf(objectAt(pod, 'spec', 'overhead')));
  total.set('pods', one);
  return total;
}

/** One whole in billionths. */
export const one = 1_000_000_000n;

/** The amounts of a resource list; what is no quantity is left out. */
export function amountsOf(list: Json | undefined): Map<string, bigint> {
  const amounts = new Map<string, bigint>();
  for (const [name, value] of Object.entries(isObject(list) ? list : {})) {
    const quantity = parseQuantity(
      typeof value === 'number' ? String(value) : typeof value === 'string' ? value : '',
    );
    if (quantity !== undefined) amounts.set(name, quantity.nano);
  }
  return amounts;
}

/** Adds amounts to others, in place. */
export function add(total: Map<string, bigint>, amounts: Amounts, sign: 1n | -1n = 1n): void {
  for (const [name, amount] of amounts) total.set(name, (total.get(name) ?? 0n) + sign * amount);
}

function raise(total: Map<string, bigint>, amounts: Amounts): void {
  for (const [name, amount] of amounts) if (amount > (total.get(name) ?? 0n)) total.set(name, amount);
}

function containersOf(pod: KubeObject, field: string): JsonObject[] {
  return itemsAt(pod, 'spec', field).filter(isObject);
}

/** What a container asks for; a limit alone is a request too. */
function requestsOf(container: JsonObject): Amounts {
  return amountsOf({
    ...objectAt(container, 'resources', 'limits'),
    ...objectAt(container, 'resources', 'requests'),
  });
}
