import type {
  ApplicationStatus,
  Assignment,
  Drift,
  FleetEvent,
  HighWaterMark,
  SignedEnvelope,
} from '@meridian/fleet';
import type { Json, KubeObject, ObjectKey, Phase } from '@meridian/manifests';
import type { FaultError } from '@meridian/runtime';

/** A kind at one version, as it is listed and watched. */
export interface KindRef {
  readonly apiVersion: string;
  readonly kind: string;
}

/** One object at one version; `namespace` is '' when it is cluster-scoped. */
export interface ObjectRef extends KindRef {
  readonly namespace: string;
  readonly name: string;
}

/** What a watch tells, in order. After a gap the adapter lists again and tells the difference, then `synced`. */
export type KubeNote =
  | { readonly type: 'changed'; readonly object: KubeObject }
  | { readonly type: 'deleted'; readonly object: KubeObject }
  | { readonly type: 'synced' };

/** The agent's own cluster. Faults are thrown as FaultError; waits end with `signal`. */
export interface KubePort {
  identity(signal: AbortSignal): Promise<{ readonly clusterUid: string; readonly kubernetesVersion: string }>;
  /** Whether the kind lives in namespaces; undefined when the cluster does not know it. */
  isNamespaced(kind: KindRef, signal: AbortSignal): Promise<boolean | undefined>;
  get(ref: ObjectRef, signal: AbortSignal): Promise<KubeObject | undefined>;
  list(query: ListQuery, signal: AbortSignal): Promise<readonly KubeObject[]>;
  /** Server-side apply with field manager `meridian` and force. Gives the stored object with its managed fields. */
  apply(
    object: KubeObject,
    options: { readonly dryRun?: boolean; readonly signal: AbortSignal },
  ): Promise<KubeObject>;
  /** The same without force: takes nothing that another manager has with another value, and tells who has what. */
  applyUncontested(object: KubeObject, signal: AbortSignal): Promise<Uncontested>;
  /**
   * Makes a stored object what `object` says: other content, labels and annotations go, its status, finalizers and owners stay.
   * A FaultError `conflict` when it has changed since it was read as `live`.
   */
  rewrite(
    live: KubeObject,
    object: KubeObject,
    options: { readonly dryRun?: boolean; readonly signal: AbortSignal },
  ): Promise<KubeObject>;
  /** Says anew who owns which fields of an object; a FaultError `conflict` when it has changed since it was read. */
  rewriteManagers(object: KubeObject, managedFields: readonly Json[], signal: AbortSignal): Promise<void>;
  /** Why an object would be refused if it were made anew under its name; undefined when it would be taken. Changes nothing. */
  tryCreate(object: KubeObject, signal: AbortSignal): Promise<FaultError | undefined>;
  /** Whether an apply was refused because what some manager owns was written at a version that lacks a field of the object. */
  isAboutOtherVersion(refusal: FaultError): boolean;
  /** Fields that a refused apply would change although they cannot be, when that is all there is against it; else empty. */
  immutableFields(refusal: FaultError): readonly string[];
  /** Deletes exactly the object with this UID, dependents in the background; a `conflict` when it has another one now. */
  remove(ref: ObjectRef, uid: string, signal: AbortSignal): Promise<'removed' | 'absent'>;
  /** Follows managed objects of a kind until `signal` aborts; survives disconnects by itself and tells `contact` of them. */
  watch(kind: KindRef, labelSelector: string, options: WatchOptions): AsyncIterable<KubeNote>;
  /** The same cluster, written to by the rights of this user. Reads stay the agent's. */
  as(user: string): KubePort;
  /** Creates or, when `object` has a resourceVersion, replaces it only if it is unchanged; a FaultError `conflict` otherwise. */
  put(object: KubeObject, signal: AbortSignal): Promise<KubeObject>;
}

/** A field that another manager has with another value than was applied, as the API server writes its path. */
export interface FieldConflict {
  readonly manager: string;
  readonly field: string;
}

/** The end of an apply without force. */
export type Uncontested =
  | { readonly ok: true; readonly object: KubeObject }
  | { readonly ok: false; readonly conflicts: readonly FieldConflict[] };

/** How to follow a kind. */
export interface WatchOptions {
  readonly signal: AbortSignal;
  /** Is told of every answer, bookmarks included, and of every fault. */
  readonly contact: { heard(): void; failed(fault: FaultError): void };
}

/** What to list. */
export interface ListQuery extends KindRef {
  readonly namespace: string;
  readonly labelSelector: string;
  /** On fields that the API server selects by; all objects unless told. */
  readonly fieldSelector?: string;
  /** So many are enough, whichever the API server gives first; all unless told. */
  readonly most?: number;
}

