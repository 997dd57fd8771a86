import type { Json, KubeObject } from '@meridian/manifests';
import type { Discovery } from './discovery.ts';

/** What names an object for a request: its version too, because the path has it. */
export interface KubeRef {
  readonly apiVersion: string;
  readonly kind: string;
  /** Needed for namespaced kinds, ignored for the others. */
  readonly namespace?: string;
  readonly name: string;
}

/** Objects of one kind, in all namespaces unless one is given. */
export interface KubeQuery {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Objects per page; 250 unless told, 0 for all in one answer. */
  readonly limit?: number;
}

/** A whole list and the version of the cluster that it shows, from which a watch goes on. */
export interface KubeList {
  readonly items: readonly KubeObject[];
  readonly resourceVersion: string;
}

/** How to write. */
export interface WriteOptions {
  readonly fieldManager: string;
  /** Ask for the outcome without changing anything. */
  readonly dryRun?: boolean;
  readonly signal: AbortSignal;
}

/** How to apply. */
export interface ApplyOptions extends WriteOptions {
  /** Take fields over from other managers; without it a conflict is thrown that lists them. */
  readonly force: boolean;
}

/** What must be true of an object for it to be removed, and what happens to its dependents. */
export interface RemoveOptions {
  readonly uid?: string;
  readonly resourceVersion?: string;
  /** Background unless told: dependents go after the object. */
  readonly propagation?: 'Background' | 'Foreground' | 'Orphan';
  readonly dryRun?: boolean;
  readonly signal: AbortSignal;
}

/** A watch goes on from a version of the list; `timeoutSeconds` is when the server ends it. */
export interface WatchQuery extends KubeQuery {
  readonly resourceVersion: string;
  readonly timeoutSeconds: number;
  /** Silence on the wire, in milliseconds, after which the connection counts as dead. */
  readonly idleTimeoutMs: number;
  readonly signal: AbortSignal;
}

/** One line of a watch. Bookmarks carry a version only; an ERROR line is thrown as a FaultError. */
export type KubeWatchEvent =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: KubeObject }
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string };

/** Version of an API server, as it says itself. */
export interface KubeVersion {
  /** For example `v1.36.4`. */
  readonly gitVersion: string;
  readonly major: string;
  readonly minor: string;
}

/**
 * One Kubernetes cluster. Everything rejects with FaultError (KubeStatusError when the server said why);
 * an aborted signal rejects with its reason.
 */
export interface Kube {
  /** Address of the API server. */
  readonly url: string;
  serverVersion(signal: AbortSignal): Promise<KubeVersion>;
  /** The UID of the namespace kube-system, which stands for the cluster's identity. */
  clusterUid(signal: AbortSignal): Promise<string>;
  /** The kinds the cluster serves; kept, and asked again after ten minutes or when a kind is unknown. */
  discover(signal: AbortSignal): Promise<Discovery>;
  /** The object, or undefined when there is none. */
  get(ref: KubeRef, signal: AbortSignal): Promise<KubeObject | undefined>;
  /** All objects of a kind, read page by page and collected. */
  list(query: KubeQuery, signal: AbortSignal): Promise<KubeList>;
  /** The same, a page at a time, for lists that should not be held whole. */
  pages(query: KubeQuery, signal: AbortSignal): AsyncIterable<KubeList>;
  /** One watch connection; ends when the server ends it. `watchKind` is what survives. */
  watch(query: WatchQuery): AsyncIterable<KubeWatchEvent>;
  /** Server-side apply with strict field validation. */
  apply(
    object: KubeObject,
    options: ApplyOptions,
  ): Promise<{ readonly object: KubeObject; readonly created: boolean }>;
  /** Creates an object; a conflict when there is one already. */
  create(object: KubeObject, options: WriteOptions): Promise<KubeObject>;
  /** Replaces an object; with a resourceVersion in it, only that version. */
  replace(object: KubeObject, options: WriteOptions): Promise<KubeObject>;
  /** Changes an object by a JSON merge patch (RFC 7396) or a JSON patch (RFC 6902). */
  patch(
    ref: KubeRef,
    change: { readonly type: 'merge' | 'json'; readonly patch: Json },
    options: WriteOptions,
  ): Promise<KubeObject>;
  /** Asks the server to remove an object. 'removed' means accepted: finalizers may keep the object for a while. */
  remove(ref: KubeRef, options: RemoveOptions): Promise<'removed' | 'absent'>;
  /**
   * A client whose writes and dry-runs are judged by the API server as those of this user, by whose rights alone; it reads as
   * before, and shares the connections. The groups of a service account come by themselves.
   */
  as(user: string): Kube;
  /** Closes all connections. */
  close(): void;
}
