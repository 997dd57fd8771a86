import type { GroupVersionKind } from '../kube-object.ts';
import type { Schema } from './schema.ts';

/** One resource in one served version, built in or custom: what discovery says and how its objects look. */
export interface Resource extends GroupVersionKind {
  /** Plural, lower case: `deployments`. */
  readonly name: string;
  readonly singular: string;
  readonly listKind: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  readonly verbs: readonly Verb[];
  readonly subresources: readonly Subresource[];
  /** Group, version and plural under which objects are stored; `autoscaling/v2` for both versions of autoscalers. */
  readonly storage: { readonly group: string; readonly version: string; readonly name: string };
  /** The whole object, `apiVersion`, `kind` and `metadata` included. */
  readonly schema: Schema;
  /** Custom resources have no Go type, no strategic merge patch and their own validation. */
  readonly custom: boolean;
  /** Paths that field selectors know beside the names, of custom kinds: `spec.model`. */
  readonly selectable?: readonly string[];
}

/** What a client may do with a resource, as discovery names it. */
export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

/** A subresource as discovery describes it. `kind` is what its body is (`Scale`), with its own group and version. */
export interface Subresource extends GroupVersionKind {
  /** `status`, `scale`, `log`, `eviction`. */
  readonly name: string;
  readonly verbs: readonly string[];
}

/** The name under which a resource's objects are stored and selected, the same for every version: `deployments.apps`, `pods`. */
export function groupResource(resource: { readonly group: string; readonly name: string }): string {
  return resource.group === '' ? resource.name : `${resource.name}.${resource.group}`;
}
