import type { LocatedError } from './documents.ts';
import type { Dependency } from './dependency.ts';
import type { Hold } from './hold.ts';
import type { Pause } from './release.ts';
import type { AgentStatus, ApplicationStatus, Drift, FleetEvent, Health, SyncState } from './status.ts';

/** How old a status is. `stale` is set when the age is past what its sender promised; a stale status is never called healthy. */
export interface Age {
  readonly observedAtMs: number;
  readonly ageMs: number;
  readonly stale: boolean;
}

/** `GET /v1/fleet` */
export interface FleetView {
  readonly hub: {
    readonly id: string;
    readonly leader: string | null;
    readonly term: number;
    readonly version: string;
  };
  readonly source: {
    readonly url: string;
    readonly branch: string;
    /** Newest revision the mirror has. */
    readonly revision: string | null;
    readonly fetchedAtMs: number | null;
    readonly ageMs: number | null;
    readonly stale: boolean;
    readonly message: string;
  };
  readonly clusters: { readonly total: number; readonly connected: number; readonly stale: number };
  readonly applications: {
    readonly total: number;
    readonly synced: number;
    readonly healthy: number;
    readonly frozen: number;
    readonly drifted: number;
  };
  /** What persons hold now, by scope and name; absent in answers of older hubs. */
  readonly holds?: readonly Hold[];
  /** Configuration and render errors that freeze applications, whole list. */
  readonly problems: readonly Problem[];
}

/** One thing a person has to look at. */
export interface Problem extends LocatedError {
  readonly application?: string;
  readonly revision?: string;
}

/** `GET /v1/clusters` gives `ClusterView[]`. */
export interface ClusterView {
  readonly name: string;
  readonly labels: { readonly [key: string]: string };
  readonly connected: boolean;
  readonly status: (AgentStatus & Age) | null;
  readonly applications: number;
  readonly synced: number;
  readonly healthy: number;
  readonly drifted: number;
}

/** One application in one cluster. */
export interface PlacementView {
  readonly cluster: string;
  /** What the ledger assigns. */
  readonly assigned: {
    readonly release: string;
    readonly revision: string;
    readonly generation: number;
    readonly term: number;
  } | null;
  /** What the agent last said; null before its first report. */
  readonly status: (ApplicationStatus & Age) | null;
  /** Set while a person has stopped the application in this cluster. */
  readonly pause?: Pause;
  readonly sync: SyncState | 'Unknown';
  readonly health: Health;
  readonly message: string;
}

/** `GET /v1/applications` gives `ApplicationView[]`, `GET /v1/applications/:name` one. */
export interface ApplicationView {
  readonly name: string;
  readonly path: string;
  readonly rolloutStrategy: string;
  /** What has to be healthy before it is pushed; absent when nothing has. */
  readonly dependsOn?: readonly Dependency[];
  /** Release that the fleet moves to or has reached. */
  readonly release: string | null;
  readonly revision: string | null;
  readonly sync: SyncState | 'Unknown';
  readonly health: Health;
  /** Set while a configuration or render error keeps the application at its last good release. */
  readonly frozen: readonly Problem[];
  /** What is worth a warning in what is released from the newest revision: by policies that warn, and by the build. */
  readonly warnings: readonly Problem[];
  /** Set while deletions wait for a person to approve them. */
  readonly approvalNeeded: ApprovalNeeded | null;
  readonly placements: readonly PlacementView[];
  readonly rollout: RolloutView | null;
}

/** Deletions that wait for a person: of a release that has not begun, or that agents refuse. */
export interface ApprovalNeeded {
  readonly release: string;
  readonly revision: string;
  /** One sentence: why. */
  readonly reason: string;
  /** Most objects that would be deleted in each cluster; an approval names these numbers. */
  readonly deletions: { readonly [cluster: string]: number };
}

/** What a person may ask of a rollout beside an approval, by the word of API and CLI. */
export const rolloutVerbs = [
  'start',
  'pause',
  'resume',
  'abort',
  'promote',
  'breakGlass',
  'retry',
  'rollback',
  'approve',
  'reject',
] as const;

/** One of `rolloutVerbs`. */
export type RolloutVerb = (typeof rolloutVerbs)[number];

/** What a rollout is doing, or how it ended. */
export type RolloutPhase =
  | 'waiting'
  | 'progressing'
  | 'paused'
  | 'rollingBack'
  | 'completed'
  | 'rolledBack'
  | 'halted'
  | 'aborted'
  | 'superseded';

/** What a person said, when and why. */
export interface Said {
  readonly author: string;
  readonly reason: string;
  readonly atMs: number;
}

/** What git says while the fleet stays at another release, and why it does. */
export interface PinView {
  /** The release and the revision in git. */
  readonly release: string;
  readonly revision: string;
  /** Clusters whose bundle in git is another one than they run. */
  readonly differs: readonly string[];
  /** Null: the hub went back by itself. */
  readonly author: string | null;
  readonly reason: string;
  readonly sinceMs: number;
}

/** `GET /v1/audit` gives `AuditEntry[]`, the newest first: what people asked for and was done. */
export interface AuditEntry {
  /** Its place in the ledger; grows with time. */
  readonly sequence: number;
  readonly atMs: number;
  readonly author: string;
  /** A verb of rollouts, or `approveDeletions`, `hold`, `releaseHold`, `pauseInCluster`, `resumeInCluster`. */
  readonly action: string;
  readonly reason: string;
  readonly application?: string;
  readonly cluster?: string;
  readonly project?: string;
  /** The release that was meant. */
  readonly release?: string;
  /** Of a rollback: where to. */
  readonly to?: string;
  /** Until when, of a hold or pause with an end. */
  readonly untilMs?: number;
}

