import type { KubeObject } from '../kube-object.ts';

/** What names a stored object. */
export interface StoreKey {
  /** Group resource of the storage version: `deployments.apps`. */
  readonly resource: string;
  /** Empty for cluster-scoped objects. */
  readonly namespace: string;
  readonly name: string;
}

/** An object and where it is stored. */
export interface StoredObject {
  readonly key: StoreKey;
  readonly object: KubeObject;
}

/** One change. */
export interface StoreEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** The revision that the change made; for a deletion the object carries it too, as etcd3 storage does. */
  readonly revision: number;
  readonly key: StoreKey;
  readonly object: KubeObject;
  /** The object before the change. */
  readonly previous?: KubeObject;
}

/** Why the past cannot be read: it was compacted, or it lies in the future. */
export type PastRefusal = 'compacted' | 'future';

/**
 * All objects of one cluster with one counter of revisions, as etcd has. Synchronous: a caller that reads and then commits
 * without waiting in between cannot be overtaken. Objects are immutable once stored and carry their
 * `metadata.resourceVersion`.
 */
export interface Store {
  /** The latest revision; starts at 1 and never goes back. */
  readonly revision: number;
  /** Changes at or before this revision cannot be replayed. */
  readonly compactedRevision: number;
  get(key: StoreKey): KubeObject | undefined;
  /** Objects of a resource in key order (namespace, then name); all namespaces unless one is told. */
  list(resource: string, namespace?: string): readonly KubeObject[];
  /** The list as it was at a revision. */
  listAt(
    at: { readonly resource: string; readonly namespace?: string },
    revision: number,
  ): readonly KubeObject[] | PastRefusal;
  /**
   * Stores an object, or removes it when `object` is undefined, in one new revision, which is written into the object.
   * `expected` is the resourceVersion that must be the present one ('' for "must not exist").
   * @returns what changed, or `conflict` with nothing changed.
   */
  commit(key: StoreKey, object: KubeObject | undefined, expected: string): StoreEvent | 'conflict';
  /** Changes of a resource after a revision, oldest first. */
  changesSince(resource: string, revision: number): readonly StoreEvent[] | PastRefusal;
  /** Calls the listener within each commit, after it. @returns the way to stop. */
  subscribe(listener: (event: StoreEvent) => void): () => void;
  /** Forgets changes at or before a revision (capped at the present one). */
  compact(revision: number): void;
  /** Every object that is there. */
  everything(): readonly StoredObject[];
  /** Number of objects, for memory figures and tests. */
  count(): number;
  /** Waits until everything committed is on disk and closes; nothing to wait for when the store keeps no disk. */
  close(): Promise<void>;
}
