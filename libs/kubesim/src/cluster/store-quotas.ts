import type { KubeObject } from '../kube-object.ts';
import type { ClusterParts } from './cluster-parts.ts';
import type { Target } from './target.ts';

/** Records who owns the fields of an object that is written. */
type Own = (target: Target, updated: KubeObject, live: KubeObject | undefined) => KubeObject;

/** Stores quotas with what is used of them now, at once after they were read. */
export function storeQuotas(
  { store, registry }: ClusterParts,
  quotas: readonly KubeObject[],
  own: Own,
): void {
  const resource = registry.findStored('resourcequotas');
  if (resource === undefined) return;
  for (const quota of quotas) {
    const { namespace = '', name = '', resourceVersion = '' } = quota.metadata;
    const key = { resource: 'resourcequotas', namespace, name };
    const owned = own({ resource, namespace, name, subresource: 'status' }, quota, store.get(key));
    store.commit(key, owned, resourceVersion);
  }
}