/** One gate of a stage. */
export interface GateView {
  readonly name: string;
  readonly kind: 'approval' | 'metric' | 'job' | 'webhook';
  readonly side: 'before' | 'after';
  readonly phase: 'waiting' | 'open' | 'passed' | 'failed';
  readonly message: string;
  /** Hub's clock when it was opened, or ended; absent before. */
  readonly sinceMs?: number;
  /** Of an approval gate: who may approve (absent: everybody), how many it takes, and who has. */
  readonly roles?: readonly string[];
  readonly required?: number;
  readonly approvals?: readonly Said[];
}

/** `GET /v1/rollouts` gives `RolloutView[]`, the newest of each application first. */
export interface RolloutView {
  readonly id: string;
  readonly application: string;
  readonly release: string;
  readonly revision: string;
  readonly phase: RolloutPhase;
  readonly reason: string;
  /** What the present stage waits for, with times; only while the rollout moves. */
  readonly progress?: string;
  readonly startedAtMs: number;
  readonly endedAtMs: number | null;
  /** Who stopped it, while its phase is `paused`. */
  readonly paused?: Said;
  /** Set on a rollback: the release that the fleet leaves, and why; no author when the hub went back by itself. */
  readonly back?: { readonly from: string; readonly author: string | null; readonly reason: string };
  /** Set while the fleet stays at this release although git says another one. */
  readonly pin?: PinView;
  /** A newer release that waits for the end of this rollout. */
  readonly queued?: { readonly release: string; readonly revision: string; readonly sinceMs: number };
  /** Releases that completed, newest first: what a rollback may go to. Absent on rollouts that are over. */
  readonly kept?: readonly {
    readonly release: string;
    readonly revision: string;
    readonly number: number;
    readonly completedAtMs: number;
  }[];
  /** Set while deletions of the rollout wait for a person to approve them. */
  readonly approvalNeeded?: ApprovalNeeded;
  readonly stages: readonly {
    readonly name: string;
    readonly phase: 'waiting' | 'progressing' | 'soaking' | 'gated' | 'passed' | 'failed';
    /** Hub's clock when the stage passed or began to soak; absent in other phases. */
    readonly sinceMs?: number;
    readonly clusters: readonly {
      readonly name: string;
      readonly phase: 'waiting' | 'assigned' | 'healthy' | 'failed';
      /** Agent's clock when the cluster was seen healthy at this generation; absent in other phases. */
      readonly sinceMs?: number;
      readonly generation: number | null;
      /** How many objects the cluster refuses to delete; only while it refuses. */
      readonly refusedDeletions?: number;
      readonly message: string;
    }[];
    /** What has to be so before it begins, and before the next one does; absent when nothing has. */
    readonly gates?: readonly GateView[];
  }[];
}

/** `GET /v1/drift` gives `DriftView[]`, present drift first. */
export interface DriftView extends Drift {
  readonly cluster: string;
  readonly application: string;
}

/** `GET /v1/applications/:name/render?cluster=C[&revision=R]` */
export interface RenderView {
  readonly application: string;
  readonly cluster: string;
  readonly revision: string;
  readonly digest: string;
  /** Multi-document YAML; values of Secrets are masked. */
  readonly yaml: string;
}

/** What set a field: a file of objects, or an entry of a kustomization with the generator or transformer it stands for. */
export interface FieldSource {
  readonly file: string;
  /** Counted from 1. */
  readonly line?: number;
  /** Entry of a kustomization, such as `replicas[0]`. */
  readonly field?: string;
  /** Kind of the generator or transformer, such as `ReplicaCountTransformer`. */
  readonly by?: string;
  /** Where the value itself is written, when the entry only leads there: a patch, a file of a generator. */
  readonly written?: { readonly file: string; readonly line?: number };
}

/** A field of a rendered object and everything that set it, oldest first: the last one counts. */
export interface ExplainedField {
  /** Such as `.spec.template.spec.containers[name=server].image`. */
  readonly field: string;
  /** Without a value, the field was taken away. */
  readonly history: readonly { readonly value?: unknown; readonly source: FieldSource }[];
}

/** An object whose fields are explained. */
export interface ExplainedObject {
  readonly apiVersion: string;
  readonly kind: string;
  /** Undefined for objects outside namespaces. */
  readonly namespace?: string;
  readonly name: string;
}

/** `GET /v1/applications/:name/explain?cluster=C&object=deployment/x[&field=.spec.replicas][&revision=R]` */
export interface ExplainView {
  readonly application: string;
  readonly cluster: string;
  readonly revision: string;
  readonly object: ExplainedObject;
  /** The fields at or below the one that was asked for; values of Secrets are masked. */
  readonly fields: readonly ExplainedField[];
}

/** `GET /v1/doctor` */
export interface DoctorView {
  readonly checks: readonly {
    readonly name: string;
    readonly ok: boolean;
    readonly message: string;
    readonly fix?: string;
  }[];
}

/** Body of every error answer. */
export interface ApiError {
  readonly error: { readonly code: string; readonly message: string; readonly fix?: string };
}

/** `GET /v1/events?limit=&application=&cluster=` gives `FleetEvent[]`, newest first. */
export type EventsView = readonly FleetEvent[];
