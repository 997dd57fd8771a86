import { FaultError } from '@meridian/runtime';
import { among } from './focuses.ts';
import type { RolloutState } from '@meridian/rollout';
import { dutyAtGates, sayingsAtGates } from './gate-operators.ts';
import type { GateSaying, GateSight } from './gate-operators.ts';
import { gatesIn } from './gate-log.ts';
import { personOf } from './people.ts';
import type { History } from './history.ts';
import type { Network } from './network.ts';
import { isSo, verbs } from './operators.ts';
import type { Verb } from './operators.ts';
import type { Plan } from './plan.ts';
import type { Random } from './random.ts';
import type { Process, Schedule } from './schedule.ts';
import type { Stream } from './stream.ts';

interface OperatingWorld {
  readonly schedule: Schedule;
  readonly network: Network;
  readonly random: Random;
  /** For what is said at gates. */
  readonly gateRandom: Random;
  readonly history: History;
  readonly plan: Plan;
  readonly stream: Stream;
  readonly broken: (invariant: string, message: string) => void;
  readonly tell: (text: string) => void;
}

interface Server {
  readonly process: Process;
  readonly handler: (json: unknown) => Promise<unknown>;
  readonly signal: AbortSignal;
}

/** What was said to somebody. */
interface Said {
  readonly verb: string;
  readonly application: string;
  readonly reason: string;
  readonly record: string | undefined;
  /** Of a word at a gate: who said what. */
  readonly saying?: GateSaying | undefined;
}

const dutyEveryMs = 4_000;

/** The people who operate the fleet, and the way of their words to whoever leads. */
export class Operators {
  readonly #world: OperatingWorld;
  #servers: Server[] = [];
  #words = 0;

  constructor(world: OperatingWorld) {
    this.#world = world;
  }

  /** Takes whoever answers commands now. */
  serve(process: Process, handler: Server['handler'], signal: AbortSignal): void {
    this.#servers.push({ process, handler, signal });
  }

  /** Speaks at random until the calm, and does its duty from then on. */
  begin(calmAtMs: number): void {
    const { schedule, random, plan } = this.#world;
    const said = among(verbs, plan.focus?.verbs);
    for (let atMs = 0; atMs < calmAtMs; atMs += random.whole(1_000, 6_000))
      schedule.after(atMs, undefined, () => this.#speak(random.weighted(said)));
    schedule.after(calmAtMs + dutyEveryMs, undefined, () => this.#doDuty());
    if (plan.hasGates) this.#beginAtGates(calmAtMs);
  }

  #beginAtGates(calmAtMs: number): void {
    const { schedule, gateRandom: random, plan } = this.#world;
    for (let atMs = 0; atMs < calmAtMs; atMs += random.whole(700, 3_000))
      schedule.after(atMs, undefined, () =>
        this.#speakAtGates(
          random.pick(plan.applications),
          sayingsAtGates,
          random.pick([0, 0, 0, 3_000, 8_000]),
        ),
      );
  }

  /** Says what follows of what is seen now, maybe a while later. */
  #speakAtGates(
    application: string,
    sayingsOf: (sight: GateSight) => readonly GateSaying[],
    laterMs = 0,
  ): void {
    const { schedule, gateRandom: random, history, tell } = this.#world;
    const state = history.states.get(application);
    if (!state) return;
    for (const saying of sayingsOf({ state, gates: history.gates, random }))
      schedule.after(laterMs, undefined, () => {
        this.#words += 1;
        const reason = `word ${this.#words}`;
        const server = this.#someServer(random);
        if (!server) return;
        const { verb, gate } = saying;
        tell(`${saying.author} says ${verb} ${gate ?? ''} of ${application} at ${server.process.name}`);
        const command = { kind: 'askRollout', application, reason, ...saying };
        this.#send(server, command, { verb, application, reason, record: 'verb', saying });
      });
  }

  #someServer(random: Random): Server | undefined {
    this.#servers = this.#servers.filter(({ process, signal }) => process.isAlive && !signal.aborted);
    return this.#servers.length === 0 ? undefined : random.pick(this.#servers);
  }

  #send(server: Server, command: object, said: Said): void {
    const arrive = () => void this.#command(server, command, said);
    this.#world.network.send(server.process.name, 'nats', { owner: server.process, arrive });
  }

  #doDuty(): void {
    const { schedule, plan } = this.#world;
    for (const application of plan.hasGates ? plan.applications : [])
      this.#speakAtGates(application, dutyAtGates);
    for (const verb of verbs)
      if (verb.isDuty) for (const application of plan.applications) this.#speak(verb, application);
    schedule.after(dutyEveryMs, undefined, () => this.#doDuty());
  }

  #speak(verb: Verb, named?: string): void {
    const { random, history, plan, tell } = this.#world;
    const { nowMs } = this.#world.schedule;
    const application = named ?? random.pick(plan.applications);
    const state = history.states.get(application);
    if (!state) return;
    this.#words += 1;
    const reason = `word ${this.#words}`;
    const clusters = [...plan.tiers.keys()];
    const holds = history.holdsAt(nowMs);
    const git = history.repo.releaseAtHead(application);
    const command = verb.make({ application, state, clusters, random, reason, git, holds });
    const server = command && this.#someServer(random);
    if (!server) return;
    tell(`${verb.name} ${application} at ${server.process.name}`);
    const said = { verb: verb.name, application, reason, record: verb.record };
    this.#send(server, command, said);
  }

  async #command(
    { handler, process }: Server,
    command: object,
    { verb, application, reason, record, saying }: Said,
  ): Promise<void> {
    const { tell, broken, stream, history } = this.#world;
    const life = history.lifeSinceMs;
    try {
      await handler(command);
    } catch (error) {
      if (!(error instanceof FaultError)) broken('no bug', `a command failed with ${String(error)}`);
      return;
    }
    tell(`${process.name} did ${reason}`);
    // A hub that does not know yet that another one leads answers by what it knows.
    const isBehind = process.name !== history.leader;
    const isSoAlready = record === 'verb' && (isBehind || this.#isSo({ verb, application, saying }));
    if (record === undefined || isSoAlready) return;
    const isStored = stream.messages.some(
      ({ subject, data }) =>
        subject.split('.')[2] === record && new TextDecoder().decode(data).includes(`"${reason}"`),
    );
    if (!isStored && life === history.lifeSinceMs)
      broken('I6 what was acknowledged is there', `${reason} was acknowledged and is not in the ledger`);
  }

  #isSo({ verb, application, saying }: Pick<Said, 'verb' | 'application' | 'saying'>): boolean {
    const state = this.#world.history.knownToLeader(application);
    if (!state) return false;
    return saying ? this.#isSoAtGate(state, saying) : isSo(verb, state);
  }

  /** Whether a gate has what somebody says already: it has ended so, or they have said it before. */
  #isSoAtGate(state: RolloutState, { verb, gate, release, author }: GateSaying): boolean {
    const ended = verb === 'approve' ? 'passed' : 'failed';
    const who = personOf(author)?.name;
    const hasEnded = gatesIn(state).some(
      ({ progress: { name, phase, approvals = [] } }) =>
        (gate === undefined || name === gate) &&
        (phase === ended || approvals.some((one) => personOf(one.author)?.name === who)),
    );
    const word = { verb, release, author, ...(gate === undefined ? {} : { gate }) };
    return hasEnded || this.#world.history.gates.hasWord(state.application, word);
  }
}
