import type { LocatedError } from './documents.ts';
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
  readonly sync: SyncState | 'Unknown';
  readonly health: Health;
  readonly message: string;
}

/** `GET /v1/applications` gives `ApplicationView[]`, `GET /v1/applications/:name` one. */
export interface ApplicationView {
  readonly name: string;
  readonly path: string;
  readonly rolloutStrategy: string;
  /** Release that the fleet moves to or has reached. */
  readonly release: string | null;
  readonly revision: string | null;
  readonly sync: SyncState | 'Unknown';
  readonly health: Health;
  /** Set while a configuration or render error keeps the application at its last good release. */
  readonly frozen: readonly Problem[];
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

/** `GET /v1/rollouts` gives `RolloutView[]`, the newest of each application first. */
export interface RolloutView {
  readonly id: string;
  readonly application: string;
  readonly release: string;
  readonly revision: string;
  readonly phase: 'progressing' | 'completed' | 'halted' | 'superseded' | 'waiting';
  readonly reason: string;
  readonly startedAtMs: number;
  readonly endedAtMs: number | null;
  /** Set while deletions of the rollout wait for a person to approve them. */
  readonly approvalNeeded?: ApprovalNeeded;
  readonly stages: readonly {
    readonly name: string;
    readonly phase: 'waiting' | 'progressing' | 'soaking' | 'passed' | 'failed';
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
