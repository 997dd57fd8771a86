import {
  Keeping,
  decideAcceptance,
  holdAssignment,
  isPruneDue,
  journalRecord,
  knownOf,
  leftovers,
  markOf,
  noteLooks,
  beginLook,
  prune,
  settledRecord,
  withOthers,
} from '@meridian/agent';
import type { DesiredObject, Held, Known, Offer, PruneContext } from '@meridian/agent';
import { isPausedAt } from '@meridian/fleet';
import type { Assignment } from '@meridian/fleet';
import { FaultError, createWake } from '@meridian/runtime';
import type { AgentChecks } from './agent-checks.ts';
import type { ReportedStatus } from './board.ts';
import type { ClusterPort, SimulatedCluster } from './cluster.ts';
import type { Random } from './random.ts';

/** What an application of a simulated agent needs. */
export interface AgentApplicationWorld {
  readonly cluster: SimulatedCluster;
  readonly port: ClusterPort;
  readonly prune: PruneContext;
  readonly random: Random;
  readonly changed: (application: string) => void;
  readonly preparedOf: (assignment: Assignment) => Promise<readonly DesiredObject[]>;
  readonly verify: (envelope: Offer['envelope']) => Assignment | undefined;
  /** Whether a bundle never gets healthy. */
  readonly isBad: (bundle: string) => boolean;
  /** An assignment is held from now on, before anything of it is done. */
  readonly accepted: (assignment: Assignment) => void;
  readonly checks: (isSettled: () => boolean) => AgentChecks;
}

const readyMs = 1_500;
const retryMs = 1_000;
const lookMs = 2_000;

/**
 * One application of an agent: what is accepted, kept, journalled and pruned is decided by the agent's own code; only how
 * objects are applied and judged is reduced to names and times.
 */
export class AgentApplication {
  readonly name: string;
  readonly #world: AgentApplicationWorld;
  readonly #keeping: Keeping;
  readonly #wake = createWake();
  readonly #checks: AgentChecks;
  #offer: Offer | undefined;
  #held: Held | undefined;
  #isRestored = false;
  #isFailing = false;

