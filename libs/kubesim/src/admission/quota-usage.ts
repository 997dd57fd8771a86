import { isObject, itemsAt, objectAt, textAt } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { addAmounts, amountsOf, one } from './amounts.ts';
import type { Amounts } from './amounts.ts';

/** What quotas count of objects of one resource. */
export interface QuotaCount {
  /** Whether changes of an object are counted too, and not only that it is there. */
  readonly countsChanges: boolean;
  usage(object: KubeObject): Amounts;
}

const plain = ['configmaps', 'resourcequotas', 'replicationcontrollers', 'secrets'];

/** How quotas count objects of a group resource (pkg/quota/v1/evaluator/core of k8s.io/kubernetes). */
export function quotaCountOf(groupResource: string): QuotaCount {
  const counted = known[groupResource];
  if (counted !== undefined) return counted;
  const names = [`count/${groupResource}`, ...(plain.includes(groupResource) ? [groupResource] : [])];
  return { countsChanges: false, usage: () => new Map(names.map((name) => [name, one])) };
}

const known: Readonly<Record<string, QuotaCount>> = {
  pods: { countsChanges: false, usage: podUsage },
  services: { countsChanges: true, usage: serviceUsage },
  persistentvolumeclaims: { countsChanges: true, usage: claimUsage },
};

function podUsage(pod: KubeObject): Amounts {
  const usage = new Map([['count/pods', one]]);
  if (['Failed', 'Succeeded'].includes(textAt(pod, 'status', 'phase') ?? '')) return usage;
  usage.set('pods', one);
  for (const field of ['requests', 'limits']) {
    for (const [name, amount] of podTotal(pod, field)) {
      usage.set(`${field}.${name}`, amount);
      if (field === 'requests' && ownNames.includes(name)) usage.set(name, amount);
    }
  }
  return usage;
}

const ownNames = ['cpu', 'memory', 'ephemeral-storage'];

/** What a pod asks for (`requests`) or may have (`limits`): the sum of its containers, at least the most of its init containers. */
export function podTotal(pod: KubeObject, field: string): Map<string, bigint> {
  const of = (container: Json) => amountsOf(objectAt(container, 'resources', field));
  const total = new Map<string, bigint>();
  const beside = new Map<string, bigint>();
  const most = new Map<string, bigint>();
  for (const container of itemsAt(pod, 'spec', 'containers')) addAmounts(total, of(container));
  for (const container of itemsAt(pod, 'spec', 'initContainers')) {
    const stays = textAt(container, 'restartPolicy') === 'Always';
    const now = new Map(beside);
    addAmounts(now, of(container));
    raise(most, now);
    if (stays) addAmounts(beside, of(container));
  }
  addAmounts(total, beside);
  raise(total, most);
  for (const [name, amount] of amountsOf(objectAt(pod, 'spec', 'overhead'))) {
    if (field === 'requests' || total.has(name)) total.set(name, (total.get(name) ?? 0n) + amount);
  }
  return total;
}

function raise(total: Map<string, bigint>, amounts: Amounts): void {
  for (const [name, amount] of amounts) if (amount > (total.get(name) ?? -1n)) total.set(name, amount);
}

function serviceUsage(service: KubeObject): Amounts {
  const type = textAt(service, 'spec', 'type') ?? '';
  const ports = itemsAt(service, 'spec', 'ports').filter(isObject);
  return new Map([
    ['count/services', one],
    ['services', one],
    ['services.loadbalancers', type === 'LoadBalancer' ? one : 0n],
    ['services.nodeports', BigInt(nodePortCount(service, type, ports)) * one],
  ]);
}

function nodePortCount(service: KubeObject, type: string, ports: readonly JsonObject[]): number {
  if (type === 'NodePort') return ports.length;
  if (type !== 'LoadBalancer') return 0;
  const gets = objectAt(service, 'spec')?.['allocateLoadBalancerNodePorts'] !== false;
  return gets ? ports.length : ports.filter((port) => (port['nodePort'] ?? 0) !== 0).length;
}

function claimUsage(claim: KubeObject): Amounts {
  const usage = new Map([
    ['count/persistentvolumeclaims', one],
    ['persistentvolumeclaims', one],
  ]);
  const asked = amountsOf(objectAt(claim, 'spec', 'resources', 'requests')).get('storage');
  const name = textAt(claim, 'spec', 'storageClassName') ?? '';
  const ofClass = `${name}.storageclass.storage.k8s.io`;
  if (name !== '') usage.set(`${ofClass}/persistentvolumeclaims`, one);
  if (asked === undefined) return usage;
  usage.set('requests.storage', asked);
  if (name !== '') usage.set(`${ofClass}/requests.storage`, asked);
  return usage;
}
