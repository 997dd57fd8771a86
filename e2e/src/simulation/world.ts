import { auditLedger } from '@meridian/ledger';
import { Agent } from './agent.ts';
import { AgentInvariants } from './agent-invariants.ts';
import { Author } from './author.ts';
import { Board } from './board.ts';
import type { Report } from './board.ts';
import { SimulatedCluster } from './cluster.ts';
import { drawSkew, faults } from './faults.ts';
import type { FaultWorld } from './faults.ts';
import { drawGatePlan } from './gate-author.ts';
import { among } from './focuses.ts';
import type { Focus } from './focus.ts';
import { History } from './history.ts';
import { Hub } from './hub.ts';
import type { HubWorld } from './hub.ts';
import { toLedgerMessage } from './ledger-port.ts';
import { Lock } from './lock.ts';
import { Network } from './network.ts';
import { Operators } from './operating.ts';
import { drawPlan, focused } from './plan.ts';
import type { Plan } from './plan.ts';
import { createRandom } from './random.ts';
import type { Random } from './random.ts';
import { enterRealm } from './realm.ts';
import { Repo } from './repo.ts';
import { rolloutInvariants } from './rollout-invariants.ts';
import { Schedule } from './schedule.ts';
import { signCheaply } from './signing.ts';
import { Stream } from './stream.ts';
import type { Stored } from './stream.ts';
import { Systems } from './systems.ts';
import { whyNotConverged } from './convergence.ts';

/** What worlds share that costs time to make and remembers nothing of them. */
export type Shared = Pick<HubWorld, 'telemetry' | 'metrics'>;

/** A broken invariant. */
export interface Violation {
  readonly invariant: string;
  readonly message: string;
  readonly atMs: number;
}

/** How a world went. */
export interface Outcome {
  readonly seed: number;
  readonly violation: Violation | undefined;
  /** Digest of all that happened: equal for equal worlds. */
  readonly trace: string;
  readonly events: number;
  readonly figures: { readonly [name: string]: number };
}

/** Told of each thing that happens, for people who replay a seed. */
export type Tell = (atMs: number, text: string) => void;

/** How a world is lived through. */
export interface WorldOptions {
  readonly tell?: Tell | undefined;
  /** What it is mostly about; without it a bit of everything. */
  readonly focus?: Focus | undefined;
}

/** Virtual time from the calm on in which everything has to come right. */
const boundMs = 420_000;
const convergedLookMs = 1_000;
const gateSeed = 0x6761_7465;
/** Before the claimant, which has to hear of it and to ask twice, can have read what it claimed. */
const claimLostMs = 3;
const claimedAgainMs = 12_000;
const mostEvents = 150_000;

/** One fleet with everything that goes on in it. */
export class World {
  readonly #plan: Plan;
  readonly #seed: number;
  readonly #random: Random;
  readonly #gateRandom: Random;
  readonly #tell: Tell;
  readonly #schedule = new Schedule();
  readonly #network: Network;
  readonly #stream: Stream;
  readonly #board: Board;
  readonly #repo: Repo;
  readonly #history: History;
  readonly #agentRules: AgentInvariants;
  readonly #operators: Operators;
  readonly #author: Author;
  readonly #systems: Systems;
  readonly #hubs: Hub[] = [];
  readonly #agents: Agent[] = [];
  readonly #bundles = new Map<string, Uint8Array>();
  readonly #lock: Lock;
  readonly #figures: { [name: string]: number } = {};
  #violation: Violation | undefined;
  #trace = 0x811c9dc5;
  /** The next claim is lost with its ledger before anybody can read it. */
  #isClaimLost = false;
  #isCalm = false;
  #watched: { readonly length: number; readonly run: () => void } | undefined;
  #isOver = false;

