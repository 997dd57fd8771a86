import type { Assignment, FleetEvent, Moves } from '@meridian/fleet';
import type { Leadership, Ledger, LedgerMessage, LedgerRecord } from '@meridian/ledger';
import { FaultError, createSlices } from '@meridian/runtime';
import type { Clock } from '@meridian/runtime';
import type { AssignEffect, ReissueEffect, RolloutEffect, RolloutState } from '@meridian/rollout';
import { fieldNames } from '@meridian/telemetry';
import type { Logger } from '@meridian/telemetry';
import { eachOf } from './each-of.ts';
import type { EventOutbox } from './event-outbox.ts';
import {
  emptyBook,
  missingAssignments,
  missingReissues,
  noteHold,
  noteAssignment,
  outdatedIndexes,
  readBook,
} from './ledger-book.ts';
import type { LedgerBook } from './ledger-book.ts';
import type { ControlMetrics } from './metrics.ts';
import type { HoldCommand, PauseCommand } from './commands.ts';
import { outdatedChecks, withChecks } from './checking.ts';
import { decideHold } from './holding.ts';
import { outranked } from './outranked.ts';
import { decidePause, presentPause, withPause } from './pausing.ts';
import type { MovePlanner } from '../moves/move-planner.ts';
import {
  assignmentOf,
  assignmentRecord,
  holdRecord,
  indexRecord,
  pauseRecord,
  reissued,
  renewed,
  rolloutRecord,
  withMoves,
} from './records.ts';
import type { SignAssignment, Writer } from './records.ts';
import { Renewals } from './renewals.ts';
import type { StatusMemory } from './status-memory.ts';
import { leaderSubjects } from './subjects.ts';
import { notedUnwritten } from './unwritten.ts';

/** How long a replica that is behind is given before it is asked again. */
const behindMs = 50;
/** With so many records an append begins; what is left of the changes is made after it. */
const recordsAtOnce = 500;

/** The ledger refused a write because another leader claimed it. This term is over. */
export class FencedError extends FaultError {
  constructor() {
    super('conflict', 'the ledger refused a write: another hub leads', { retry: 'never' });
    this.name = 'FencedError';
  }
}

/** One rollout after a decision, and what has to be written of it. */
export interface Change {
  readonly application: string;
  readonly next: RolloutState;
  readonly effects: readonly RolloutEffect[];
  /** Trace of the commit; kept for later stages. */
  readonly traceparent: string | undefined;
  /** Span that the assignments name as their parent. */
  readonly parent: string | undefined;
  /** Records that belong in front, such as an approval. */
  readonly before?: readonly LedgerRecord[];
}

type MovesOf = ReadonlyMap<AssignEffect, Moves | undefined>;

/** What a pen needs of its leadership. */
export type PenLeadership = Pick<Leadership, 'term' | 'incarnation' | 'sequence' | 'append' | 'pulse'>;

/** What a pen needs beside its leadership. */
export interface PenPorts {
  readonly ledger: Pick<Ledger, 'lastBySubject' | 'tail'>;
  readonly outbox: EventOutbox;
  readonly moves: Pick<MovePlanner, 'of' | 'outdated'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: ControlMetrics;
  readonly shard: string;
  readonly sign: SignAssignment;
}

/**
 * Writes the ledger in one term, and knows what is in it. A write that fails leaves the book ahead of the ledger, so
 * whatever a pen throws ends its term.
 */
export class Pen {
  readonly #ports: PenPorts;
  readonly #leadership: PenLeadership;
  readonly #writer: Writer;
  readonly #renewals: Renewals;
  #book: LedgerBook = emptyBook();
  readonly #loaded = Promise.withResolvers<undefined>();
  #wroteAtMs = 0;

  constructor(ports: PenPorts, leadership: PenLeadership) {
    const { shard, sign, clock } = ports;
    const { term, incarnation } = leadership;
    this.#ports = ports;
    this.#leadership = leadership;
    this.#writer = { shard, sign, term, incarnation };
    this.#renewals = new Renewals(clock);
  }

  /** What the ledger holds. */
  get book(): LedgerBook {
    return this.#book;
  }

