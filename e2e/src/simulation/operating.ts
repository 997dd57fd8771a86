import { FaultError } from '@meridian/runtime';
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
    const { schedule, random } = this.#world;
    for (let atMs = 0; atMs < calmAtMs; atMs += random.whole(1_000, 6_000))
      schedule.after(atMs, undefined, () => this.#speak(random.weighted(verbs)));
    schedule.after(calmAtMs + dutyEveryMs, undefined, () => this.#doDuty());
  }

  #doDuty(): void {
    const { schedule, plan } = this.#world;
    for (const verb of verbs)
      if (verb.isDuty) for (const application of plan.applications) this.#speak(verb, application);
    schedule.after(dutyEveryMs, undefined, () => this.#doDuty());
  }

  #speak(verb: Verb, named?: string): void {
    const { random, history, plan, network, tell } = this.#world;
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
    this.#servers = this.#servers.filter(({ process, signal }) => process.isAlive && !signal.aborted);
    if (!command || this.#servers.length === 0) return;
    const server = random.pick(this.#servers);
    tell(`${verb.name} ${application} at ${server.process.name}`);
    const said = { verb: verb.name, application, reason, record: verb.record };
    const arrive = () => void this.#command(server, command, said);
    network.send(server.process.name, 'nats', { owner: server.process, arrive });
  }

  async #command(
    { handler, process }: Server,
    command: object,
    { verb, application, reason, record }: Said,
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
    const state = history.knownToLeader(application);
    // A hub that does not know yet that another one leads answers by what it knows.
    const isSoAlready =
      record === 'verb' && (process.name !== history.leader || (state && isSo(verb, state)));
    if (record === undefined || isSoAlready === true) return;
    const isStored = stream.messages.some(
      ({ subject, data }) =>
        subject.split('.')[2] === record && new TextDecoder().decode(data).includes(`"${reason}"`),
    );
    if (!isStored && life === history.lifeSinceMs)
      broken('I6 what was acknowledged is there', `${reason} was acknowledged and is not in the ledger`);
  }
}
