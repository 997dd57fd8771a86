import type {
  CheckReport,
  Dependency,
  FleetEvent,
  Health,
  Hold,
  Release,
  RolloutStrategy,
  SyncState,
} from '@meridian/fleet';
import type { Deletions, GoodRelease, Policy, RolloutState } from './state.ts';

/** A release was resolved for every selected cluster. Safe to repeat: an equal release changes nothing. */
export interface ReleaseMade {
  readonly kind: 'releaseMade';
  readonly release: Release;
  readonly strategy: RolloutStrategy;
  readonly policy: Policy;
  readonly project?: string;
  /** What has to be healthy before a cluster is pushed to; what that is not is in `holds`. */
  readonly dependsOn?: readonly Dependency[];
  /** Labels of the clusters in the release, for the stage selectors. */
  readonly labels: { readonly [cluster: string]: { readonly [key: string]: string } };
  /** For each cluster: objects of the bundle in `placed` that the new bundle does not have. */
  readonly removals: { readonly [cluster: string]: number };
  /** For each cluster: how many of those other applications take over, so that nothing is deleted; optional. */
  readonly moved?: { readonly [cluster: string]: number };
  /** Mail addresses and names of whoever wrote the commits since the last good release; absent when nobody knows. */
  readonly authors?: readonly string[];
  /** What holds pushes of it, when the caller knows; otherwise what the rollout before knew. */
  readonly holds?: readonly Hold[];
  /** Highest generation each agent has reported, for a ledger that forgot; optional. */
  readonly floors?: { readonly [cluster: string]: number };
}

/** What an agent reported of the application. */
export interface StatusObserved {
  readonly kind: 'statusObserved';
  readonly cluster: string;
  readonly release: string;
  readonly generation: number;
  readonly sync: SyncState;
  readonly health: Health;
  readonly message: string;
  /** How many objects the agent refuses to delete; only while it refuses. */
  readonly refusedDeletions?: number;
  /** What it says of the checks of its assignment. */
  readonly checks?: readonly CheckReport[];
  readonly observedAtMs: number;
  /** Set when the status is older than its sender promised; it proves nothing then. */
  readonly stale: boolean;
}

/** Everything that holds pushes of the application, or to some of its clusters, from now on. */
export interface HoldsChanged {
  readonly kind: 'holdsChanged';
  readonly holds: readonly Hold[];
}

/** Time went by. `reports` names what each cluster said last, for the reason of a failure. */
export interface Tick {
  readonly kind: 'tick';
  readonly reports?: { readonly [cluster: string]: string };
}

/** A person accepts deletions of one release: of one that waits, or those that clusters refuse. */
export interface DeletionsApproved {
  readonly kind: 'deletionsApproved';
  readonly release: string;
  /**
   * The number of deletions that the person saw, for each cluster. A cluster that refuses gets leave only by its number;
   * a release that waits is approved whole, and its numbers are held to these when there are any.
   */
  readonly deletions?: Deletions;
  readonly author: string;
  readonly reason: string;
}

/** Who asks for something, and why. */
interface Asked {
  /** Digest of the release that the person means: what has moved on meanwhile is left alone. */
  readonly release: string;
  readonly author: string;
  readonly reason: string;
}

/** A person asks a halted rollout to give its failed clusters another deadline. */
export interface RetryRequested extends Asked {
  readonly kind: 'retryRequested';
}

/** A person stops a rollout in motion where it is. */
export interface PauseRequested extends Asked {
  readonly kind: 'pauseRequested';
}

/** A person lets a paused rollout go on; deadlines get the time back that it stood still. */
export interface ResumeRequested extends Asked {
  readonly kind: 'resumeRequested';
}

/** A person gives up a rollout that has not ended: every cluster keeps what it has. */
export interface AbortRequested extends Asked {
  readonly kind: 'abortRequested';
}

