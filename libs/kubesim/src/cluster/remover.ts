import { reviewOf, validated } from '../admission/admitted.ts';
import type { Asked, Reviewed } from '../admission/review.ts';
import { conflictError, notFoundError } from '../errors/api-error.ts';
import { draftOf } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { apiTime } from '../kube-object.ts';
import type { KubeObject } from '../kube-object.ts';
import type { KindRules } from '../kinds/kind-rules.ts';
import { metadataInOrder } from '../schema/go-order.ts';
import { groupResource } from '../schema/resource.ts';
import type { Resource } from '../schema/resource.ts';
import type { StoreKey } from '../store/store.ts';
import { storeKey } from './prepare.ts';
import type { ClusterParts } from './cluster-parts.ts';
import type { Target } from './target.ts';
import { commit, fromStorage } from './writer.ts';

/** How to delete, from the request's body and query. */
export interface RemoveOptions {
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly propagation?: 'Background' | 'Foreground' | 'Orphan';
  readonly gracePeriodSeconds?: number;
  readonly dryRun: boolean;
  /** Who asks; undefined for the cluster's own parts. */
  readonly asked?: Asked | undefined;
  /** Whether it is one of many: then webhooks are not told its name. */
  readonly ofCollection?: boolean;
  /** Whether webhooks have had their say in another form, as about evictions. */
  readonly isReviewed?: boolean;
  /** Takes what webhooks warn of. */
  readonly warn?: (warning: string) => void;
}

/** The finalizers by which deletion waits for dependents or lets them go (the garbage collector removes them). */
const collectorFinalizers = { Foreground: 'foregroundDeletion', Orphan: 'orphan' } as const;

/** Kinds whose deletion answers with the object instead of a Status. */
const returnsObject = new Set([
  'csidrivers.storage.k8s.io',
  'csinodes.storage.k8s.io',
  'deviceclasses.resource.k8s.io',
  'namespaces',
  'persistentvolumeclaims',
  'persistentvolumes',
  'pods',
  'podtemplates',
  'resourceclaims.resource.k8s.io',
  'resourceclaimtemplates.resource.k8s.io',
  'resourcequotas',
  'resourceslices.resource.k8s.io',
  'serviceaccounts',
  'services',
  'storageclasses.storage.k8s.io',
  'volumeattachments.storage.k8s.io',
]);

/** Deletes objects as the generic registry does: graces, finalizers and propagation included. */
export class Remover {
  readonly #parts: ClusterParts;

  constructor(parts: ClusterParts) {
    this.#parts = parts;
  }

  /** Deletes one object. @returns the body to answer with: the object that waits or went, or a Status. */
  remove(target: Target, options: RemoveOptions): JsonObject {
    return this.#parts.reviewer.passNow(this.#remove(target, options));
  }

  /** Deletes one object as `remove` does, and waits for webhooks; when it was changed meanwhile it looks again. */
  removeReviewed(target: Target, options: RemoveOptions): Promise<JsonObject> {
    return this.#parts.reviewer.pass(this.#remove(target, options));
  }

  /** Throws 404 when there is no such object, and 409 when it is not the one that is meant. */
  check({ resource, namespace, name }: Target, meant: Pick<RemoveOptions, 'uid' | 'resourceVersion'>): void {
    const stored = this.#parts.store.get(storeKey(resource, namespace, name));
    if (stored === undefined) throw notFoundError(resource, name);
    checkPreconditions(resource, stored, meant, this.#parts.registry.rulesOf(resource));
  }

  *#remove(target: Target, options: RemoveOptions): Reviewed<JsonObject> {
    const { resource, namespace, name } = target;
    const key = storeKey(resource, namespace, name);
    const rules = this.#parts.registry.rulesOf(resource);
    for (;;) {
      const stored = this.#parts.store.get(key);
      if (stored === undefined) throw notFoundError(resource, name);
      checkPreconditions(resource, stored, options, rules);
      const deleting = { key, stored, rules, options };
      if (!isGoing(deleting)) yield* reviewed(target, stored, options);
      if (this.#parts.store.get(key) === stored) return this.#gone(resource, deleting);
    }
  }

  #gone(resource: Resource, deleting: Deleting): JsonObject {
    const { key, stored, rules, options } = deleting;
    const left = this.#delete(deleting);
    const gone = this.#parts.store.get(key) === undefined;
    if (
      gone &&
      left.metadata.deletionTimestamp === undefined &&
      !returnsObject.has(groupResource(resource))
    ) {
      return deleted(resource, stored);
    }
    return options.dryRun && !returnsObject.has(groupResource(resource)) && left === stored
      ? deleted(resource, stored)
      : fromStorage(left, resource, rules);
  }