  /** The book once it has been read; rejects with the signal's reason when it is aborted before. */
  async whenLoaded(signal: AbortSignal): Promise<LedgerBook> {
    signal.throwIfAborted();
    const over = Promise.withResolvers<never>();
    const give = () => over.reject(signal.reason);
    signal.addEventListener('abort', give, { once: true });
    try {
      await Promise.race([this.#loaded.promise, over.promise]);
      return this.#book;
    } finally {
      signal.removeEventListener('abort', give);
    }
  }

  /** Reads the book from the ledger alone, and makes up for what the leader before did not live to write. */
  async load(signal: AbortSignal): Promise<void> {
    const { log } = this.#ports;
    this.#book = await readBook(await this.#history(signal), createSlices());
    const missing = missingAssignments(this.#book);
    const moves = await this.#movesOf(missing);
    const records = missing.map((effect) => {
      const assignment = this.#assignmentOf(effect, moves);
      const traceparent = this.#book.rollouts.get(effect.application)?.traceparent;
      noteAssignment(this.#book, { assignment, traceparent });
      return assignmentRecord(this.#writer, assignment, traceparent);
    });
    records.push(...missingReissues(this.#book).flatMap((effect) => this.#reissue(effect)));
    const checks = [...this.#book.rollouts.values()].flatMap(({ state }) => this.#checkRecords(state));
    const madeUp = records.length;
    await this.#append([...records, ...checks, ...this.#indexRecords()], signal);
    this.#loaded.resolve(undefined);
    const { size } = this.#book.rollouts;
    log.info({ [fieldNames.term]: this.#writer.term, rollouts: size, madeUp }, 'leading');
  }

  /** A replica of the stream that is behind may answer; what it says is history only when our own claim is in it. */
  async #history(signal: AbortSignal): Promise<LedgerMessage[]> {
    const { ledger, shard, clock } = this.#ports;
    for (;;) {
      const messages = await ledger.lastBySubject(leaderSubjects.all(shard), signal);
      if (messages.some(({ sequence }) => sequence >= this.#leadership.sequence)) return messages;
      // A ledger that ends before our claim was lost or put back: no replica will ever catch up with it.
      if (await this.#isLost()) throw new FencedError();
      await clock.wait(behindMs, signal);
    }
  }

  /** A server that does not answer now has lost nothing yet. */
  async #isLost(): Promise<boolean> {
    try {
      return (await this.#ports.ledger.tail()).sequence < this.#leadership.sequence;
    } catch (error) {
      if (error instanceof FaultError) return false;
      throw error;
    }
  }

  /**
   * Writes changes: of each rollout its state first, then its assignments. Then, and only then, they are so. Many are written
   * some at a time: to sign a whole fleet's in one go would hold up this process for so long that it had to step down. Newer numbers
   * that change no decision are remembered only.
   */
  async carryOut(changes: readonly Change[], signal: AbortSignal): Promise<void> {
    const written = changes.filter((change) => !notedUnwritten(this.#book, change));
    if (written.length === 0) return;
    const assigns = written.flatMap(({ effects }) => effects.filter((effect) => effect.kind === 'assign'));
    const moves = await this.#movesOf(assigns);
    let records: LedgerRecord[] = [];
    for (const change of written) {
      records.push(...this.#recordsOf(change, moves));
      if (records.length < recordsAtOnce) continue;
      await this.#append(records, signal);
      records = [];
    }
    await this.#append([...records, ...this.#indexRecords()], signal);
    const events = written.flatMap(({ effects }) =>
      effects.flatMap((effect) => (effect.kind === 'event' ? effect.event : [])),
    );
    this.tell(events);
  }

  /** Publishes events for people, off the leader's way. */
  tell(events: readonly FleetEvent[]): void {
    this.#ports.outbox.put(events);
  }

  /** Fresh signatures for assignments whose life is half over, when it is time to look for them. */
  async renew(signal: AbortSignal): Promise<void> {
    const renewed = this.#renewals.due(this.#book, this.#writer);
    for (const { assignment, traceparent } of renewed)
      noteAssignment(this.#book, { assignment, traceparent });
    await this.#append(
      renewed.map(({ record }) => record),
      signal,
    );
  }

  /** Signs anew what agents that reported refuse because they have seen a greater term, or a later signature of the same. */
  async outrank(
    reports: ReadonlyMap<string, Iterable<string>>,
    statuses: Pick<StatusMemory, 'termOf' | 'observed'>,
    signal: AbortSignal,
  ): Promise<void> {
    const nowMs = this.#ports.clock.nowMs();
    const records = outranked(this.#book, reports, { statuses, writer: this.#writer, nowMs }).map(
      (stored) => {
        const assignment = renewed(this.#writer, stored.assignment, nowMs);
        noteAssignment(this.#book, { ...stored, assignment });
        return assignmentRecord(this.#writer, assignment, stored.traceparent);
      },
    );
    await this.#append(records, signal);
  }

  /** Pauses one application in one cluster, or lets it go on: the same assignment, signed anew. Throws as `decidePause` does. */
  async pause(command: PauseCommand, signal: AbortSignal): Promise<string> {
    const nowMs = this.#ports.clock.nowMs();
    const { stored, pause, event } = decidePause(this.#book, command, nowMs);
    const { shard } = this.#writer;
    const assignment = renewed(this.#writer, withPause(stored.assignment, pause), nowMs);
    noteAssignment(this.#book, { ...stored, assignment });
    const records = [
      pauseRecord(shard, command, nowMs),
      assignmentRecord(this.#writer, assignment, stored.traceparent),
    ];
    await this.#append(records, signal);
    this.tell([event]);
    return event.message;
  }

  /** Places a hold of a person, or ends one. Throws as `decideHold` does. */
  async hold(command: HoldCommand, signal: AbortSignal): Promise<string> {
    const nowMs = this.#ports.clock.nowMs();
    const { record, event } = decideHold(this.#book, command, nowMs);
    noteHold(this.#book, record);
    await this.#append([holdRecord(this.#writer.shard, record)], signal);
    this.tell([event]);
    return event.message;
  }

  /** A cluster whose stored bundles are to be looked through now, with the digests that are still needed. */
  clusterToTidy(): { cluster: string; digests: string[] } | undefined {
    return this.#renewals.clusterToTidy(this.#book);
  }

  /** Tells candidates that somebody leads, unless something was written within `quietMs`. */
  async pulse(quietMs: number, signal: AbortSignal): Promise<void> {
    if (this.#ports.clock.monotonicMs() - this.#wroteAtMs < quietMs) return;
    if (!(await this.#leadership.pulse(signal)).ok) throw new FencedError();
    this.#wroteAtMs = this.#ports.clock.monotonicMs();
  }

  /** Signs anew what says something else of objects that move than is known by now. */
  async reviseMoves(signal: AbortSignal): Promise<void> {
    const nowMs = this.#ports.clock.nowMs();
    const records = (await this.#ports.moves.outdated(this.#book)).map(({ stored, moves }) => {
      const assignment = renewed(this.#writer, withMoves(stored.assignment, moves), nowMs);
      noteAssignment(this.#book, { ...stored, assignment });
      return assignmentRecord(this.#writer, assignment, stored.traceparent);
    });
    await this.#append(records, signal);
  }

  #recordsOf(
    { application, next, effects, traceparent, parent, before = [] }: Change,
    moves: MovesOf,
  ): LedgerRecord[] {
    const { metrics, log } = this.#ports;
    const assignments = effects.flatMap((effect) => {
      if (effect.kind === 'reissue') return this.#reissue(effect);
      if (effect.kind !== 'assign') return [];
      const assignment = this.#assignmentOf(effect, moves);
      noteAssignment(this.#book, { assignment, traceparent: parent });
      return [assignmentRecord(this.#writer, assignment, parent)];
    });
    metrics.assignments.inc(assignments.length);
    this.#book.rollouts.set(application, { state: next, traceparent });
    const fields = {
      [fieldNames.application]: application,
      [fieldNames.reason]: next.reason,
      phase: next.phase,
    };
    log.info({ ...fields, assignments: assignments.length }, 'rollout moved');
    const rollout = rolloutRecord(this.#writer.shard, next, traceparent);
    return [...before, rollout, ...assignments, ...this.#checkRecords(next)];
  }

  /** What gates ask of clusters rides in their assignments, and goes with the gate. */
  #checkRecords(state: RolloutState): LedgerRecord[] {
    const nowMs = this.#ports.clock.nowMs();
    return outdatedChecks(this.#book, state).map(({ stored, checks }) => {
      const assignment = renewed(this.#writer, withChecks(stored.assignment, checks), nowMs);
      noteAssignment(this.#book, { ...stored, assignment });
      return assignmentRecord(this.#writer, assignment, stored.traceparent);
    });
  }

  /** Nothing for a cluster that the ledger has no assignment for: then no state speaks of one. */
  #reissue(effect: ReissueEffect): LedgerRecord[] {
    const stored = this.#book.assignments.get(effect.cluster)?.get(effect.application);
    if (!stored) return [];
    const assignment = reissued(this.#writer, stored.assignment, effect, this.#ports.clock.nowMs());
    noteAssignment(this.#book, { ...stored, assignment });
    return [assignmentRecord(this.#writer, assignment, stored.traceparent)];
  }

  #assignmentOf(effect: AssignEffect, moves: MovesOf): Assignment {
    const nowMs = this.#ports.clock.nowMs();
    const pause = presentPause(this.#book, effect, nowMs);
    return assignmentOf(this.#writer, { ...effect, pause, moves: moves.get(effect) }, nowMs);
  }

  /** What moves by each of these assignments; the book still has those before them. */
  async #movesOf(effects: readonly AssignEffect[]): Promise<MovesOf> {
    const found: [AssignEffect, Moves | undefined][] = [];
    await eachOf(effects, async (effect) => {
      found.push([effect, await this.#ports.moves.of(this.#book, effect)]);
    });
    return new Map(found);
  }

  #indexRecords(): LedgerRecord[] {
    return [...outdatedIndexes(this.#book)].map(([cluster, applications]) => {
      this.#book.indexes.set(cluster, applications);
      return indexRecord(this.#writer.shard, cluster, applications);
    });
  }

  /** Writes records in order, in one pipelined append: another leader's claim anywhere in it refuses all that follow. */
  async #append(records: readonly LedgerRecord[], signal: AbortSignal): Promise<void> {
    if (records.length === 0) return;
    const result = await this.#leadership.append(records, signal);
    if (!result.ok) throw new FencedError();
    this.#wroteAtMs = this.#ports.clock.monotonicMs();
  }
}