  constructor(seed: number, shared: Shared, { tell = () => undefined, focus }: WorldOptions = {}) {
    const random = createRandom(seed);
    this.#seed = seed;
    this.#random = random;
    this.#tell = tell;
    // A stream of its own: worlds without gates stay as they are, whatever is drawn for gates.
    const gateRandom = createRandom(seed ^ gateSeed);
    this.#gateRandom = gateRandom;
    this.#plan = focused(drawPlan(random.fork(), drawGatePlan(gateRandom.fork())), focus);
    const schedule = this.#schedule;
    enterRealm(schedule, random.fork());
    this.#network = new Network(schedule, random.fork(), this.#plan.weather);
    this.#repo = new Repo(this.#plan.tiers);
    this.#history = new History(this.#repo);
    const broken = (invariant: string, message: string) => this.#broken(invariant, message);
    this.#agentRules = new AgentInvariants(this.#history, broken);
    this.#stream = new Stream(schedule, (message) => this.#stored(message));
    this.#board = new Board(schedule, this.#network, (report) => this.#reported(report));
    this.#lock = new Lock(schedule, this.#network);
    this.#author = new Author(
      { random: random.fork(), gateRandom: gateRandom.fork() },
      this.#plan,
      this.#repo,
    );
    this.#systems = new Systems({
      schedule,
      random: gateRandom.fork(),
      repo: this.#repo,
      log: this.#history.gates,
      plan: this.#plan.systems,
    });
    this.#operators = new Operators({
      schedule,
      network: this.#network,
      random: random.fork(),
      gateRandom: gateRandom.fork(),
      history: this.#history,
      plan: this.#plan,
      stream: this.#stream,
      broken,
      tell: (text) => this.#note(text),
    });
    this.#build(shared);
  }

  /** Lives until everything has come right, or something is wrong. */
  async run(): Promise<Outcome> {
    const random = this.#random.fork();
    this.#author.begin();
    for (const hub of this.#hubs) hub.start(this.#skew(random));
    for (const agent of this.#agents) agent.start(this.#skew(random));
    this.#planTrouble(random);
    await this.#schedule.run(() => this.#isOver || this.#isEndless());
    if (!this.#violation) this.#audit();
    return {
      seed: this.#seed,
      violation: this.#violation,
      trace: (this.#trace >>> 0).toString(16),
      events: this.#schedule.events,
      figures: { ...this.#figures, messages: this.#stream.lastSeq },
    };
  }

  /** A world is over after a few thousand events; one in which something goes round and round never is. */
  #isEndless(): boolean {
    if (this.#schedule.events > mostEvents)
      this.#broken('no endless loop', `${mostEvents} events and no end`);
    return this.#isOver;
  }

  #build(shared: Shared): void {
    const { hubs, tiers, applications, breaks, lag } = this.#plan;
    const schedule = this.#schedule;
    const lagRandom = this.#random.fork();
    const common = {
      schedule,
      network: this.#network,
      stream: this.#stream,
      board: this.#board,
      bundles: this.#bundles,
      lag: () => (this.#isCalm || lag === 0 ? 0 : lagRandom.whole(0, lag)),
    };
    const onBug = (who: string, error: unknown) =>
      this.#broken(
        'no bug',
        `${who}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      );
    const hubWorld: HubWorld = {
      ...common,
      ...shared,
      random: this.#random.fork(),
      repo: this.#repo,
      systems: this.#systems,
      lock: this.#lock,
      sign: signCheaply,
      serve: (process, handler, signal) => this.#operators.serve(process, handler, signal),
      onEvent: (type) => this.#count(type),
      onBug,
    };
    this.#hubs.push(...hubs.map((name) => new Hub(name, hubWorld)));
    const agentWorld = {
      ...common,
      random: this.#random.fork(),
      systems: this.#systems,
      gateRandom: this.#gateRandom.fork(),
      hubs: this.#hubs,
      specs: this.#repo.bundles,
      applications,
      breaks: () => (this.#isCalm ? 0 : breaks),
      witness: this.#agentRules,
      onBug,
    };
    for (const name of tiers.keys())
      this.#agents.push(new Agent(new SimulatedCluster(name, this.#plan), agentWorld));
  }

  #skew(random: Random): number {
    return this.#plan.isSkewed ? drawSkew(random) : 0;
  }

  #planTrouble(random: Random): void {
    const { commits, faults: count, calmAtMs } = this.#plan;
    const schedule = this.#schedule;
    for (let at = 0; at < commits; at += 1)
      schedule.after(random.whole(2_000, calmAtMs - 1_000), undefined, () => this.#commit());
    const world = this.#faultWorld(random);
    const possible = among(faults, this.#plan.focus?.faults).filter(
      ({ isPossible }) => isPossible?.(world) ?? true,
    );
    for (let at = 0; at < count; at += 1)
      schedule.after(random.whole(500, calmAtMs - 500), undefined, () => {
        const fault = random.weighted(possible);
        this.#note(`fault: ${fault.name}`);
        this.#count('faults');
        fault.strike(world);
      });
    // Nothing comes after it that a leader would have to write.
    if (this.#plan.losesLedger && random.chance(0.3))
      schedule.after(calmAtMs - 400, undefined, () => this.#loseLedger(0));
    this.#operators.begin(calmAtMs);
    schedule.after(calmAtMs, undefined, () => this.#calm());
  }

  #faultWorld(random: Random): FaultWorld {
    const { isSkewed, losesLedger } = this.#plan;
    return {
      schedule: this.#schedule,
      network: this.#network,
      random,
      hubs: this.#hubs,
      agents: this.#agents,
      lock: this.#lock,
      stream: this.#stream,
      isSkewed,
      losesLedger,
      loseLedger: (share) => this.#loseLedger(Math.round(share * this.#stream.lastSeq)),
      ledgerLength: () => this.#stream.lastSeq,
      leader: () => this.#hubs.find(({ name }) => name === this.#history.leader),
      onLength: (length, run) => {
        this.#watched = { length, run };
      },
      loseNextClaim: () => (this.#isClaimLost = true),
    };
  }

  #commit(): void {
    this.#note(`commit: ${this.#author.change()}`);
    this.#tellHubs();
  }

  #tellHubs(): void {
    for (const hub of this.#hubs) hub.look();
  }

  #loseLedger(kept: number): void {
    this.#audit();
    this.#note(`the ledger keeps ${kept} of ${this.#stream.lastSeq} messages`);
    this.#stream.lose(kept);
    this.#board.lose();
    if (kept === 0) this.#bundles.clear();
    this.#history.lose(this.#stream.messages, this.#schedule.nowMs);
    for (const agent of this.#agents) agent.breakLink();
  }

  /** Whoever claimed it gives up at once, so that somebody leads soon. */
  #loseClaim(): void {
    this.#isClaimLost = false;
    const claimed = this.#stream.lastSeq;
    this.#schedule.after(claimLostMs, undefined, () => {
      // What was read before is of a leader that learns of the loss later.
      if (this.#stream.lastSeq > claimed) return;
      this.#loseLedger(0);
      this.#schedule.after(claimedAgainMs, undefined, () => {
        if (this.#history.claimedAtMs < this.#history.lifeSinceMs)
          this.#broken('a lost claim is made again', `nobody leads ${claimedAgainMs} ms after the loss`);
      });
    });
  }

  /** Nothing goes wrong any more: what can be reached is reached, and everybody is up. */
  #calm(): void {
    this.#note('calm');
    this.#isCalm = true;
    this.#network.calm();
    this.#systems.calm();
    const { nowMs } = this.#schedule;
    for (const { process } of [...this.#hubs, ...this.#agents]) {
      process.pausedUntilMs = Math.min(process.pausedUntilMs, nowMs);
      process.skewMs = 0;
    }
    for (const { cluster } of this.#agents) {
      cluster.sickUntilMs = Math.min(cluster.sickUntilMs, nowMs);
      cluster.frozenUntilMs = Math.min(cluster.frozenUntilMs, nowMs);
      cluster.diskFullUntilMs = Math.min(cluster.diskFullUntilMs, nowMs);
    }
    for (const one of [...this.#hubs, ...this.#agents]) if (!one.process.isAlive) one.start(0);
    this.#author.mend();
    this.#tellHubs();
    this.#lookWhetherConverged(nowMs + boundMs);
  }

  #lookWhetherConverged(untilMs: number): void {
    const schedule = this.#schedule;
    const why = whyNotConverged({
      repo: this.#repo,
      history: this.#history,
      agents: this.#agents,
      nowMs: schedule.nowMs,
    });
    if (why === undefined) {
      this.#isOver = true;
      this.#note('converged');
      return;
    }
    if (schedule.nowMs >= untilMs) return this.#broken('I8 everything converges', why);
    schedule.after(convergedLookMs, undefined, () => this.#lookWhetherConverged(untilMs));
  }

  #stored(message: Stored): void {
    const history = this.#history;
    const entry = history.read(message);
    this.#note(`#${message.seq} ${message.subject} ${describe(entry)}`);
    for (const { name, check } of rolloutInvariants) {
      const broken = check(entry, history);
      if (broken !== undefined) this.#broken(name, broken);
    }
    history.note(entry);
    this.#tellOfLength(message.seq);
    if (this.#isClaimLost && message.subject.endsWith('.claim')) this.#loseClaim();
    if (entry.kind !== 'assign') return;
    const agent = this.#agents.find(({ cluster }) => cluster.name === entry.assignment.cluster);
    const { application } = entry.assignment;
    if (!agent) return;
    const arrive = () => agent.process.isAlive && agent.hint(application);
    this.#network.send(agent.process.name, 'nats', { arrive });
  }

  #tellOfLength(length: number): void {
    if (this.#watched?.length !== length || this.#isCalm) return;
    const { run } = this.#watched;
    this.#watched = undefined;
    run();
  }

  /** I1, I2, I3 by the same audit that operators run. */
  #audit(): void {
    const [first] = auditLedger(this.#stream.messages.map(toLedgerMessage));
    if (first) this.#broken(`${first.invariant} ledger audit`, `#${first.sequence}: ${first.message}`);
  }

  #reported(report: Report): void {
    this.#history.report(report);
    const { cluster, application, value } = report;
    if (application === undefined || !('release' in value)) return;
    const { generation, release, sync, health } = value;
    const text = `${cluster} says of ${application}: ${sync}, ${health} at generation ${generation}, release ${release.slice(7, 15)}`;
    this.#tell(this.#schedule.nowMs, text);
  }

  #broken(invariant: string, message: string): void {
    this.#violation ??= { invariant, message, atMs: this.#schedule.nowMs };
    this.#note(`BROKEN ${invariant}: ${message}`);
    this.#isOver = true;
  }

  #count(name: string): void {
    this.#figures[name] = (this.#figures[name] ?? 0) + 1;
  }

  #note(text: string): void {
    this.#tell(this.#schedule.nowMs, text);
    let hash = this.#trace ^ Math.round(this.#schedule.nowMs);
    for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
    this.#trace = hash;
  }
}

function describe(entry: ReturnType<History['read']>): string {
  if (entry.kind === 'assign') {
    const { generation, term, release, bundle, allowedDeletions } = entry.assignment;
    return `generation ${generation} term ${term} release ${release.slice(7, 15)} bundle ${bundle?.slice(7, 15) ?? '-'} may delete ${allowedDeletions}`;
  }
  if (entry.kind === 'rollout') return `${entry.state.phase}: ${entry.state.reason}`;
  return '';
}