/** A person lets the present stage pass without the rest of its soak. */
export interface PromoteRequested extends Asked {
  readonly kind: 'promoteRequested';
}

/** A person lets the present rollout push outside of its windows. */
export interface BreakGlassRequested extends Asked {
  readonly kind: 'breakGlassRequested';
}

/** A person sends the fleet back to a release that completed once. */
export interface RollbackRequested extends Asked {
  readonly kind: 'rollbackRequested';
  /** Where to; undefined means the last good release. */
  readonly to?: GoodRelease;
  /** For each cluster: objects of the bundle in `placed` that its bundle there does not have; absent when nobody knows. */
  readonly removals?: Deletions;
}

/** A person starts what git says: a release that waits for it, was given up, or was left by a rollback. */
export interface StartRequested extends Asked {
  readonly kind: 'startRequested';
  readonly made: ReleaseMade;
}

/** Whose word it is at a gate. */
interface AtGate extends Asked {
  /** Name of the gate; undefined: the one that waits for people now. */
  readonly gate?: string;
  readonly roles: readonly string[];
  /** Mail addresses and names of the person in git. */
  readonly identities: readonly string[];
}

/** A person agrees to the release at a gate. */
export interface GateApproved extends AtGate {
  readonly kind: 'gateApproved';
  /** Who wrote what the release brings, where the rollout does not know it and git says it by now. */
  readonly authors?: readonly string[];
}

/** A person is against the release at a gate, which fails. */
export interface GateRejected extends AtGate {
  readonly kind: 'gateRejected';
}

/** What another system said of a webhook gate, or why nothing was heard of it. */
export interface GateAnswered {
  readonly kind: 'gateAnswered';
  /** Number of the rollout that it was asked for: another one may be about the same release. */
  readonly rollout: number;
  readonly release: string;
  readonly gate: string;
  readonly attempt: number;
  readonly verdict: 'pass' | 'fail' | 'wait';
  readonly message: string;
}

/** What a person may ask of a rollout, beside leave for deletions. */
export type VerbRequested =
  | RetryRequested
  | PauseRequested
  | ResumeRequested
  | AbortRequested
  | PromoteRequested
  | BreakGlassRequested
  | RollbackRequested
  | StartRequested
  | GateApproved
  | GateRejected;

/** Everything that can happen to a rollout. */
export type RolloutEvent =
  ReleaseMade | StatusObserved | HoldsChanged | Tick | DeletionsApproved | GateAnswered | VerbRequested;

/** Tell one cluster what to run; `bundle` undefined withdraws the application from it. */
export interface AssignEffect {
  readonly kind: 'assign';
  readonly application: string;
  readonly cluster: string;
  readonly release: string;
  readonly revision: string;
  readonly bundle?: string;
  readonly generation: number;
  readonly allowedDeletions: number;
  readonly policy: Policy;
}

/**
 * Tell one cluster once more what the ledger says that it has, at a higher generation: the assignment that is stored, signed
 * anew, with nothing else changed but the deletions it allows.
 */
export interface ReissueEffect {
  readonly kind: 'reissue';
  readonly application: string;
  readonly cluster: string;
  readonly generation: number;
  readonly allowedDeletions: number;
}

/** Look at the newest release of the application again: the one that waited for the present rollout may begin now. */
export interface LookAgainEffect {
  readonly kind: 'lookAgain';
  readonly application: string;
}

/** What the caller has to do after `decide`, in this order, after it has stored the new state. */
export type RolloutEffect =
  AssignEffect | ReissueEffect | LookAgainEffect | { readonly kind: 'event'; readonly event: FleetEvent };

/** The outcome of one step. `next` is the very same object when nothing changed. */
export interface Decision {
  readonly next: RolloutState | undefined;
  readonly effects: readonly RolloutEffect[];
  /** One sentence a person can read. */
  readonly reason: string;
  /** Nothing changed because what the event asks for is so already. */
  readonly isSoAlready?: true;
}
