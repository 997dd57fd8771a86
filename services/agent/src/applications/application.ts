import type { ApplicationStatus, Health } from '@meridian/fleet';
import { FaultError, createWake, errorText } from '@meridian/runtime';
import { decideAcceptance } from '../assignments/acceptance.ts';
import { CheckBook } from '../checks/check-book.ts';
import { timeOf } from '../checks/run-checks.ts';
import type { Known } from '../assignments/acceptance.ts';
import type { InventoryEntry, KeptRecord, KindRef, KubeNote } from '../ports.ts';
import { Restoring } from './restoring.ts';
import { hasErrors, Retrying } from './retrying.ts';
import { createAnnouncer } from './announcer.ts';
import { seeNamespace } from './application-namespace.ts';
import type { Announcer } from './announcer.ts';
import { healthOf, isSettled, lostSight, statusOf } from './application-status.ts';
import { decryptedAgain, prepareContent } from './content.ts';
import type { EngineContext } from './context.ts';
import { createDriftLog } from './drift-log.ts';
import type { DriftLog } from './drift-log.ts';
import { holdAssignment } from './held.ts';
import type { Held } from './held.ts';
import type { ObjectBook, Seen } from './object-book.ts';
import { heedStops, nextPauseLookAt } from './pausing.ts';
import { Keeping } from './keeping.ts';
import { journalRecord, knownOf, markOf, settledRecord, withOthers } from './records.ts';
import type { Offer } from './records.ts';
import { heldNotes } from './held-notes.ts';
import { reconcile } from './reconcile.ts';
import { restoreHeld } from './restore-held.ts';
import { noteLooks } from './prune.ts';
import { nextTurnAt } from './next-turn.ts';
import { tellAfterTurn } from './tell-after-turn.ts';
import { tellSeen } from './tell-seen.ts';
import { isIdle } from './turn.ts';
import { watchedKinds } from './watched-kinds.ts';
import type { TurnOptions } from './turn.ts';

/**
 * One application in this cluster: an ordered mailbox around the assignment that is held. Offers and notes only leave
 * their mark and ring; all API calls happen in turns, one after another.
 */
export class Application {
  readonly name: string;
  readonly #context: EngineContext;
  readonly #announce: Announcer;
  readonly #wake = createWake();
  readonly #driftLog: DriftLog;
  readonly #keeping: Keeping;
  /** Takes up what was kept; other applications wait for the first try. */
  readonly restoring: Restoring;
  /** What the held assignment wants looked at for gates of a rollout. */
  readonly checks = new CheckBook();
  #offer: Offer | undefined;
  #held: Held | undefined;
  #keepError: string | undefined;
  /** Something arrived that must not wait for the next retry. */
  #hasNews = false;
  readonly #retrying: Retrying;
  #isLost = false;
  #health: { value: Health; sinceMs: number };

  constructor(name: string, context: EngineContext) {
    this.name = name;
    this.#context = context;
    this.restoring = new Restoring(context);
    this.#announce = createAnnouncer(name, context);
    this.#keeping = new Keeping(name, context);
    this.#driftLog = createDriftLog(context.clock);
    this.#retrying = new Retrying(context);
    this.#health = { value: 'Unknown', sinceMs: context.clock.nowMs() };
  }

  /** Takes the record that was kept; before anything else, once. */
  restore(kept: KeptRecord): void {
    this.#keeping.restore(kept);
    this.restoring.begin();
    this.nudge();
  }

