import { isObject, itemsAt, textAt } from '../json.ts';
import type { JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import type { StoreEvent, StoreKey } from '../store/store.ts';

/** One owner of an object, as its metadata names it. */
export interface Owner {
  readonly uid: string;
  /** Whether the owner may not go before the object when it is deleted in the foreground. */
  readonly blocks: boolean;
  readonly reference: JsonObject;
}

/** The owners that an object names. */
export function ownersOf(object: KubeObject): Owner[] {
  return itemsAt(object, 'metadata', 'ownerReferences')
    .filter(isObject)
    .map((reference) => ({
      uid: textAt(reference, 'uid') ?? '',
      blocks: reference['blockOwnerDeletion'] === true,
      reference,
    }));
}

/** Resources whose objects a workload may adopt when nobody controls them. */
const adoptable: ReadonlySet<string> = new Set(['pods', 'replicasets.apps', 'controllerrevisions.apps']);

/** Where every object is and who belongs to whom, by UID, kept by the changes of a store. */
export class OwnerIndex {
  readonly #objects = new Map<string, StoreKey>();
  readonly #dependents = new Map<string, Set<string>>();
  /** Objects that nobody controls, by resource and namespace. */
  readonly #orphans = new Map<string, Set<string>>();

  /** Notes a change. */
  note({ type, key, object, previous }: StoreEvent): void {
    const uid = object.metadata.uid ?? '';
    if (previous !== undefined) this.#unlink(uid, previous);
    if (adoptable.has(key.resource)) this.#noteOrphan(key, uid, type !== 'DELETED' && !isControlled(object));
    if (type === 'DELETED') {
      this.#objects.delete(uid);
      return;
    }
    this.#objects.set(uid, key);
    for (const { uid: owner } of ownersOf(object)) this.#link(uid, owner);
  }

  /** Where the object of a UID is, undefined when it is gone. */
  find(uid: string): StoreKey | undefined {
    return this.#objects.get(uid);
  }

  /** UIDs of the objects that name an owner. */
  dependentsOf(uid: string): readonly string[] {
    return [...(this.#dependents.get(uid) ?? [])];
  }

  /** UIDs of the objects of an adoptable resource that nobody controls. */
  orphansOf(resource: string, namespace: string): readonly string[] {
    return [...(this.#orphans.get(`${resource} ${namespace}`) ?? [])];
  }

  #noteOrphan({ resource, namespace }: StoreKey, uid: string, isOrphan: boolean): void {
    const place = `${resource} ${namespace}`;
    const orphans = this.#orphans.get(place) ?? new Set();
    if (isOrphan) orphans.add(uid);
    else orphans.delete(uid);
    if (orphans.size > 0) this.#orphans.set(place, orphans);
    else this.#orphans.delete(place);
  }

  #link(uid: string, owner: string): void {
    const dependents = this.#dependents.get(owner) ?? new Set();
    dependents.add(uid);
    this.#dependents.set(owner, dependents);
  }

  #unlink(uid: string, object: KubeObject): void {
    for (const { uid: owner } of ownersOf(object)) {
      const dependents = this.#dependents.get(owner);
      dependents?.delete(uid);
      if (dependents?.size === 0) this.#dependents.delete(owner);
    }
  }
}

function isControlled(object: KubeObject): boolean {
  return ownersOf(object).some(({ reference }) => reference['controller'] === true);
}