  /** @returns the object as it is left, or as it went. */
  #delete({ key, stored, rules, options }: Deleting): KubeObject {
    const draft = draftOf(stored);
    if (key.resource === 'namespaces') return this.#terminate(key, draft, { rules, options });
    if (rules.beginDeletion !== undefined && draft.metadata.deletionTimestamp === undefined) {
      rules.beginDeletion(draft, this.#parts.nowMs());
      return this.#keep(key, inOrder(draft, rules), options);
    }
    const grace = graceOf(stored, rules, options);
    const finalizers = withPropagation(stored, rules, options);
    if (grace === 0 && finalizers.length === 0) return this.#erase(key, stored, { rules, options });
    if (!this.#mark(draft, grace)) return stored;
    setFinalizers(draft, finalizers);
    return this.#keep(key, inOrder(draft, rules), options);
  }

  /** Stores an object that waits to go. */
  #keep(key: StoreKey, draft: KubeObject, options: RemoveOptions): KubeObject {
    return options.dryRun
      ? draft
      : commit(this.#parts.store, key, draft, draft.metadata.resourceVersion ?? '');
  }

  /** @returns the object as it went, at the revision of its going; that of a kind with graces is marked first. */
  #erase(
    key: StoreKey,
    stored: KubeObject,
    { rules, options }: Pick<Deleting, 'rules' | 'options'>,
  ): KubeObject {
    const gone = options.dryRun
      ? stored
      : commit(this.#parts.store, key, undefined, stored.metadata.resourceVersion ?? '');
    if (rules.graceSeconds === undefined && gone.metadata.deletionTimestamp === undefined) return gone;
    const marked = draftOf(gone);
    this.#mark(marked, 0);
    marked.metadata.deletionGracePeriodSeconds = 0;
    return inOrder(marked, rules);
  }

  /** A namespace stays, terminating, until the namespace controller finalizes it. */
  #terminate(
    key: StoreKey,
    draft: KubeObject,
    { rules, options }: Pick<Deleting, 'rules' | 'options'>,
  ): KubeObject {
    if (draft.metadata.deletionTimestamp !== undefined) return draft;
    draft.metadata.deletionTimestamp = apiTime(this.#parts.nowMs());
    draft['status'] = { phase: 'Terminating' };
    return this.#keep(key, inOrder(draft, rules), options);
  }

  /**
   * Writes when the object has to go. @returns whether that changed: a grace may get shorter, not longer. What was marked without
   * one, as definitions are, has none from the second time on.
   */
  #mark(draft: KubeObject, grace: number): boolean {
    const { metadata } = draft;
    const marked = metadata.deletionTimestamp !== undefined;
    if (marked && metadata.deletionGracePeriodSeconds === undefined) {
      metadata.deletionGracePeriodSeconds = 0;
      return true;
    }
    if (marked && grace >= (metadata.deletionGracePeriodSeconds ?? 0)) return false;
    if (!marked && (metadata.generation ?? 0) > 0) metadata.generation = (metadata.generation ?? 0) + 1;
    metadata.deletionTimestamp = apiTime(this.#parts.nowMs() + grace * 1_000);
    metadata.deletionGracePeriodSeconds = grace;
    return true;
  }
}

/** An object to whose metadata something was added. Those of custom kinds are sorted when they are shown. */
function inOrder(object: KubeObject, { custom }: KindRules): KubeObject {
  return custom === undefined ? { ...object, metadata: metadataInOrder(object.metadata) } : object;
}

interface Deleting {
  readonly key: StoreKey;
  readonly stored: KubeObject;
  readonly rules: KindRules;
  readonly options: RemoveOptions;
}

/** Whether the object waits to go already and is asked to go no sooner: then nobody is asked again. */
function isGoing({ stored, rules, options }: Deleting): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = stored.metadata;
  if (deletionTimestamp === undefined || rules.graceSeconds === undefined) return false;
  return graceOf(stored, rules, options) >= deletionGracePeriodSeconds;
}

