import { canonicalQuantity } from '@meridian/cel';
import { addAmounts } from '../admission/amounts.ts';
import { isInScope } from '../admission/quota-scope.ts';
import { quotaCountOf } from '../admission/quota-usage.ts';
import { jsonEqual, textAt, textsAt } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import type { StoreEvent } from '../store/store.ts';
import { ClusterClient } from './cluster-client.ts';
import type { ClusterCore } from './cluster-client.ts';
import { namespacedKey, splitKey } from './controller.ts';
import type { Controller } from './controller.ts';

const resource = 'resourcequotas';

/** Puts quotas in force, and counts again what is used when something went (pkg/controller/resourcequota). */
export class ResourceQuotas implements Controller {
  readonly manager = 'kube-controller-manager';
  readonly #client: ClusterClient;

  constructor(core: ClusterCore) {
    this.#client = new ClusterClient(core, this.manager);
  }

  keysOf(event: StoreEvent): readonly string[] {
    const { type, key, object, previous } = event;
    if (key.resource === resource && type !== 'DELETED') {
      const isNew = !jsonEqual(object['spec'], previous?.['spec']);
      return isNew ? [namespacedKey(key.namespace, key.name)] : [];
    }
    // What comes is counted as it is admitted.
    if (key.namespace === '' || !(type === 'DELETED' || isFreed(event))) return [];
    return this.#client
      .list(resource, key.namespace)
      .map(({ metadata: { name = '' } }) => namespacedKey(key.namespace, name));
  }

  reconcile(key: string): undefined {
    const ref = { resource, ...splitKey(key) };
    const quota = this.#client.get(ref);
    if (quota === undefined || quota.metadata.deletionTimestamp !== undefined) return;
    const hard = textsAt(quota, 'spec', 'hard');
    const status = { hard, used: this.#used(quota, Object.keys(hard)) };
    this.#client.change(ref, (draft) => void (draft['status'] = status), 'status');
  }

  #used(quota: KubeObject, names: readonly string[]): Record<string, string> {
    const counted = new Map<string, ReadonlyMap<string, bigint>>();
    const used: Record<string, string> = {};
    for (const name of names) {
      const of = countedBy(name);
      if (of === undefined || this.#client.registry.findStored(of) === undefined) continue;
      const amounts = counted.get(of) ?? this.#sum(quota, of);
      counted.set(of, amounts);
      const family = /memory|storage/.test(name) && !name.startsWith('count/') ? 'binary' : 'decimal';
      used[name] = canonicalQuantity({ nano: amounts.get(name) ?? 0n, family });
    }
    return used;
  }

  #sum(quota: KubeObject, of: string): ReadonlyMap<string, bigint> {
    const total = new Map<string, bigint>();
    for (const object of this.#client.list(of, quota.metadata.namespace)) {
      if (isInScope(quota, of, object)) addAmounts(total, quotaCountOf(of).usage(object));
    }
    return total;
  }
}

/** Whether a change leaves room in quotas without taking anything away: pods that ended, services and claims that want less. */
function isFreed({ type, key, object, previous }: StoreEvent): boolean {
  if (type !== 'MODIFIED') return false;
  if (key.resource === 'pods') return hasEnded(object) && !(previous !== undefined && hasEnded(previous));
  return quotaCountOf(key.resource).countsChanges && !jsonEqual(object['spec'], previous?.['spec']);
}

function hasEnded(pod: KubeObject): boolean {
  return ['Failed', 'Succeeded'].includes(textAt(pod, 'status', 'phase') ?? '');
}

/** The group resource whose objects are counted under a name of a quota, undefined when none are. */
function countedBy(name: string): string | undefined {
  if (name.startsWith('count/')) return name.slice('count/'.length);
  if (/^(persistentvolumeclaims|requests\.storage)$|\.storageclass\.storage\.k8s\.io\//.test(name)) {
    return 'persistentvolumeclaims';
  }
  if (/^services(\.|$)/.test(name)) return 'services';
  if (/^(pods|cpu|memory|ephemeral-storage)$|^(requests|limits)\./.test(name)) return 'pods';
  return /^(configmaps|resourcequotas|replicationcontrollers|secrets)$/.test(name) ? name : undefined;
}