  constructor(name: string, world: AgentApplicationWorld) {
    this.name = name;
    this.#world = world;
    const { prune: context, random, port, changed, checks } = world;
    this.#checks = checks(() => this.#isSettled());
    this.#keeping = new Keeping(name, {
      store: port.store,
      clock: context.clock,
      random: () => random.next(),
      log: context.log,
      changed,
    });
  }

  get held(): Held | undefined {
    return this.#held;
  }

  /** Takes what was kept, before anything else. */
  restore(kept: Parameters<Keeping['restore']>[0]): void {
    this.#keeping.restore(kept);
    this.#isRestored = true;
    this.#wake.ring();
  }

  known(): Known | undefined {
    const offered = this.#offer?.assignment;
    if (offered) return { mark: markOf(offered), content: offered };
    return knownOf(this.#keeping.record, this.#held);
  }

  offer(offer: Offer): void {
    this.#offer = offer;
    this.#wake.ring();
  }

  /** Something of the cluster changed. */
  nudge(): void {
    this.#wake.ring();
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#wake.next(this.#waitMs(), signal);
      if (!signal.aborted) await this.#turn(signal);
    }
  }

  status(session: string): ReportedStatus | undefined {
    const held = this.#held;
    if (!held) return undefined;
    const { release, generation, term, incarnation } = held.assignment;
    const refused = held.pruneNote?.refusedDeletions;
    const checks = this.#checks.reports();
    return {
      release,
      generation,
      term,
      incarnation,
      ...this.#verdict(held),
      message: '',
      ...(refused === undefined ? {} : { refusedDeletions: refused }),
      ...(checks ? { checks } : {}),
      observedAtMs: this.#world.prune.clock.nowMs(),
      session,
    };
  }

  #isSettled(): boolean {
    const { sync, health } = this.#held ? this.#verdict(this.#held) : {};
    return sync === 'Synced' && health === 'Healthy';
  }

  #verdict(held: Held): Pick<ReportedStatus, 'sync' | 'health'> {
    const { cluster, prune: context } = this.#world;
    const nowMs = context.clock.monotonicMs() - 1_000;
    const isWritten = held.record.appliedAtMs !== undefined && this.#unwritten(held).length === 0;
    const isLeft = held.pruneNote !== undefined || this.#isPruning(held);
    const sync = !isWritten ? 'Applying' : isLeft ? 'OutOfSync' : 'Synced';
    if (held.assignment.bundle === undefined) return { sync, health: 'Healthy' };
    const since = held.desired.map(({ id }) => cluster.objects.get(id)?.sinceMs ?? Infinity);
    if (cluster.sickUntilMs > nowMs) return { sync, health: 'Degraded' };
    if (this.#world.isBad(held.assignment.bundle)) return { sync, health: 'Degraded' };
    const isReady = Math.max(0, ...since) + readyMs <= nowMs;
    return { sync, health: isReady ? 'Healthy' : 'Progressing' };
  }

  #isPruning(held: Held): boolean {
    return leftovers(held).length > 0;
  }

  #unwritten(held: Held): readonly DesiredObject[] {
    const { objects } = this.#world.cluster;
    return held.desired.filter(({ id, hash }) => objects.get(id)?.hash !== hash);
  }

  #waitMs(): number {
    const nowMs = this.#world.prune.clock.monotonicMs();
    const dueAtMs = this.#keeping.dueAtMs ?? Infinity;
    const isBusy = this.#held && (this.#isPruning(this.#held) || this.#unwritten(this.#held).length > 0);
    const own = this.#isFailing || this.#offer ? retryMs : isBusy ? lookMs : 10_000;
    return Math.max(1, Math.min(own, dueAtMs - nowMs));
  }

  async #turn(signal: AbortSignal): Promise<void> {
    try {
      this.#isFailing = false;
      if (this.#isRestored) await this.#takeRestored();
      if (this.#offer) await this.#takeOffer(this.#offer, signal);
      if (this.#held) await this.#reconcile(this.#held, signal);
    } catch (error) {
      if (!(error instanceof FaultError)) throw error;
      this.#isFailing = true;
    }
    this.#world.changed(this.name);
    if (this.#held && !this.#offer) await this.#keepSettled(this.#held, signal);
    this.#takeOthers(await this.#keeping.complete(signal));
  }

  async #takeRestored(): Promise<void> {
    this.#isRestored = false;
    const { record } = this.#keeping;
    const assignment = record && this.#world.verify(record.envelope);
    if (!record || !assignment) return;
    if (assignment.bundle !== undefined && record.bundle === undefined) return;
    const prepared = await this.#world.preparedOf(assignment);
    this.#held = holdAssignment(record, assignment, prepared, undefined);
    this.#accepted(assignment);
  }

  /** As the agent's own application does it: decided again, in order, then kept, and only then worked on. */
  async #takeOffer(offer: Offer, signal: AbortSignal): Promise<void> {
    const known = knownOf(this.#keeping.record, this.#held);
    const { decision } = decideAcceptance(this.#world.cluster.name, known, offer.assignment);
    if (decision === 'renew') await this.#renew(offer, signal);
    const isUsable =
      decision === 'accept' && (offer.assignment.bundle === undefined || offer.bundle !== undefined);
    if (!isUsable) return this.#dropOffer(offer);
    const prepared = await this.#world.preparedOf(offer.assignment);
    const journal = journalRecord(offer, prepared, this.#held?.record ?? this.#keeping.record);
    const saved = await this.#keeping.save(journal, signal);
    if (!saved.ok) {
      this.#isFailing = true;
      return;
    }
    this.#dropOffer(offer);
    this.#held = holdAssignment(withOthers(journal, saved.others), offer.assignment, prepared, this.#held);
    this.#accepted(offer.assignment);
  }

  async #renew({ assignment, envelope }: Offer, signal: AbortSignal): Promise<void> {
    const held = this.#held;
    if (!held) return;
    const record = { ...held.record, mark: markOf(assignment), envelope, writes: held.record.writes + 1 };
    const saved = await this.#keeping.save(record, signal);
    if (!saved.ok) return;
    this.#held = { ...held, record: withOthers(record, saved.others), assignment };
    this.#accepted(assignment);
  }

  #accepted(assignment: Assignment): void {
    this.#world.accepted(assignment);
    this.#checks.take(assignment);
  }

  #dropOffer(offer: Offer): void {
    if (this.#offer === offer) this.#offer = undefined;
  }

  async #reconcile(held: Held, signal: AbortSignal): Promise<void> {
    const { port, prune: context } = this.#world;
    const { clock } = context;
    noteLooks(held, clock.monotonicMs());
    held.isPaused = isPausedAt(held.assignment.pause, clock.nowMs());
    if (held.isPaused || this.#isFrozen()) return;
    for (const desired of this.#unwritten(held)) {
      if (signal.aborted || this.#offer) return;
      await port.apply(desired);
    }
    held.record = { ...held.record, appliedAtMs: held.record.appliedAtMs ?? clock.nowMs() };
    beginLook(held, clock.monotonicMs());
    if (isPruneDue(held, clock.monotonicMs(), true)) await prune(context, held, signal);
  }

  #isFrozen(): boolean {
    const { cluster, prune: context } = this.#world;
    return cluster.frozenUntilMs > context.clock.monotonicMs() - 1_000;
  }

  async #keepSettled(held: Held, signal: AbortSignal): Promise<void> {
    const record = settledRecord(held, this.#keeping.record);
    if (!record) return;
    held.record = record;
    const saved = await this.#keeping.save(record, signal);
    if (saved.ok) this.#takeOthers(saved.others);
  }

  #takeOthers(others: Parameters<typeof withOthers>[1]): void {
    if (others.length === 0 || !this.#held) return;
    this.#held.record = withOthers(this.#held.record, others);
    this.#wake.ring();
  }
}
