import type { Assignment } from '@meridian/fleet';
import { decodeState } from '@meridian/rollout';
import type { RolloutState } from '@meridian/rollout';
import type { AgentWord, Report, ReportedStatus } from './board.ts';
import { sealOf } from './claim-invariants.ts';
import { GateLog } from './gate-log.ts';
import type { Repo } from './repo.ts';
import type { Stored } from './stream.ts';
import { plannedNow } from './push-invariants.ts';
import { startMs } from './realm.ts';
import { Words } from './words.ts';
import { verifyCheaply } from './signing.ts';

/** A message of the ledger, read. */
export type Entry =
  | (Common & {
      readonly kind: 'rollout';
      readonly state: RolloutState;
      readonly before: RolloutState | undefined;
    })
  | (Common & {
      readonly kind: 'assign';
      readonly assignment: Assignment;
      readonly before: Assignment | undefined;
    })
  | (Common & { readonly kind: 'approval'; readonly application: string; readonly body: Consent })
  | (Common & { readonly kind: 'verb'; readonly application: string; readonly body: AskedWord })
  | (Common & { readonly kind: 'hold'; readonly body: HoldWord })
  | (Common & { readonly kind: 'other' });

/** An assignment in the ledger. */
export type Assign = Extract<Entry, { kind: 'assign' }>;

/** What the ledger has of a person's word to a rollout. */
export interface AskedWord {
  readonly verb: string;
  readonly release: string;
  readonly reason: string;
  readonly author: string;
  /** Hub time. */
  readonly atMs: number;
  readonly to?: string;
  readonly gate?: string;
}

/** What the ledger has of a hold. */
export interface HoldWord {
  readonly scope: 'fleet' | 'project' | 'application' | 'cluster';
  readonly name: string;
  /** Unix time. */
  readonly untilMs?: number;
  readonly released?: object;
}

interface Common {
  readonly message: Stored;
  /** True time. */
  readonly atMs: number;
}

/** What an approval in the ledger says. */
export interface Consent {
  readonly release: string;
  readonly reason: string;
  readonly deletions?: { readonly [cluster: string]: number };
}

/** How one cluster came to a release. */
export interface Given {
  /** Generation of the last assignment of the release. */
  generation: number;
  lastAtMs: number;
  /** When a report first said that it is Synced and Healthy there. */
  healthyAtMs: number | undefined;
}

/** A report of one application in one cluster. */
export interface Said {
  readonly atMs: number;
  readonly status: ReportedStatus;
  /** It came after the agent had spoken in a later session: the hub that it was said to stood still, and from the next heartbeat on it counts for nothing. */
  readonly isLate: boolean;
}

const decoder = new TextDecoder();

/** All that happened in a world, as one who sees everything knows it. It shares no code with what it is held against. */
export class History {
  readonly repo: Repo;
  /** Rollouts as the present life of the ledger has them. */
  states = new Map<string, RolloutState>();
  /** Last assignment by `cluster/application`, in the present life. */
  assignments = new Map<string, Assignment>();
  /** By `application release`, then cluster; in the present life. */
  given = new Map<string, Map<string, Given>>();
  /** When an assignment was decided by the state that first spoke of it, by `cluster/application/generation`; in the present life. */
  planned = new Map<string, number>();
  /** What people said to rollouts, and what became of it. */
  readonly words = new Words();
  /** What gates were told. */
  readonly gates: GateLog;
  /** By scope and name, in the present life. */
  holds = new Map<string, HoldWord>();
  /** Since when each agent says that it is frozen. */
  readonly frozenSinceMs = new Map<string, number>();
  /** `application/cluster` that stood still at some time: a pause there, or a freeze of the cluster under `/cluster`. */
  readonly stoodStill = new Set<string>();
  /** Consents in the ledger, ever. */
  readonly consents: (Consent & { readonly application: string })[] = [];
  /** Every assignment that was ever stored. */
  readonly everStored = new Set<string>();
  /** Releases to which a person gave another try. */
  readonly helped = new Set<string>();
  /** `application number cluster` of every cluster that counted as failed in a rollout at some time. */
  readonly failed = new Set<string>();
  /** By `cluster/application`, oldest first. */
  readonly said = new Map<string, Said[]>();
  /** When each agent was heard of. */
  readonly heard = new Map<string, number[]>();
  /** When each agent spoke of itself: only then it says whether it is frozen. */
  readonly spoke = new Map<string, number[]>();
  /** The latest session in which each agent spoke of itself. */
  readonly #sessions = new Map<string, string>();
  /** When the present leader claimed the ledger. */
  claimedAtMs = 0;
  /** The hub that claimed it last. */
  leader = '';
  /** What the ids of its messages end with. */
  seal = '';
  /** When the present life of the ledger began. */
  lifeSinceMs = 0;
  /**
   * Rollouts as each hub had them that led when something of the ledger was lost. One that stands still through two losses, with
   * a claim of another between them, goes on by what there was before the first.
   */
  readonly #lostStates = new Map<string, ReadonlyMap<string, RolloutState>>();
  /** When something of the ledger was lost last: whoever is put back to all that there is leads on. */
  #lostAtMs = 0;
  #lastSeq = 0;