  /** What is known for deciding on the next assignment; undefined before the first. */
  known(): Known | undefined {
    const offered = this.#offer?.assignment;
    if (offered) return { mark: markOf(offered), content: offered };
    return knownOf(this.#keeping.record, this.#held);
  }

  /** Whether this object shall be there; `unread` until what was kept is taken up, for nobody knows before. */
  wants(id: string): boolean | 'unread' {
    return this.restoring.isDue ? 'unread' : (this.#held?.books.has(id) ?? false);
  }

  /** Something has come that it may have waited for; what has failed is tried at once. */
  nudge(): void {
    this.#hasNews = true;
    this.#wake.ring();
  }

  /** Takes an accepted assignment; a newer one replaces one that was not taken up yet. */
  offer(offer: Offer): void {
    this.#offer = offer;
    this.nudge();
  }

  /** Takes a note from a watch about an object with this id; false when the object is not of this application. */
  see(id: string, note: KubeNote): boolean {
    const hook = this.#held?.hookBooks.get(id);
    if (hook) {
      if (hook.see(note, this.#context.clock.nowMs())) this.#wake.ring();
      return true;
    }
    const book = this.#held?.books.get(id);
    if (!book) {
      const isOff = seeNamespace(this.#held, id, note);
      if (isOff) this.#wake.ring();
      return isOff;
    }
    this.#onSeen(book, book.see(note, this.#context.clock.nowMs()));
    if (this.#held?.blockedAt !== undefined) this.#wake.ring();
    return true;
  }

  /** Books of workloads that are not healthy, so that somebody looks at their pods. */
  booksWithTrouble(): readonly ObjectBook[] {
    return [...(this.#held?.books.values() ?? [])].filter((book) => book.wantsPods);
  }

  /** Says so when sight of the application was lost or came back since the last look; nothing else would tell. */
  checkSight(): void {
    const isLost = this.#held !== undefined && lostSight(this.#held, this.#context.watches) !== undefined;
    if (isLost === this.#isLost) return;
    this.#isLost = isLost;
    this.#context.changed(this.name);
  }

  /** Says that what is known of an object changed outside of a note. */
  touched(): void {
    this.#context.changed(this.name);
  }

  /** The assignment that is held, with what is known of its objects. */
  held(): Held | undefined {
    return this.#held;
  }

  /** Whether all of the held assignment is in place and healthy. */
  isSettled(): boolean {
    return this.#held !== undefined && isSettled(this.#held, lostSight(this.#held, this.#context.watches));
  }

  /** The kinds to watch for this application. */
  kinds(): readonly KindRef[] {
    return this.#held ? watchedKinds(this.#held) : [];
  }

  /** The whole status, with why what is offered now was refused; undefined until there is an assignment. */
  status(refusal?: string): ApplicationStatus | undefined {
    const held = this.#held;
    if (!held) return undefined;
    const { clock, cluster } = this.#context;
    const nowMs = clock.nowMs();
    const lost = lostSight(held, this.#context.watches);
    const health = healthOf(held, lost);
    if (health !== this.#health.value) this.#health = { value: health, sinceMs: nowMs };
    return statusOf(held, {
      cluster,
      nowMs,
      monotonicMs: clock.monotonicMs(),
      healthSinceMs: this.#health.sinceMs,
      drift: this.#driftLog.with(held.books),
      checks: this.checks.reports(),
      lost,
      notes: heldNotes(held, nowMs, [this.#keepError, refusal, ...this.#keeping.notes]),
    });
  }

  /** Trace of the commit that the held assignment came from. */
  traceparent(): string | undefined {
    return this.#held?.record.traceparent;
  }

  /** Wakes, takes a turn, and waits again until `signal` aborts; then keeps what it told since, such as that a Job has ended. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#wake.next(this.#waitMs(), signal);
      if (!signal.aborted) await this.#turn(signal);
    }
    if (this.#held && !this.#offer) await this.#keepSettled(this.#held, new AbortController().signal);
    this.restoring.end();
  }

  #waitMs(): number {
    const { clock } = this.#context;
    // While an offer waits nothing else is kept.
    const driftMs = this.#offer ? undefined : this.#driftLog.dueAtMs;
    const others = [this.#retrying.atMs, this.#keeping.dueAtMs, driftMs, nextPauseLookAt(this.#held, clock)];
    return nextTurnAt(this.#held, clock.monotonicMs(), others) - clock.monotonicMs();
  }

  async #turn(signal: AbortSignal): Promise<void> {
    const mayRetry = this.#hasNews || this.#retrying.isDue;
    this.#hasNews = false;
    const fault = await this.#step(signal, mayRetry);
    if (signal.aborted) return;
    const desks = { announce: this.#announce, log: this.#driftLog };
    if (this.#held) tellAfterTurn(this.#held, this.#context.clock.monotonicMs(), desks);
    this.#planRetry(mayRetry, fault);
    this.#context.changed(this.name);
    if (this.#held && !this.#offer) await this.#keepSettled(this.#held, signal);
    this.#takeOthers(await this.#keeping.complete(signal));
  }

  /** Gives the fault that ended the step early, if one did. */
  async #step(signal: AbortSignal, mayRetry: boolean): Promise<FaultError | undefined> {
    try {
      if (mayRetry) await this.#takeNews(signal);
      if (this.#held) await this.#stepOf(this.#held, signal, mayRetry);
      return undefined;
    } catch (error) {
      if (signal.aborted) return undefined;
      if (error instanceof FaultError) return error;
      throw error;
    }
  }

  async #stepOf(held: Held, signal: AbortSignal, mayRetry: boolean): Promise<void> {
    const { clock } = this.#context;
    heedStops(held, this.#context, this.#announce);
    // A look that has come, or that there is no reason for any more, must not ring again and again.
    noteLooks(held, clock.monotonicMs());
    const options = { mayRetry, savedHooks: this.#keeping.record?.hooks };
    if (!isIdle(held, clock.monotonicMs(), options)) await this.#reconcile(held, { ...options, signal });
    if (!held.isMisprepared) return;
    // The cluster has learnt of a kind since: what is kept is prepared anew, as after a start.
    held.isMisprepared = false;
    this.restoring.again();
    this.nudge();
  }

  async #takeNews(signal: AbortSignal): Promise<void> {
    if (this.restoring.isDue) await this.restoring.try(() => this.#takeRestored(signal));
    if (this.#offer) await this.#takeOffer(this.#offer, signal);
    else if (this.#held) this.#held = await decryptedAgain(this.#held, this.#context, signal);
  }

  async #takeRestored(signal: AbortSignal): Promise<void> {
    const { record } = this.#keeping;
    if (!record) return;
    const held = await restoreHeld(record, this.#context, signal);
    this.#driftLog.restore(record, held?.books);
    if (held) this.#hold(held);
  }

  /** Verified by now; decided again here, in order, then kept, and only then worked on. */
  async #takeOffer(offer: Offer, signal: AbortSignal): Promise<void> {
    const known = knownOf(this.#keeping.record, this.#held);
    const { decision } = decideAcceptance(this.#context.cluster, known, offer.assignment);
    if (decision === 'renew') await this.#renew(offer, signal);
    const isUsable =
      decision === 'accept' && (offer.assignment.bundle === undefined || offer.bundle !== undefined);
    if (!isUsable) return this.#dropOffer(offer);
    const { endHooks } = this.#held ?? this.#keeping.record ?? { endHooks: [] };
    const prepared = await prepareContent({ ...offer, endHooks }, this.#context, signal);
    const journal = journalRecord(offer, prepared, this.#held?.record ?? this.#keeping.record);
    const saved = await this.#keeping.save(journal, signal);
    if (!saved.ok) return this.#noteUnkept(journal.mark.generation, saved.reason);
    this.#dropOffer(offer);
    this.#adopt(holdAssignment(withOthers(journal, saved.others), offer.assignment, prepared, this.#held));
  }

  #noteUnkept(generation: number, reason: string): void {
    this.#keepError = `generation ${generation} cannot be kept and is not applied, the one before stays: ${reason}`;
    this.#context.log.error({ application: this.name, reason }, 'an assignment cannot be kept');
  }

  /** What is held goes on under a fresh signature; nothing is applied again. A renewal that cannot be kept comes again. */
  async #renew({ assignment, envelope }: Offer, signal: AbortSignal): Promise<void> {
    const held = this.#held;
    if (!held) return;
    const record = { ...held.record, mark: markOf(assignment), envelope, writes: held.record.writes + 1 };
    const saved = await this.#keeping.save(record, signal);
    if (saved.ok) this.#hold({ ...held, record: withOthers(record, saved.others), assignment });
  }

  #hold(held: Held): void {
    this.#held = held;
    this.checks.take(held.assignment, timeOf(this.#context));
    this.#context.checksChanged();
  }

  /** A newer offer may have come in the meantime; that one stays. */
  #dropOffer(offer: Offer): void {
    if (this.#offer === offer) this.#offer = undefined;
  }

  #adopt(held: Held): void {
    this.#hold(held);
    this.#keepError = undefined;
    this.#retrying.reset();
    this.#context.kindsChanged();
    this.#announce.accepted(held);
    this.#context.changed(this.name);
  }

  async #reconcile(
    held: Held,
    options: Pick<TurnOptions, 'signal' | 'mayRetry' | 'savedHooks'>,
  ): Promise<void> {
    const isFirst = await reconcile(this.#context, held, {
      ...options,
      isSuperseded: () => this.#offer !== undefined,
      onSeen: (book, seen) => this.#onSeen(book, seen),
    });
    if (isFirst) this.#announce.applied(held);
  }

  #planRetry(mayRetry: boolean, fault: FaultError | undefined): void {
    const held = this.#held;
    if (held) held.turnError = fault && errorText(fault);
    if (!fault && this.#keepError === undefined && !hasErrors(held)) return this.#retrying.reset();
    if (!mayRetry) return;
    const { log, metrics } = this.#context;
    metrics.syncFailed(this.name);
    const isFirst = this.#retrying.plan(held);
    if (held) this.#announce.failed(held, isFirst);
    else if (fault)
      log.warn(
        { application: this.name, error: errorText(fault) },
        'turn ended with a fault and is tried again',
      );
  }

  /** After a turn: keeps the inventory with its UIDs. Nothing is lost when this fails; the journal has all of it. */
  async #keepSettled(held: Held, signal: AbortSignal): Promise<void> {
    this.#driftLog.keepIn(held);
    const record = settledRecord(held, this.#keeping.record);
    if (!record) return;
    held.record = record;
    const savedHooks = this.#keeping.record?.hooks;
    const saved = await this.#keeping.save(record, signal);
    if (saved.ok) {
      // Objects of hooks may go now that it is kept how they ended.
      if (record.hooks !== savedHooks) this.#wake.ring();
      return this.#takeOthers(saved.others);
    }
    this.#context.log.warn(
      { application: this.name, reason: saved.reason },
      'inventory cannot be kept; the journal before it stays',
    );
  }

  /** What another agent left behind is to be pruned. */
  #takeOthers(others: readonly InventoryEntry[]): void {
    if (others.length === 0 || !this.#held) return;
    this.#held.record = withOthers(this.#held.record, others);
    this.#wake.ring();
  }

  #onSeen(book: ObjectBook, seen: Seen): void {
    if (seen.change === 'nothing') return;
    const { clock, changed } = this.#context;
    const revision = this.#held?.assignment.revision;
    const desks = { log: this.#driftLog, announce: this.#announce, nowMs: clock.monotonicMs(), revision };
    if (tellSeen(book, seen, desks)) this.#wake.ring();
    changed(this.name);
  }
}