/** Desired state as the ledger holds it for this cluster. Faults are FaultErrors; reads end early when `signal` aborts. */
export interface DesiredStatePort {
  /** Undefined before the hub has listed anything. */
  readIndex(signal: AbortSignal): Promise<readonly string[] | undefined>;
  readAssignment(
    application: string,
    signal: AbortSignal,
  ): Promise<
    { readonly envelope: SignedEnvelope; readonly headers: { readonly [name: string]: string } } | undefined
  >;
  /** The bundle's canonical JSON. */
  readBundle(digest: string, signal: AbortSignal): Promise<Uint8Array>;
  /** Names of applications that may have changed; ends with `signal`. */
  hints(signal: AbortSignal): AsyncIterable<string>;
  connected(): boolean;
}

/** Checks an envelope against the trusted keys. */
export type VerifyEnvelope = (
  envelope: SignedEnvelope,
) => { readonly ok: true; readonly assignment: Assignment } | { readonly ok: false; readonly reason: string };

/** One object that an application has, or may have, made. `uid` is '' until its apply was answered. */
export interface InventoryEntry extends ObjectKey {
  readonly apiVersion: string;
  readonly uid: string;
  /** Digest of the content with which it came to a good end, of what the cluster removes then. */
  readonly ended?: string;
}

/** How one hook has gone in one phase. A run ends once; another attempt is another run in its place. */
export interface HookRun {
  /** `keyText` of its object. */
  readonly id: string;
  readonly phase: Phase;
  /** Counted from 1. */
  readonly attempt: number;
  readonly state: 'running' | 'succeeded' | 'failed';
  /** '' when no object was made. */
  readonly uid: string;
  /** Why it is as it is, one sentence. */
  readonly reason: string;
}

/** The hooks of a bundle: they run once for it, however often it is assigned again while it is in place. */
export interface HookRecord {
  /** Digest of the bundle; '' at the end of the application. */
  readonly bundle: string;
  /** The first generation that brought it; with the bundle it names the runs. */
  readonly generation: number;
  readonly runs: readonly HookRun[];
}

/** Everything the agent must not forget about one application. Saved before anything is applied. */
export interface ApplicationRecord {
  readonly application: string;
  /** UID of the cluster whose objects the inventory names; records from before this was kept have none. */
  readonly clusterUid?: string;
  /** Grows with each save; the higher of two copies of one assignment is the later one. */
  readonly writes: number;
  readonly mark: HighWaterMark;
  readonly envelope: SignedEnvelope;
  readonly traceparent?: string;
  /** zstd of the bundle's canonical JSON; undefined when withdrawn, or when only the other copy could hold it. */
  readonly bundle?: Uint8Array;
  /** In apply order; before an apply it holds old and new objects. */
  readonly inventory: readonly InventoryEntry[];
  /** Set once everything of this assignment had been applied. */
  readonly appliedAtMs?: number;
  /** How many objects were removed under this assignment; what it allows is used up by them. */
  readonly removed?: number;
  readonly hooks?: HookRecord;
  /** Open drift and the last that was healed, newest first and bounded. */
  readonly drift?: readonly Drift[];
  /** Hooks for the end of the application, kept when it is withdrawn: the bundle that had them is not assigned any more. */
  readonly endHooks?: readonly KubeObject[];
}

/** A place that keeps records. */
export type StatePlace = 'disk' | 'cluster';

/** Every place that shall have every record. */
export const statePlaces: readonly StatePlace[] = ['disk', 'cluster'];

/** A record that was read, and the places that have an older one or none. */
export interface KeptRecord {
  readonly record: ApplicationRecord;
  readonly missing: readonly StatePlace[];
}

/**
 * Where a record went; `problems` are the places that did not take it. Durable in none that was asked for: nothing may be
 * applied from it. `others` are objects that another agent of this cluster had made since we read; they were kept along
 * there and belong into the inventory.
 */
export type SaveResult =
  | {
      readonly ok: true;
      readonly problems: readonly { readonly place: StatePlace; readonly reason: string }[];
      readonly others: readonly InventoryEntry[];
    }
  | { readonly ok: false; readonly reason: string };

/** Keeps the records of all applications across restarts. */
export interface StateStore {
  /**
   * The latest record of every application. Throws FaultError when a place cannot be asked now: it could have a later record
   * than the others, and what they have may then be neither applied nor compared with.
   */
  load(signal: AbortSignal): Promise<readonly KeptRecord[]>;
  save(record: ApplicationRecord, places: readonly StatePlace[], signal: AbortSignal): Promise<SaveResult>;
}

/** Takes what the hub shall know; never blocks and is bounded. The newest status of an application replaces an unsent one. */
export interface ReportOutbox {
  application(status: ApplicationStatus, traceparent?: string): void;
  event(event: FleetEvent): void;
}

/** The part of a logger that the engine uses. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Label that marks every object of an application, value is the application's name. */
export const applicationLabel = 'meridian.dev/application';

/** Field manager of all applies. */
export const fieldManager = 'meridian';

/** Annotation that keeps an object when it is dropped from its bundle. */
export const pruneAnnotation = 'meridian.dev/prune';

/** Annotation of the object of a hook: which run it was made for. */
export const hookRunAnnotation = 'meridian.dev/hook-run';
