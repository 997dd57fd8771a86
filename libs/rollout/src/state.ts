import type { GateAnswered } from './events.ts';
import type {
  Application,
  CheckReport,
  Dependency,
  FieldManagerRule,
  Hold,
  Release,
  RolloutStrategy,
  SyncRules,
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
  /** A person's leave to delete them that waits until nothing stops the cluster; never for fewer than are refused. */
  readonly leave?: Leave;
}

/** A person's leave for deletions that one cluster refuses. */
export interface Leave extends Word {
  /** How many it refused when the leave was given. */
  readonly deletions: number;
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

/** One person's consent to the release at a gate. */
export interface GateApproval extends Word {
  /** Who the person is in git. */
  readonly identities: readonly string[];
}

/** What the agent of a cluster said last of a check that a gate asks for. */
export interface CheckResult extends Omit<CheckReport, 'id'> {
  /** Hub time at which it was heard. */
  readonly atMs: number;
}

/** How far one gate of a stage is; what it asks for is in the strategy of the target. */
export interface GateProgress {
  readonly name: string;
  readonly phase: 'waiting' | 'open' | 'passed' | 'failed';
  /** Counts from 1: a retry of the rollout tries a gate that failed again, and what is measured anew is another try. */
  readonly attempt: number;
  /** What it waits for, or why it ended; without a time that goes on. */
  readonly message: string;
  /** Hub time at which it was opened, or ended. */
  readonly sinceMs?: number;
  /** Of an approval gate. */
  readonly approvals?: readonly GateApproval[];
  /** Of a metric or Job gate that is open, by cluster. */
  readonly results?: { readonly [cluster: string]: CheckResult };
  /** Of a metric gate: hub time since which it is good, or bad, without a break. */
  readonly goodSinceMs?: number;
  readonly badSinceMs?: number;
  /** Of a webhook gate: the last answer, and the hub time at which it came. */
  readonly answer?: GateAnswered['verdict'];
  readonly answeredAtMs?: number;
}

/** One ordered step of a rollout in motion. `gated`: everything has soaked, and a gate after it is not passed. */
export interface StageProgress {
  readonly name: string;
  readonly phase: 'waiting' | 'progressing' | 'soaking' | 'gated' | 'passed' | 'failed';
  /** Gates before anything is pushed, and after every cluster is healthy; absent when there are none. */
  readonly before?: readonly GateProgress[];
  readonly after?: readonly GateProgress[];
  /** Clusters that may be assigned and not yet healthy at once; at least 1. */
  readonly maxConcurrent: number;
  readonly soakMs: number;
  /** It has to have clusters, and none of them may fail. */
  readonly mandatory?: true;
  /** Hub time since which every cluster of the stage has been settled; set while soaking or gated. */
  readonly soakSinceMs?: number;
  /** Hub time at which clusters that may not be pushed to now have to be looked at again; Infinity is left out. */
  readonly stoppedUntilMs?: number;
  /** Set once a person let the stage pass without the rest of its soak. */
  readonly promoted?: Word;
  /**
   * Hub time after which a cluster that is no longer healthy has failed at once: the last deadline given in the stage
   * and the soak. Set from the first assignment on; no report moves it.
   */
  readonly boundAtMs?: number;
  readonly passedAtMs?: number;
  readonly clusters: readonly ClusterProgress[];
}

/** A stage by the names of its clusters. */
export interface StageOrder extends Pick<StageProgress, 'name' | 'maxConcurrent'> {
  readonly clusters: readonly string[];
}

/** What a person said, when and why. */
export interface Word {
  readonly author: string;
  readonly reason: string;
  readonly atMs: number;
}

/** Why the fleet goes back to an earlier release. */
export interface Return {
  /** Digest and revision of the release that the fleet leaves. */
  readonly from: string;
  readonly fromRevision: string;
  /** Undefined: the budget was spent, and the strategy says to go back. */
  readonly author?: string;
  readonly reason: string;
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
  readonly project?: string;
  /** Ends the names of the checks of its gates; a rollout that began before there were marks has none, so that its Jobs go on. */
  readonly checkMark?: string;
  /** What has to be healthy before a cluster is pushed to. A way back has none. */
  readonly dependsOn?: readonly Dependency[];
  /** Clusters that the placement no longer selects, in name order. */
  readonly withdrawals: readonly string[];
  /** Most objects that each cluster may lose by this release; only clusters that lose some. */
  readonly removals: Deletions;
  /** Objects that each cluster's new bundle drops from the bundle it had when the release was made. */
  readonly dropped: { readonly [cluster: string]: number };
  readonly approval?: Approval;
  /** Names of the strategy's windows that each cluster has to mind; only clusters with some. */
  readonly windows?: { readonly [cluster: string]: readonly string[] };
  /** Set once a person let this rollout push at any time. */
  readonly windowsBroken?: Word;
  /** Mail addresses and names of whoever wrote what the release brings; absent: nobody knows. */
  readonly authors?: readonly string[];
  /** Who started it, when a person did. */
  readonly started?: Word;
  /** Set when this is a rollback; it is never rolled back itself. */
  readonly back?: Return;
  /** Of a rollback: all stages of the rollout that was left, in the order of the strategy; those of the state move somebody. */
  readonly order?: readonly StageOrder[];
  readonly startedAtMs: number;
}

/** A release that every cluster but those within the budget was healthy at. */
export interface GoodRelease {
  readonly release: Release;
  readonly policy: Policy;
}

/** A release that completed once, by name; what a rollback may go to. */
export interface KeptRelease {
  readonly digest: string;
  readonly revision: string;
  /** Number of the rollout that brought it. */
  readonly number: number;
  readonly completedAtMs: number;
  /** Set once the fleet went back from it: it is gone to by its name only. */
  readonly leftAtMs?: number;
}

/** The fleet stays at a release although git says another one, until a newer one comes or a person starts this one again. */
export interface Pin {
  /** What git says: the release that was left, or a newer one with the same content. */
  readonly release: string;
  readonly revision: string;
  /** The first 16 hex digits of the bundle that it has for each cluster; later revisions may have the same. */
  readonly bundles: { readonly [cluster: string]: string };
  /** Digest of its policy. */
  readonly policy: string;
  /** Clusters whose bundle in git is not the one that they are pinned to, in name order. */
  readonly differs: readonly string[];
  /** Undefined: the hub went back by itself. */
  readonly author?: string;
  readonly reason: string;
  readonly sinceMs: number;
}

/** A release that waits until the present rollout has ended. */
export interface Queued {
  readonly release: string;
  readonly revision: string;
  readonly sinceMs: number;
}

/** A rollout that is over or was overtaken, without its clusters. */
export interface EndedRollout {
  readonly number: number;
  readonly release: string;
  readonly revision: string;
  readonly phase: 'completed' | 'halted' | 'superseded' | 'aborted' | 'rolledBack';
  readonly reason: string;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
}

interface Common {
  /** 3 with gates: a hub that does not know them must not go on past one. */
  readonly version: 2 | 3;
  readonly application: string;
  /** One sentence: why the rollout is where it is. */
  readonly reason: string;
  readonly target: Target;
  readonly placed: { readonly [cluster: string]: Placed };
  /** Newest first, at most five. */
  readonly history: readonly EndedRollout[];
  /** Where a rollback goes unless it is told otherwise; undefined before the first rollout that completed. */
  readonly lastGood?: GoodRelease;
  /** Newest first, at most ten. */
  readonly kept: readonly KeptRelease[];
  readonly pin?: Pin;
  readonly queued?: Queued;
  /** What holds pushes of this application, or to some of its clusters; absent when nothing does. */
  readonly holds?: readonly Hold[];
}

/**
 * Clusters move to the target, one stage at a time: forwards, or back to an earlier release. `stage` is the index of the
 * only stage that may assign.
 */
export interface Moving extends Common {
  readonly phase: 'progressing' | 'rollingBack';
  readonly stage: number;
  readonly stages: readonly StageProgress[];
  /** Set while a person has stopped it: nothing is assigned, nothing passes and no deadline ends. */
  readonly paused?: Word;
}

/** Nothing moves until a person approves deletions over the budget, or starts it; a newer release takes its place. */
export interface Waiting extends Common {
  readonly phase: 'waiting';
  readonly needs: 'approval' | 'start';
  readonly stages: readonly StageProgress[];
  /** A person stopped what it takes the place of: it stands still once it begins. */
  readonly paused?: Word;
}

/** Every stage passed: forwards, or back. */
export interface Completed extends Common {
  readonly phase: 'completed' | 'rolledBack';
  readonly stages: readonly StageProgress[];
  readonly endedAtMs: number;
}

/**
 * Nothing more is assigned until a retry, a rollback or another release: more clusters failed than the failure budget
 * allows, or a person gave it up (`aborted`).
 */
export interface Halted extends Common {
  readonly phase: 'halted' | 'aborted';
  readonly stage: number;
  readonly stages: readonly StageProgress[];
  readonly endedAtMs: number;
}

/** The rollout of one application: all the hub has to remember of it. Serialises as JSON. */
export type RolloutState = Moving | Waiting | Completed | Halted;