  constructor(repo: Repo) {
    this.repo = repo;
    this.gates = new GateLog(repo);
  }

  /** Reads a message; it counts from `note` on. */
  read(message: Stored): Entry {
    const [, , kind, first = '', second = ''] = message.subject.split('.');
    const common = { message, atMs: message.storedAtMs };
    const text = decoder.decode(message.data);
    if (kind === 'rollout') {
      const read = decodeState(text);
      if (!read.ok) throw new Error(`${message.subject}: ${read.reason}`);
      return { ...common, kind, state: read.state, before: this.states.get(first) };
    }
    if (kind === 'assign') {
      const assignment = verifyCheaply(JSON.parse(text) as Parameters<typeof verifyCheaply>[0]);
      if (!assignment) throw new Error(`${message.subject} is not signed`);
      return { ...common, kind, assignment, before: this.assignments.get(`${first}/${second}`) };
    }
    if (kind === 'approval') {
      return { ...common, kind, application: first, body: JSON.parse(text) as Consent };
    }
    if (kind === 'verb') return { ...common, kind, application: first, body: JSON.parse(text) as AskedWord };
    if (kind === 'hold') return { ...common, kind, body: JSON.parse(text) as HoldWord };
    return { ...common, kind: 'other' };
  }

  /** Takes in an entry. */
  note(entry: Entry): void {
    this.#lastSeq = entry.message.seq;
    if (entry.message.subject.endsWith('.claim')) {
      this.claimedAtMs = entry.atMs;
      this.leader = entry.message.header.get('Meridian-Holder');
      this.seal = sealOf(entry.message);
      this.gates.claimed();
    }
    if (entry.kind === 'rollout') this.#noteState(entry);
    if (entry.kind === 'assign') this.#noteAssignment(entry.assignment, entry);
    if (entry.kind === 'approval') {
      this.consents.push({ application: entry.application, ...entry.body });
      this.helped.add(entry.body.release);
    }
    if (entry.kind === 'hold') this.holds.set(`${entry.body.scope}/${entry.body.name}`, entry.body);
    if (entry.kind === 'verb') this.#noteWord(entry);
  }

  /** A rollout as the present leader knows it: one that has not heard yet of the loss of its ledger goes by what there was. */
  knownToLeader(application: string): RolloutState | undefined {
    const lost = this.claimedAtMs < this.#lostAtMs ? this.#lostStates.get(this.leader) : undefined;
    return (lost ?? this.states).get(application);
  }

  /** Holds that nobody has released and that have not ended at a true time. */
  holdsAt(nowMs: number): readonly HoldWord[] {
    return [...this.holds.values()].filter(
      ({ released, untilMs = Infinity }) => released === undefined && untilMs > startMs + nowMs,
    );
  }

