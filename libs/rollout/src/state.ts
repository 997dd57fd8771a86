import type {
  Application,
  FieldManagerRule,
  FleetEvent,
  Health,
  Release,
  RolloutStrategy,
  SyncRules,
  SyncState,
} from '@meridian/fleet';

/** What every assignment of a release carries beside its bundle, and how many objects it may remove unasked. */
export interface Policy {
  readonly namespace: string;
  readonly prune: boolean;
  readonly selfHeal: boolean;
  readonly createNamespace: boolean;
  readonly deletionBudget: Application['syncPolicy']['deletionBudget'];
  readonly fieldManagers?: readonly FieldManagerRule[];
  readonly rules?: SyncRules;
}

/** What the ledger last assigned to one cluster. Without `release` nothing was assigned yet. */
export interface Placed {
  /** Generation of the last assignment; 0 before the first. */
  readonly generation: number;
  /** Generation that the agent reported, when it is above the ledger's; the next one goes above it. */
  readonly floor?: number;
  readonly release?: string;
  readonly revision?: string;
  /** Undefined with a release: the application is withdrawn from the cluster. */
  readonly bundle?: string;
  /** Objects in the assigned bundle. */
  readonly objects: number;
  /** Most objects the agent may hold now: more than `objects` until it reports Synced at this generation. */
  readonly held: number;
  /** What the assignment let the agent delete. */
  readonly allowedDeletions: number;
  /** How many objects the agent refuses to delete at this generation; set only while it does. */
  readonly refused?: number;
}

/** The status that made a cluster count as healthy. */
export interface Evidence {
  readonly release: string;
  readonly generation: number;
  readonly observedAtMs: number;
}

/** How many objects each of some clusters deletes, refuses to delete, or may delete. */
export interface Deletions {
  readonly [cluster: string]: number;
}

/** One cluster of a stage. */
export interface ClusterProgress {
  readonly name: string;
  readonly phase: 'waiting' | 'assigned' | 'healthy' | 'failed';
  readonly generation?: number;
  /** Hub time after which the cluster counts as failed; set while `assigned`. */
  readonly deadlineAtMs?: number;
  /** The last proof of health at this generation; a cluster that lost its health keeps it. */
  readonly evidence?: Evidence;
  readonly message: string;
}

/** One ordered step of a rollout in motion. */
export interface StageProgress {
  readonly name: string;
  readonly phase: 'waiting' | 'progressing' | 'soaking' | 'passed' | 'failed';
  /** Clusters that may be assigned and not yet healthy at once; at least 1. */
  readonly maxConcurrent: number;
  readonly soakMs: number;
  /** Hub time since which every cluster of the stage has been settled; set while soaking. */
  readonly soakSinceMs?: number;
  /**
   * Hub time after which a cluster that is no longer healthy has failed at once: the last deadline given in the stage
   * and the soak. Set from the first assignment on; no report moves it.
   */
  readonly boundAtMs?: number;
  readonly passedAtMs?: number;
  readonly clusters: readonly ClusterProgress[];
}

/** A person's consent to the deletions of exactly one release. */
export interface Approval {
  readonly release: string;
  /** The numbers that the person saw; an approval of a release that waits may do without. */
  readonly deletions?: Deletions;
  readonly author: string;
  readonly reason: string;
  readonly atMs: number;
}

/** Where the fleet is to go. */
export interface Target {
  /** Counts the rollouts of the application, from 1. */
  readonly number: number;
  readonly release: Release;
  readonly policy: Policy;
  readonly strategy: RolloutStrategy;
  /** Clusters that the placement no longer selects, in name order. */
  readonly withdrawals: readonly string[];
  /** Most objects that each cluster may lose by this release; only clusters that lose some. */
  readonly removals: Deletions;
  /** Objects that each cluster's new bundle drops from the bundle it had when the release was made. */
  readonly dropped: { readonly [cluster: string]: number };
  readonly approval?: Approval;
  readonly startedAtMs: number;
}

/** A rollout that is over or was overtaken, without its clusters. */
export interface EndedRollout {
  readonly number: number;
  readonly release: string;
  readonly revision: string;
  readonly phase: 'completed' | 'halted' | 'superseded';
  readonly reason: string;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
}

interface Common {
  readonly version: 1;
  readonly application: string;
  /** One sentence: why the rollout is where it is. */
  readonly reason: string;
  readonly target: Target;
  readonly placed: { readonly [cluster: string]: Placed };
  /** Newest first, at most five. */
  readonly history: readonly EndedRollout[];
}

/** Clusters move to the target, one stage at a time. `stage` is the index of the only stage that may assign. */
export interface Progressing extends Common {
  readonly phase: 'progressing';
  readonly stage: number;
  readonly stages: readonly StageProgress[];
}

/** The target would delete more than its budget; nothing moves until a person approves or a newer release comes. */
export interface Waiting extends Common {
  readonly phase: 'waiting';
  readonly stages: readonly StageProgress[];
}

/** Every stage passed. */
export interface Completed extends Common {
  readonly phase: 'completed';
  readonly stages: readonly StageProgress[];
  readonly endedAtMs: number;
}

/** More clusters failed than the failure budget allows; nothing more is assigned until a retry or another release. */
export interface Halted extends Common {
  readonly phase: 'halted';
  readonly stage: number;
  readonly stages: readonly StageProgress[];
  readonly endedAtMs: number;
}

/** The rollout of one application: all the hub has to remember of it. Serialises as JSON. */
export type RolloutState = Progressing | Waiting | Completed | Halted;

/** A release was resolved for every selected cluster. Safe to repeat: an equal release changes nothing. */
export interface ReleaseMade {
  readonly kind: 'releaseMade';
  readonly release: Release;
  readonly strategy: RolloutStrategy;
  readonly policy: Policy;
  /** Labels of the clusters in the release, for the stage selectors. */
  readonly labels: { readonly [cluster: string]: { readonly [key: string]: string } };
  /** For each cluster: objects of the bundle in `placed` that the new bundle does not have. */
  readonly removals: { readonly [cluster: string]: number };
  /** For each cluster: how many of those other applications take over, so that nothing is deleted; optional. */
  readonly moved?: { readonly [cluster: string]: number };
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
  readonly observedAtMs: number;
  /** Set when the status is older than its sender promised; it proves nothing then. */
  readonly stale: boolean;
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

/** A person asks a halted rollout to give its failed clusters another deadline. */
export interface RetryRequested {
  readonly kind: 'retryRequested';
  readonly release: string;
  readonly author: string;
  readonly reason: string;
}

/** Everything that can happen to a rollout. */
export type RolloutEvent = ReleaseMade | StatusObserved | Tick | DeletionsApproved | RetryRequested;

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

/** What the caller has to do after `decide`, in this order, after it has stored the new state. */
export type RolloutEffect = AssignEffect | { readonly kind: 'event'; readonly event: FleetEvent };

/** The outcome of one step. `next` is the very same object when nothing changed. */
export interface Decision {
  readonly next: RolloutState | undefined;
  readonly effects: readonly RolloutEffect[];
  /** One sentence a person can read. */
  readonly reason: string;
}
