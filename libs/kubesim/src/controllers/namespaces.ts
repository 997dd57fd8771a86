import { isObject, itemsAt, objectAt } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import { groupResource } from '../schema/resource.ts';
import type { StoreEvent } from '../store/store.ts';
import { ClusterClient, refOf } from './cluster-client.ts';
import type { ClusterCore } from './cluster-client.ts';
import type { Controller } from './controller.ts';

/** How long after the last deletion the namespace is looked at again while something in it still waits to go. */
const againMs = 500;

/**
 * Empties a namespace that is being deleted and then lets it go (pkg/controller/namespace/deletion), and gives every other
 * one the service account and the certificate that pods expect.
 */
export class Namespaces implements Controller {
  readonly manager = 'kube-controller-manager';
  readonly #client: ClusterClient;
  readonly #caPem: string;

  /** @param caPem The certificate of the authority of the cluster, which every namespace gets as `kube-root-ca.crt`. */
  constructor(core: ClusterCore, caPem: string) {
    this.#client = new ClusterClient(core, this.manager);
    this.#caPem = caPem;
  }

  keysOf({ type, key }: StoreEvent): readonly string[] {
    if (key.resource === 'namespaces') return type === 'DELETED' ? [] : [key.name];
    const given = key.resource === 'serviceaccounts' || key.resource === 'configmaps';
    return given && type === 'DELETED' ? [key.namespace] : [];
  }

  reconcile(name: string): number | undefined {
    const namespace = this.#client.get({ resource: 'namespaces', namespace: '', name });
    if (namespace === undefined) return undefined;
    if (namespace.metadata.deletionTimestamp === undefined) return this.#equip(name);
    return this.#empty(name);
  }

  #equip(namespace: string): undefined {
    const account = { resource: 'serviceaccounts', namespace, name: 'default' };
    if (this.#client.get(account) === undefined) {
      const metadata = { name: account.name, namespace };
      this.#client.create(account.resource, { apiVersion: 'v1', kind: 'ServiceAccount', metadata });
    }
    const certificate = { resource: 'configmaps', namespace, name: 'kube-root-ca.crt' };
    if (this.#client.get(certificate) === undefined) {
      const annotations = { 'kubernetes.io/description': rootCaDescription };
      const metadata = { name: certificate.name, namespace, annotations };
      const data = { 'ca.crt': this.#caPem };
      this.#client.create(certificate.resource, { apiVersion: 'v1', kind: 'ConfigMap', metadata, data });
    }
    return undefined;
  }

  #empty(namespace: string): number | undefined {
    const left = new Map<string, number>();
    const finalizers = new Map<string, number>();
    for (const resource of this.#storedIn()) {
      for (const object of this.#client.list(resource, namespace)) {
        const ref = refOf(resource, object);
        if (object.metadata.deletionTimestamp === undefined)
          this.#client.remove(ref, { propagation: 'Background' });
        const waiting = this.#client.get(ref);
        if (waiting === undefined) continue;
        left.set(resource, (left.get(resource) ?? 0) + 1);
        for (const one of waiting.metadata.finalizers ?? [])
          finalizers.set(one, (finalizers.get(one) ?? 0) + 1);
      }
    }
    const ref = { resource: 'namespaces', namespace: '', name: namespace };
    if (left.size === 0) {
      this.#client.erase(ref);
      return undefined;
    }
    this.#client.force(ref, (live) => {
      const wanted = deletionConditions(left, finalizers, this.#client.now());
      const conditions = sinceWhen(wanted, itemsAt(live, 'status', 'conditions'));
      return { ...live, status: { ...objectAt(live, 'status'), conditions } };
    });
    return againMs;
  }

  /** Namespaced resources under the names by which they are stored, each once. */
  #storedIn(): ReadonlySet<string> {
    const namespaced = this.#client.registry.all().filter((resource) => resource.namespaced);
    return new Set(namespaced.map((resource) => groupResource(resource.storage)));
  }
}

const rootCaDescription =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.';

/** Conditions that are since when they became so: a time of their own in every pass would be a change, and so the next pass. */
function sinceWhen(wanted: readonly JsonObject[], before: readonly Json[]): Json[] {
  return wanted.map((condition) => {
    const old = before.filter(isObject).find(({ type }) => type === condition['type']);
    if (old === undefined || old['status'] !== condition['status']) return condition;
    return { ...condition, lastTransitionTime: old['lastTransitionTime'] };
  });
}

/** Counts by resource and group, the empty group of the core too, as the real controller writes them: `configmaps.`. */
function withGroups(counts: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  return new Map([...counts].map(([name, count]) => [name.includes('.') ? name : `${name}.`, count]));
}

/** What keeps a namespace from going, in the words of the real controller. */
function deletionConditions(
  left: ReadonlyMap<string, number>,
  finalizers: ReadonlyMap<string, number>,
  now: string,
): JsonObject[] {
  const listed = (counts: ReadonlyMap<string, number>, word: string) =>
    [...counts]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, count]) => `${name} ${word} ${String(count)} resource instances`)
      .join(', ');
  const condition = (type: string, bad: boolean, words: { reason: string; message: string }) => ({
    type,
    status: bad ? 'True' : 'False',
    lastTransitionTime: now,
    ...words,
  });
  return [
    condition('NamespaceDeletionDiscoveryFailure', false, {
      reason: 'ResourcesDiscovered',
      message: 'All resources successfully discovered',
    }),
    condition('NamespaceDeletionGroupVersionParsingFailure', false, {
      reason: 'ParsedGroupVersions',
      message: 'All legacy kube types successfully parsed',
    }),
    condition('NamespaceDeletionContentFailure', false, {
      reason: 'ContentDeleted',
      message: 'All content successfully deleted, may be waiting on finalization',
    }),
    condition('NamespaceContentRemaining', true, {
      reason: 'SomeResourcesRemain',
      message: `Some resources are remaining: ${listed(withGroups(left), 'has')}`,
    }),
    condition('NamespaceFinalizersRemaining', finalizers.size > 0, {
      reason: finalizers.size > 0 ? 'SomeFinalizersRemain' : 'ContentHasNoFinalizers',
      message:
        finalizers.size > 0
          ? `Some content in the namespace has finalizers remaining: ${listed(finalizers, 'in')}`
          : 'All content-preserving finalizers finished',
    }),
  ];
}
