import type { ObjectKey } from '@meridian/manifests';
import type { Freeze } from './agent-limits.ts';
import type { CheckReport } from './check.ts';

/** Verdict on an object or an application. `Missing`: not in the cluster. `Unknown`: nothing trustworthy was seen. */
export type Health = 'Healthy' | 'Progressing' | 'Degraded' | 'Suspended' | 'Missing' | 'Unknown';

/** Whether live state equals the assignment. `Failed`: the last try to apply ended with an error; it is retried. */
export type SyncState = 'Synced' | 'OutOfSync' | 'Applying' | 'Failed';

/** Live state that differs from the assignment. */
export interface Drift {
  readonly key: ObjectKey;
  /** `modified` fields differ, `deleted` the object is gone. */
  readonly change: 'modified' | 'deleted';
  /**
   * Field manager that made the change, as Kubernetes records it; `unknown` when it left no trace, `admission` when the API
   * server stores another value than the agent sends: such drift is not healed.
   */
  readonly manager: string;
  /** Field paths that differ, at most 20, never values of a Secret. */
  readonly fields: readonly FieldDrift[];
  readonly firstSeenMs: number;
  /** Set when the object was brought back. */
  readonly healedAtMs?: number;
}

/** One differing field. `desired` and `live` are short JSON texts; both are `***` for a Secret. */
export interface FieldDrift {
  readonly path: string;
  readonly desired: string;
  readonly live: string;
}

/** One object of an application as the agent last saw it. */
export interface ObjectStatus {
  readonly key: ObjectKey;
  readonly health: Health;
  readonly reason: string;
}

/** What an agent says of one application in its cluster. Always a whole snapshot, never a delta. */
export interface ApplicationStatus {
  readonly cluster: string;
  readonly application: string;
  readonly release: string;
  readonly revision: string;
  readonly bundle: string;
  readonly generation: number;
  readonly term: number;
  readonly incarnation: string;
  readonly sync: SyncState;
  readonly health: Health;
  /** Why it is not Synced and Healthy, and what people should know although it is; empty when there is nothing to say. */
  readonly message: string;
  readonly objects: readonly ObjectStatus[];
  /** Present drift, newest first, then what admission alters, then the last healed ones; at most 50. */
  readonly drift: readonly Drift[];
  /** How many objects would go at this generation, while the agent refuses to delete more than it was allowed. */
  readonly refusedDeletions?: number;
  /** Of the checks of the present assignment, and only these; absent without any, and of agents that do not know of checks. */
  readonly checks?: readonly CheckReport[];
  /** Agent's clock when every object of this generation had been applied; undefined before. */
  readonly appliedAtMs?: number;
  /** Agent's clock when the health last changed. */
  readonly healthSinceMs: number;
  readonly observedAtMs: number;
}

/** The limits that the administrator of a cluster has set its agent, for people. No hub can lift them. */
export interface LimitsReport {
  /** Nothing is written in the cluster now. */
  readonly stopped: boolean;
  /** What is allowed, one sentence each. */
  readonly rules: readonly string[];
  /** Who stopped all writes, and why; while it holds. */
  readonly freeze?: Freeze;
  /** Why the newest limits are not followed; those before them are, and without any nothing is written. */
  readonly problem?: string;
}

/** What an agent says of itself. */
export interface AgentStatus {
  readonly cluster: string;
  readonly session: string;
  readonly version: string;
  readonly startedAtMs: number;
  readonly observedAtMs: number;
  /** UID of the kube-system namespace. */
  readonly clusterUid: string;
  readonly kubernetesVersion: string;
  /** Whether the agent reaches NATS now. */
  readonly sourceConnected: boolean;
  /** Last time desired state was read from the ledger. */
  readonly sourceReadAtMs: number;
  /** Absent without limits, and of agents that do not know of any. */
  readonly limits?: LimitsReport;
  /** The certificate that the agent attached with, as the hub saw it. */
  readonly certificate?: { readonly startsAtMs: number; readonly endsAtMs: number };
}

/** Something that happened, for people. Info tells what changed and why. */
export interface FleetEvent {
  readonly atMs: number;
  readonly level: 'info' | 'warning' | 'error';
  /** Closed word, past tense: `release.made`, `rollout.stage.started`, `drift.healed` … */
  readonly type: string;
  readonly application?: string;
  readonly cluster?: string;
  readonly revision?: string;
  readonly message: string;
}