  /** What a person said may change which clusters move, and when they are late. */
  #noteWord(entry: Extract<Entry, { kind: 'verb' }>): void {
    this.words.asked(entry);
    const before = this.states.get(entry.application);
    this.gates.asked(entry.application, entry.body, { seq: entry.message.seq, before });
    const { release, to } = entry.body;
    for (const one of [release, to]) if (one !== undefined) this.helped.add(one);
    if (entry.body.verb !== 'rollback') return;
    for (const { digest } of this.states.get(entry.application)?.kept ?? []) this.helped.add(digest);
  }

  #noteState(entry: Extract<Entry, { kind: 'rollout' }>): void {
    const { state, before } = entry;
    this.words.moved(entry);
    this.gates.moved(entry);
    this.states.set(state.application, state);
    this.#notePlanned(entry);
    for (const { name, phase } of state.stages.flatMap(({ clusters }) => clusters))
      if (phase === 'failed') this.failed.add(`${state.application} ${state.target.number} ${name}`);
    const isSame = before?.target.number === state.target.number;
    if (isSame && before.phase === 'halted' && state.phase !== 'halted')
      this.helped.add(state.target.release.digest);
  }

  #notePlanned(entry: Extract<Entry, { kind: 'rollout' }>): void {
    const { state, atMs } = entry;
    const decided = new Map(
      plannedNow(entry).map(({ cluster, decidedMs }) => [cluster, decidedMs - startMs]),
    );
    for (const [cluster, { generation }] of Object.entries(state.placed)) {
      const key = `${cluster}/${state.application}/${generation}`;
      if (this.planned.has(key)) continue;
      // What was decided may be stored seconds later, and deadlines count from then.
      const saidMs = decided.get(cluster) ?? atMs;
      this.planned.set(key, saidMs <= atMs && atMs - saidMs < 20_000 ? saidMs : atMs);
    }
  }

  #noteAssignment(
    assignment: Assignment,
    { before, atMs }: { before: Assignment | undefined; atMs: number },
  ): void {
    const { application, cluster, release, generation } = assignment;
    this.assignments.set(`${cluster}/${application}`, assignment);
    this.everStored.add(keyOfAssignment(assignment));
    if (assignment.pause) this.stoodStill.add(`${application}/${cluster}`);
    if (before?.generation === generation) return;
    const clusters = this.givenAt(application, release);
    const known = clusters.get(cluster);
    const plannedAtMs = this.decidedAtMs({ assignment, atMs });
    if (known) {
      known.generation = generation;
      known.lastAtMs = plannedAtMs;
    } else
      clusters.set(cluster, {
        generation,
        lastAtMs: plannedAtMs,
        // A ledger that was put back assigns what its agent has long reported.
        healthyAtMs: this.said
          .get(`${cluster}/${application}`)
          ?.find(({ status }) => status.release === release && isGood(status))?.atMs,
      });
  }

  /** When an assignment was decided: deadlines count from then, also when another leader made up for it later. */
  decidedAtMs({ assignment, atMs }: { readonly assignment: Assignment; readonly atMs: number }): number {
    const { cluster, application, generation } = assignment;
    return this.planned.get(`${cluster}/${application}/${generation}`) ?? atMs;
  }

  /** How the clusters of a release came to it. */
  givenAt(application: string, release: string): Map<string, Given> {
    const key = `${application} ${release}`;
    const known = this.given.get(key) ?? new Map<string, Given>();
    this.given.set(key, known);
    return known;
  }

  /** Takes in a report that was stored. */
  report({ cluster, application, value, storedAtMs }: Report): void {
    noteTime(this.heard, cluster, storedAtMs);
    if (!('release' in value)) {
      noteTime(this.spoke, cluster, storedAtMs);
      this.#noteFreeze(cluster, value, storedAtMs);
      this.#noteSession(cluster, value.session);
    }
    if (application === undefined || !('release' in value)) return;
    const key = `${cluster}/${application}`;
    const said = this.said.get(key) ?? [];
    this.said.set(key, said);
    const isLate = isEarlier(value.session, this.#sessions.get(cluster));
    said.push({ atMs: storedAtMs, status: value, isLate });
    const given = this.given.get(`${application} ${value.release}`)?.get(cluster);
    if (given && isGood(value)) given.healthyAtMs ??= storedAtMs;
  }

  #noteSession(cluster: string, session: string): void {
    // A hub that stood still may also write late that the agent is there.
    if (!isEarlier(session, this.#sessions.get(cluster))) this.#sessions.set(cluster, session);
  }

  #noteFreeze(cluster: string, { limits }: AgentWord, atMs: number): void {
    if (!limits) return void this.frozenSinceMs.delete(cluster);
    this.stoodStill.add(`/${cluster}`);
    if (!this.frozenSinceMs.has(cluster)) this.frozenSinceMs.set(cluster, atMs);
  }

  /** The ledger lost what came after `kept` messages: what is left is all that its next leader knows. */
  lose(left: readonly Stored[], atMs: number): void {
    if ((left.at(-1)?.seq ?? 0) < this.#lastSeq) {
      if (this.claimedAtMs >= this.#lostAtMs) this.#lostStates.set(this.leader, this.states);
      this.#lostAtMs = atMs;
    }
    this.#lastSeq = 0;
    this.states = new Map();
    this.assignments = new Map();
    this.given = new Map();
    this.planned = new Map();
    this.holds = new Map();
    this.words.lose();
    this.gates.lose();
    this.lifeSinceMs = atMs;
    for (const message of left) this.note(this.read(message));
  }
}

/** Whether a session began before another: an agent numbers its starts, and the sessions of each (`agent.ts`, `link.ts`). */
function isEarlier(session: string, other: string | undefined): boolean {
  const [start = 0, number = 0] = numbersOf(session);
  const [otherStart = 0, otherNumber = 0] = numbersOf(other ?? '');
  return start < otherStart || (start === otherStart && number < otherNumber);
}

function numbersOf(session: string): number[] {
  return session.split('-').slice(-2).map(Number);
}

function noteTime(times: Map<string, number[]>, cluster: string, atMs: number): void {
  const known = times.get(cluster);
  if (known) known.push(atMs);
  else times.set(cluster, [atMs]);
}

/** Names an assignment but for its signature. */
export function keyOfAssignment({
  cluster,
  application,
  generation,
  release,
  bundle,
  incarnation,
}: Assignment): string {
  return [cluster, application, generation, release, bundle ?? '-', incarnation].join(' ');
}

/** Whether a report says that all is well. */
export function isGood({ sync, health, refusedDeletions }: ReportedStatus): boolean {
  return sync === 'Synced' && health === 'Healthy' && refusedDeletions === undefined;
}
