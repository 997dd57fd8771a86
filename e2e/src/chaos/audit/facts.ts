/** What a message of the ledger says, as far as the auditor goes by it. */
export type LedgerBody =
  | { readonly kind: 'claim'; readonly term: number; readonly holder: string; readonly incarnation: string }
  | AssignBody
  | RolloutBody
  | WordBody
  /** A candidate's, who leads nobody yet: it says which stream its claim will be for. */
  | { readonly kind: 'seal' }
  | { readonly kind: 'other' }
  | { readonly kind: 'damaged'; readonly why: string };

/** What a person asked, known by the reason that only this person gave; `promotes` is the release of which the present soak was to be skipped. */
export interface WordBody {
  readonly kind: 'word';
  readonly reason: string;
  readonly isEnd: boolean;
  readonly promotes?: string;
}

/** An assignment; `refusal` says why its signature is worth nothing. */
export interface AssignBody {
  readonly kind: 'assign';
  readonly cluster: string;
  readonly application: string;
  readonly generation: number;
  readonly term: number;
  readonly incarnation: string;
  readonly release: string;
  readonly revision: string;
  readonly bundle: string;
  readonly allowedDeletions: number;
  readonly refusal?: string;
}

/** The state of a rollout. */
export interface RolloutBody {
  readonly kind: 'rollout';
  readonly application: string;
  readonly release: string;
  /** Digest of the bundle that each cluster gets. */
  readonly bundles: { readonly [cluster: string]: string };
  /** Whether the fleet goes back to an earlier release: then the order of stages is another. */
  readonly isBack: boolean;
  /** Names the soak that goes on: which stage, and since when; undefined while none does. */
  readonly soak?: string;
  /** What the hub says that proves the health of a cluster. */
  readonly evidence: readonly { readonly cluster: string; readonly release: string }[];
}

/** One message of the ledger. */
export interface LedgerFact {
  /** Counts the lives of the stream: a lost one that was made anew, or one that came back older, begins another. */
  readonly life: number;
  readonly sequence: number;
  /** Time of the NATS server when it was stored. */
  readonly atMs: number;
  readonly subject: string;
  /** What its headers say; 0 and empty when they do not. */
  readonly term: number;
  readonly holder: string;
  /** Of its bytes. */
  readonly digest: string;
  readonly body: LedgerBody;
}

/** One message as it was read again. */
export type StoredFact = Pick<LedgerFact, 'sequence' | 'subject' | 'atMs' | 'digest'>;

/** The present life of the ledger as it was read again, up to a sequence. */
export interface Reading {
  readonly upTo: number;
  readonly facts: readonly StoredFact[];
}

/** What an agent said of an application, when NATS stored it. */
export interface StatusFact {
  readonly cluster: string;
  readonly application: string;
  readonly atMs: number;
  readonly release: string;
  readonly bundle: string;
  readonly generation: number;
  /** Synced and Healthy, and nothing refused. */
  readonly isGood: boolean;
}

/** What an agent keeps in its cluster as its last accepted assignment. */
export interface HeldFact {
  readonly cluster: string;
  readonly application: string;
  readonly atMs: number;
  readonly incarnation: string;
  readonly term: number;
  readonly generation: number;
  readonly release: string;
}

/** An object of an application that went from a cluster. */
export interface RemovalFact {
  readonly cluster: string;
  readonly application: string;
  readonly object: string;
  readonly atMs: number;
}

/** A number that the source of metrics of a cluster gave, and that a gate lets pass. */
export interface AnswerFact {
  readonly cluster: string;
  /** What the question was about. */
  readonly release: string;
  readonly atMs: number;
}

/** Names of an application's objects and the value that each carries. */
export type Content = ReadonlyMap<string, string>;

/** What the author of a commit knows of an application there. */
export interface Authored {
  /** Undefined: it cannot be rendered. */
  readonly content: Content | undefined;
}

/** A time in which a word may have been overwritten before it was read. */
export interface Gap {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Everything that was seen of a run, and what its author and operators know. */
export interface CaseFile {
  readonly ledger: readonly LedgerFact[];
  /** The ledger in the end, as often as it was read again. */
  readonly stored: readonly Reading[];
  readonly statuses: readonly StatusFact[];
  readonly statusGaps: readonly Gap[];
  readonly held: readonly HeldFact[];
  readonly removals: readonly RemovalFact[];
  /** By commit id, then application. */
  readonly commits: ReadonlyMap<string, ReadonlyMap<string, Authored>>;
  /** Clusters of each stage, in the order in which the strategy has them, by application. */
  readonly stages: ReadonlyMap<string, readonly (readonly string[])[]>;
  /** How long every stage soaks, by application; those that do not soak are not there. */
  readonly soaksMs: ReadonlyMap<string, number>;
  /** Clusters that have to be measured well before the stage after theirs begins, by application. */
  readonly measured: ReadonlyMap<string, readonly string[]>;
  /** Every good number that was given. What the source said else is none. */
  readonly answers: readonly AnswerFact[];
  /** Reasons of commands that a hub has acknowledged and always records, each given once. */
  readonly acknowledged: readonly { readonly reason: string; readonly atMs: number }[];
  /** Unix times at which the ledger was taken away or put back by the run itself. */
  readonly losses: readonly number[];
  /** What each cluster holds of each application in the end, under `cluster/application`. */
  readonly found: ReadonlyMap<string, Content>;
  /** What it should hold. */
  readonly wanted: ReadonlyMap<string, Content>;
  /** What else went wrong: processes that ended by themselves, secrets in a log. */
  readonly mishaps: readonly Violation[];
}

/** A broken promise. */
export interface Violation {
  readonly invariant: string;
  /** Unix time. */
  readonly atMs: number;
  readonly message: string;
}

/** An assignment beside the message that it came in. */
export type AssignFact = LedgerFact & { readonly body: AssignBody };

/** The assignments of a ledger, in its order. */
export function assignmentsIn(ledger: readonly LedgerFact[]): AssignFact[] {
  return ledger.flatMap((fact) => (fact.body.kind === 'assign' ? [{ ...fact, body: fact.body }] : []));
}

/** Whether both say the same at the same generation: what a later leader signs anew changes nothing. */
export function isRenewal(fact: AssignFact, before: AssignFact | undefined): boolean {
  return before?.life === fact.life && before.body.generation === fact.body.generation;
}

/** Names a pair in messages and maps. */
export const pairOf = ({
  cluster,
  application,
}: {
  readonly cluster: string;
  readonly application: string;
}): string => `${cluster}/${application}`;
