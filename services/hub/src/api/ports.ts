import type {
  ApplicationView,
  AuditEntry,
  ClusterView,
  DoctorView,
  DriftView,
  ExplainView,
  FleetEvent,
  FleetView,
  HoldScope,
  RenderView,
  RolloutVerb,
  RolloutView,
} from '@meridian/fleet';
import type { AuditQuery } from '../audit/audit-view.ts';

/** The fleet as this replica sees it now. */
export interface FleetReader {
  fleet(): FleetView;
  clusters(): readonly ClusterView[];
  applications(): readonly ApplicationView[];
  application(name: string): ApplicationView | undefined;
  rollouts(): readonly RolloutView[];
  drift(): readonly DriftView[];
  /** Calls `changed` after each change until the signal aborts. */
  onChange(changed: () => void, signal: AbortSignal): void;
}

/** Everything the API needs of the hub. Faults are thrown as FaultError and become answers. */
export interface ApiPorts {
  readonly reader: FleetReader;
  readonly events: {
    recent(limit: number): Promise<readonly FleetEvent[]>;
    follow(signal: AbortSignal): AsyncIterable<FleetEvent>;
  };
  readonly render: (
    request: { readonly application: string; readonly cluster: string; readonly revision?: string },
    signal: AbortSignal,
  ) => Promise<RenderView>;
  readonly explain: (request: ExplainRequest, signal: AbortSignal) => Promise<ExplainView>;
  /** What people asked for, the newest first. */
  readonly audit: (query: AuditQuery, signal: AbortSignal) => Promise<readonly AuditEntry[]>;
  /** Gives a command to the leader, whichever replica that is. */
  readonly command: (command: PersonCommand, timeoutMs: number) => Promise<unknown>;
  /** Makes a one-time token for the agent of a cluster; undefined when agents cannot enrol here. */
  readonly enrol:
    | ((ask: {
        readonly cluster: string;
        readonly forMs: number;
        readonly author: string;
      }) => Promise<{ readonly cluster: string; readonly token: string; readonly expiresAtMs: number }>)
    | undefined;
  /** Asks all replicas to look at the source now. */
  readonly refresh: () => void;
  readonly doctor: (signal: AbortSignal) => Promise<DoctorView>;
}

/** Whose fields are explained; `field` is a path, all fields unless told. */
export interface ExplainRequest {
  readonly application: string;
  readonly cluster: string;
  readonly object: string;
  readonly field?: string;
  readonly revision?: string;
}

/** What a person asks the leader to do. The author is the name of the token that was used. */
export type PersonCommand = ApproveCommand | RolloutCommand | PauseCommand | HoldCommand;

/** A stop of one application in one cluster, with its length, or its end. */
export interface PauseCommand {
  readonly kind: 'pause' | 'resume';
  readonly application: string;
  readonly cluster: string;
  readonly author: string;
  readonly reason: string;
  readonly forMs?: number;
}

/** A hold that a person places, or its end. */
export interface HoldCommand {
  readonly kind: 'hold' | 'releaseHold';
  readonly scope: HoldScope;
  /** Empty for the fleet. */
  readonly name: string;
  readonly author: string;
  readonly reason: string;
  readonly forMs?: number;
}

interface AboutRelease {
  readonly application: string;
  readonly release: string;
  readonly author: string;
  readonly reason: string;
}

/** Consent to the deletions of one release. */
export interface ApproveCommand extends AboutRelease {
  readonly kind: 'approveDeletions';
  /** The number of deletions that the person saw, for each cluster. */
  readonly deletions?: { readonly [cluster: string]: number };
}

/** What a person asks of a rollout. */
export interface RolloutCommand extends AboutRelease {
  readonly kind: 'askRollout';
  readonly verb: RolloutVerb;
  /** Of the author: what the tokens file says, for what not everybody may do. */
  readonly roles: readonly string[];
  readonly identities: readonly string[];
  /** Of a rollback: where to. */
  readonly to?: string;
  /** Of a word at a gate: which. */
  readonly gate?: string;
}
