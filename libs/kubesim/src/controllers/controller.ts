import type { StoreEvent } from '../store/store.ts';

/**
 * A loop that brings objects of a cluster nearer to what they should be, as a controller of Kubernetes does: level-triggered,
 * idempotent, and synchronous, so that nobody can come between what it reads and what it writes.
 */
export interface Controller {
  /** The field manager by which it writes: `kube-controller-manager`, `kubelet`. */
  readonly manager: string;
  /** What to look at because of a change: keys of the controller's own choosing. Must be quick. */
  keysOf(event: StoreEvent): readonly string[];
  /**
   * Looks at one key. Whatever it throws is tried again later.
   * @returns milliseconds after which to look again, undefined when only a change can make a difference.
   */
  reconcile(key: string): number | undefined;
}

/** The key of a namespaced object. */
export function namespacedKey(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}

/** Namespace and name of a key; the namespace of a cluster-scoped object is empty. */
export function splitKey(key: string): { readonly namespace: string; readonly name: string } {
  const slash = key.indexOf('/');
  return slash < 0
    ? { namespace: '', name: key }
    : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
