import type { Json, JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import type { StoreEvent } from '../store/store.ts';

/** An object or collection of the API. */
export interface ObjectRef {
  /** Group and plural: `deployments.apps`, `pods`. */
  readonly resource: string;
  /** Empty for cluster-scoped objects. */
  readonly namespace: string;
  readonly name: string;
}

/** Who writes and how. */
export interface WriteOptions {
  /** Field manager and user agent: `kube-controller-manager`. */
  readonly manager: string;
  readonly subresource?: 'status' | 'scale' | 'binding';
}

/** How to delete. */
export interface DeleteOptions {
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly propagation?: 'Background' | 'Foreground' | 'Orphan';
  readonly gracePeriodSeconds?: number;
}

/**
 * The door of in-process clients (controllers, scheduler, kubelet) to the same write path as HTTP: defaults, admission,
 * validation, managed fields and storage. Objects are in the storage version. Refused writes throw ApiError.
 */
export interface ClusterApi {
  get(ref: ObjectRef): KubeObject | undefined;
  list(resource: string, namespace?: string): readonly KubeObject[];
  create(resource: string, object: KubeObject, options: WriteOptions): Promise<KubeObject>;
  /** Replaces an object (PUT). A stale `metadata.resourceVersion` is refused with 409 Conflict. */
  update(resource: string, object: KubeObject, options: WriteOptions): Promise<KubeObject>;
  /** JSON merge patch. */
  mergePatch(ref: ObjectRef, patch: JsonObject, options: WriteOptions): Promise<KubeObject>;
  /** Server-side apply. */
  apply(
    ref: ObjectRef,
    object: JsonObject,
    options: WriteOptions & { readonly force?: boolean },
  ): Promise<KubeObject>;
  /** Deletes; an object that is gone already is no error. */
  remove(ref: ObjectRef, options?: DeleteOptions): Promise<void>;
  /** Every change of the cluster, in order, within the commit that made it: note it and act later. */
  subscribe(listener: (event: StoreEvent) => void): () => void;
  /** Writes a line of a container's log, which `kubectl logs` shows. */
  log(ref: ObjectRef, container: string, line: Json & string): void;
}