/** Webhooks that change objects are asked about deletions too, although there is nothing to change. */
function* reviewed(target: Target, stored: KubeObject, options: RemoveOptions): Reviewed<void> {
  if (options.isReviewed === true) return;
  const told = options.ofCollection === true ? { ...target, name: '' } : target;
  const review = { ...reviewOf(told, options, stored), operation: 'DELETE' } as const;
  yield { ...review, phase: 'mutating', object: undefined, readmit: () => undefined };
  yield* validated(review, undefined);
}

/** Seconds that the object may take to go; a negative number asks for one. */
function graceOf(stored: KubeObject, rules: KindRules, { gracePeriodSeconds: asked }: RemoveOptions): number {
  return rules.graceSeconds?.(stored, asked !== undefined && asked < 0 ? 1 : asked) ?? 0;
}

function setFinalizers({ metadata }: KubeObject, finalizers: string[]): void {
  if (finalizers.length > 0) metadata.finalizers = finalizers;
  else delete metadata.finalizers;
}

function checkPreconditions(
  resource: Resource,
  stored: KubeObject,
  { uid, resourceVersion }: Pick<RemoveOptions, 'uid' | 'resourceVersion'>,
  rules: KindRules,
): void {
  const { metadata } = stored;
  const conditions = [
    ['UID', uid, metadata.uid ?? '', 'deleted and then recreated'],
    ['ResourceVersion', resourceVersion, metadata.resourceVersion ?? '', 'modified'],
  ] as const;
  for (const [what, given, found, why] of conditions) {
    if (given === undefined || given === found) continue;
    const name = metadata.name ?? '';
    // Definitions are deleted by code of their own, which says it in another way.
    if (rules.beginDeletion !== undefined) {
      const words = `Precondition failed: ${what} in precondition: ${given}, ${what} in object meta: ${found}`;
      throw conflictError(resource, name, words);
    }
    throw conflictError(
      { group: resource.group, name: resource.kind },
      name,
      `the ${what} in the precondition (${given}) does not match the ${what} in record (${found}). ` +
        `The object might have been ${why}`,
    );
  }
}

/** The finalizers that deletion leaves: those of the object, with the collector's one as the request or the kind says. */
function withPropagation(stored: KubeObject, rules: KindRules, options: RemoveOptions): string[] {
  const present = stored.metadata.finalizers ?? [];
  const others = present.filter(
    (finalizer) => !Object.values<string>(collectorFinalizers).includes(finalizer),
  );
  const kept = (['Foreground', 'Orphan'] as const).find((policy) =>
    present.includes(collectorFinalizers[policy]),
  );
  const policy = options.propagation ?? kept ?? rules.dependents ?? 'Background';
  return policy === 'Background' ? others : [...others, collectorFinalizers[policy]];
}

function deleted(resource: Resource, object: KubeObject): JsonObject {
  const { name = '', uid = '' } = object.metadata;
  const group = resource.group === '' ? {} : { group: resource.group };
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: { name, ...group, kind: resource.name, uid },
  };
}
