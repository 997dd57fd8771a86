import type { Target } from '../cluster/target.ts';
import type { JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import type { Schema } from '../schema/schema.ts';

/** A user as the server knows them. */
export interface RequestUser {
  readonly name: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** Who asks for a write, as webhooks are told. */
export interface Asked {
  readonly user: RequestUser;
  /** The options of the request (`CreateOptions`), kind and version included. */
  readonly options: JsonObject;
}

/** Shows an object as the kind of a subresource (Scale), and takes back what was changed there. Both are pure. */
export interface SubresourceView {
  readonly schema: Schema;
  show(object: KubeObject): KubeObject;
  take(object: KubeObject, shown: KubeObject): KubeObject;
}

/** A write as admission webhooks see it. Objects are in the storage version. */
export interface Review {
  readonly phase: 'mutating' | 'validating';
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE';
  readonly target: Target;
  /** Undefined for a deletion. */
  readonly object: KubeObject | undefined;
  /** The stored object; undefined for a creation. */
  readonly old: KubeObject | undefined;
  readonly dryRun: boolean;
  /** Undefined for what the cluster's own parts write. */
  readonly asked: Asked | undefined;
  /** How the object looks through its subresource, when that has a kind of its own. */
  readonly view: SubresourceView | undefined;
  /** Takes a warning for the client. */
  readonly warn: (warning: string) => void;
  /** Lets the built-in plugins look again at an object that webhooks changed. */
  readonly readmit: (draft: KubeObject) => void;
}

/**
 * A write that stops where webhooks have their say: it yields what they should see, and goes on with the object as they left it
 * (undefined for a deletion). Time may pass at each stop, so what was read before has to be looked at again.
 */
export type Reviewed<T> = Generator<Review, T, KubeObject | undefined>;

/** Carries writes through their reviews. */
export interface Reviewer {
  /** Waits for webhooks where it has to. Rejects with what the write throws, and with what webhooks refuse. */
  pass<T>(write: Reviewed<T>): Promise<T>;
  /** Does not wait. Throws what the write throws; and when a webhook would have to be awaited, so that the caller comes back. */
  passNow<T>(write: Reviewed<T>): T;
}
