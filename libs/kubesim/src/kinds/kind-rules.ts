import type { RequestUser } from '../admission/review.ts';
import type { CustomRules } from '../custom/custom-rules.ts';
import type { FieldError } from '../errors/field-error.ts';
import type { KubeObject } from '../kube-object.ts';

/**
 * What the API server does to objects of one built-in kind beyond generic storage: the registry's strategy and the defaults
 * and validation of its version (pkg/registry, pkg/apis in k8s.io/kubernetes). Functions that take a `draft` change it;
 * everything else is pure. Drafts are in the storage version unless said otherwise.
 */
export interface KindRules {
  /** Rules of an object's name on create. */
  readonly name: NameRule;
  /** Fills the defaults of a version. The draft is in that version. Must change nothing when called again. */
  setDefaults?(draft: KubeObject): void;
  /**
   * Takes what the cluster hands out (addresses, ports), before anything else is looked at. What it cannot have is refused
   * without a word of the rest. Throws ApiError. `old` is undefined on create.
   */
  allocate?(draft: KubeObject, old: KubeObject | undefined, context: RuleContext): FieldError[];
  /** Wipes what a client may not set on create (status), sets generation and what the server decides. */
  prepareForCreate?(draft: KubeObject, context: RuleContext): void;
  validateCreate?(object: KubeObject, context: RuleContext): FieldError[];
  /**
   * Whether a new object is stored without defaults that reading fills in: the first update stores it anew then, even one that
   * changes nothing.
   */
  lacksDefaults?(created: KubeObject): boolean;
  /** Restores what an update of the main resource may not change (status) and raises generation when the spec changed. */
  prepareForUpdate?(draft: KubeObject, old: KubeObject, context: RuleContext): void;
  validateUpdate?(object: KubeObject, old: KubeObject, context: RuleContext): FieldError[];
  /** Warnings of a create or update, sent as `Warning: 299` headers. */
  warnings?(object: KubeObject, old: KubeObject | undefined): string[];
  /** Rules of the status subresource; absent when the kind has none. */
  readonly status?: {
    prepareForUpdate(draft: KubeObject, old: KubeObject, context: RuleContext): void;
    validateUpdate(object: KubeObject, old: KubeObject, context: RuleContext): FieldError[];
  };
  /** Rules of other subresources that write the object itself, by name: `resize`. */
  readonly subresources?: { readonly [subresource: string]: NonNullable<KindRules['status']> };
  /** Fields that the strategy resets, per subresource ('' for the main one), as `status` or `spec.x`; apply never owns them. */
  readonly resetFields?: { readonly [subresource: string]: readonly string[] };
  /** Which finalizers objects may have; `qualified` unless told. */
  readonly finalizers?: 'qualified' | 'any';
  /** Whether PUT may create the object. */
  readonly allowsCreateOnUpdate: boolean;
  /** Whether PUT without a resourceVersion is taken. */
  readonly allowsUnconditionalUpdate: boolean;
  /** What deletion does with dependents when the request does not say; background unless told. */
  readonly dependents?: 'Orphan' | 'Background';
  /** Marks an object that is to be deleted and that the server itself has to empty first; it waits then for a finalizer. */
  beginDeletion?(draft: KubeObject, nowMs: number): void;
  /** Grace of a deletion in seconds when the kind is deleted gracefully (pods); undefined deletes at once. */
  graceSeconds?(object: KubeObject, asked: number | undefined): number | undefined;
  /** How objects of the versions that are served beside the storage version become it and come back (`autoscaling/v1`). */
  readonly versions?: { readonly [apiVersion: string]: VersionConversion };
  /** What the definition of a custom kind says; absent for built-in kinds. */
  readonly custom?: CustomRules;
}

/** Pure conversions of one version to and from the storage version; `apiVersion` included. */
export interface VersionConversion {
  toStorage(object: KubeObject): KubeObject;
  fromStorage(object: KubeObject): KubeObject;
}

/** Which names a kind takes: pkg/apis validation `ValidateXName`, or what the type declares of its name alone. */
export type NameRule =
  | 'dns-subdomain'
  | 'declared-subdomain'
  | 'dns-label'
  | 'dns-1035-label'
  | 'path-segment'
  | 'namespace'
  | 'any';

/** What rules may use beyond the objects: time, randomness and the cluster's allocations come in here. */
export interface RuleContext {
  nowMs(): number;
  /** A random number in [0, 1). */
  random(): number;
  /** A new random UID. */
  newUid(): string;
  /** Another object of the same cluster, undefined when there is none. */
  lookup(resource: string, namespace: string, name: string): KubeObject | undefined;
  /** Objects of the same cluster. */
  lookupAll(resource: string, namespace?: string): readonly KubeObject[];
  /** Whether the write is tried only (`dryRun=All`): allocations must not be kept. */
  readonly dryRun: boolean;
  /** The served version that the object is written in: events and their checks differ by it. */
  readonly apiVersion: string;
  /** Who asks; undefined for the cluster's own parts. */
  readonly user: RequestUser | undefined;
}
