import { itemsAt, textAt } from '../json.ts';
import { kindOf } from '../kube-object.ts';
import type { KubeObject } from '../kube-object.ts';
import type { StoreEvent } from '../store/store.ts';
import { ClusterClient } from './cluster-client.ts';
import type { ClusterCore, ObjectRef } from './cluster-client.ts';
import type { Controller } from './controller.ts';
import { ownersOf } from './owner-index.ts';
import type { Owner, OwnerIndex } from './owner-index.ts';

const foreground = 'foregroundDeletion';
const orphan = 'orphan';

/** An object and where it is. */
interface Found {
  readonly ref: ObjectRef;
  readonly object: KubeObject;
}

/**
 * Deletes objects whose owners are all gone, and lets owners go that were to be deleted after or without their dependents
 * (https://kubernetes.io/docs/concepts/architecture/garbage-collection/). A reference to a kind that is not served deletes
 * nothing: whether its owner is gone cannot be known.
 */
export class GarbageCollector implements Controller {
  readonly manager = 'kube-controller-manager';
  readonly #client: ClusterClient;
  readonly #index: OwnerIndex;

  /** @param index Knows every change before the collector hears of it. */
  constructor(core: ClusterCore, index: OwnerIndex) {
    this.#index = index;
    this.#client = new ClusterClient(core, this.manager);
  }

  keysOf(event: StoreEvent): readonly string[] {
    const { type, key, object, previous } = event;
    if (key.resource === 'events') return [];
    const uid = object.metadata.uid ?? '';
    const owners = ownersOf(previous ?? object).map((owner) => owner.uid);
    // Dependents may have lost their last owner, and owners may have waited for this dependent.
    if (type === 'DELETED') return [...this.#index.dependentsOf(uid), ...owners];
    return waitsFor(object) !== undefined || ownersOf(object).length > 0
      ? [uid, ...lost(owners, object)]
      : owners;
  }

  reconcile(uid: string): undefined {
    const found = this.#find(uid);
    if (found === undefined) return;
    const finalizer = waitsFor(found.object);
    if (finalizer === orphan) this.#letLoose(found, uid);
    else if (finalizer === foreground) this.#deleteDependents(found, uid);
    else if (found.object.metadata.deletionTimestamp === undefined) this.#collect(found);
  }

  #find(uid: string): Found | undefined {
    const ref = this.#index.find(uid);
    const object = ref && this.#client.get(ref);
    return ref === undefined || object?.metadata.uid !== uid ? undefined : { ref, object };
  }

  /** Deletes an object all of whose owners are gone, or go after it; forgets the owners that are gone otherwise. */
  #collect(found: Found): void {
    const owners = ownersOf(found.object);
    const left = owners.filter(({ uid }) => this.#index.find(uid) !== undefined);
    const gone = owners.filter((owner) => !left.includes(owner));
    if (owners.length === 0 || gone.some((owner) => !this.#isServed(owner))) return;
    if (left.length === 0) this.#remove(found);
    else if (left.every((owner) => this.#waitsForDependents(owner))) this.#remove(found, 'Foreground');
    else if (gone.length > 0) this.#forget(found.ref, new Set(gone.map(({ uid }) => uid)));
  }

  #remove({ ref, object }: Found, propagation?: 'Foreground'): void {
    const { uid = '' } = object.metadata;
    const needed = propagation !== undefined && this.#index.dependentsOf(uid).length > 0;
    this.#client.remove(ref, { uid, ...(needed ? { propagation } : {}) });
  }

  #letLoose({ ref }: Found, uid: string): void {
    for (const dependent of this.#index.dependentsOf(uid)) {
      const found = this.#find(dependent);
      if (found !== undefined) this.#forget(found.ref, new Set([uid]));
    }
    this.#release(ref, orphan);
  }

  #deleteDependents({ ref }: Found, uid: string): void {
    const dependents = this.#index.dependentsOf(uid).flatMap((dependent) => this.#find(dependent) ?? []);
    const blocks = ({ object }: Found) => ownersOf(object).some((owner) => owner.uid === uid && owner.blocks);
    if (!dependents.some(blocks)) {
      this.#release(ref, foreground);
      return;
    }
    for (const dependent of dependents) {
      if (dependent.object.metadata.deletionTimestamp === undefined) this.#collect(dependent);
    }
  }

  #release(ref: ObjectRef, finalizer: string): void {
    this.#client.change(ref, ({ metadata }) => {
      metadata.finalizers = (metadata.finalizers ?? []).filter((one) => one !== finalizer);
    });
  }

  /** Takes references to owners out of an object. */
  #forget(ref: ObjectRef, uids: ReadonlySet<string>): void {
    this.#client.change(ref, ({ metadata }) => {
      const kept = itemsAt(metadata, 'ownerReferences').filter((one) => !uids.has(textAt(one, 'uid') ?? ''));
      if (kept.length > 0) metadata['ownerReferences'] = [...kept];
      else delete metadata['ownerReferences'];
    });
  }

  #waitsForDependents({ uid, blocks }: Owner): boolean {
    const owner = this.#find(uid);
    return blocks && owner !== undefined && waitsFor(owner.object) === foreground;
  }

  #isServed({ reference }: Owner): boolean {
    const { group, kind } = kindOf(textAt(reference, 'apiVersion') ?? '', textAt(reference, 'kind') ?? '');
    return this.#client.registry.all().some((one) => one.kind === kind && one.group === group);
  }
}

/** The finalizer by which an object that is being deleted waits for the collector. */
function waitsFor({ metadata }: KubeObject): string | undefined {
  if (metadata.deletionTimestamp === undefined) return undefined;
  return metadata.finalizers?.find((finalizer) => finalizer === foreground || finalizer === orphan);
}

/** Owners of before that an object does not name any more. */
function lost(owners: readonly string[], object: KubeObject): string[] {
  const named = new Set(ownersOf(object).map(({ uid }) => uid));
  return owners.filter((owner) => !named.has(owner));
}
