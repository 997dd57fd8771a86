import type { Entry } from './history.ts';

type Asked = Extract<Entry, { kind: 'verb' }>;
type Moved = Extract<Entry, { kind: 'rollout' }>;

/** What people said to the rollouts of a world, told from their records in the ledger alone, and what has to follow of it. */
export class Words {
  /** `application verb reason` of everything that anybody asked. */
  readonly #said = new Set<string>();
  /** The last word of each application. */
  #last = new Map<string, Asked>();
  /** Applications whose rollout a person stopped and nobody has set in motion again. */
  #paused = new Set<string>();
  /** `application number` of rollouts that a person started. */
  #started = new Set<string>();
  /** `application release` of everything that ever completed. */
  readonly completed = new Set<string>();
  /** What git said when the fleet left it, by application, until something newer or a person begins. */
  left = new Map<string, string>();
  /** The last release of each application that was no way back. */
  forward = new Map<string, string>();

  /** Takes in a word that the ledger has. */
  asked(entry: Asked): void {
    const { application, body } = entry;
    this.#said.add(`${application} ${body.verb} ${body.reason}`);
    this.#last.set(application, entry);
  }

  /** Takes in a state that the ledger has. */
  moved(entry: Moved): void {
    const { state, before } = entry;
    const { application, target, phase, pin } = state;
    const { digest } = target.release;
    this.#follow(this.wordBefore(entry) ?? '', application, target.number);
    if (phase === 'completed') this.completed.add(`${application} ${digest}`);
    if (!target.back) this.forward.set(application, digest);
    const isBackNow = target.back && before?.target.number !== target.number;
    if (isBackNow && !this.left.has(application)) this.left.set(application, target.back.from);
    if (!pin) this.left.delete(application);
  }

  #follow(word: string, application: string, number: number): void {
    if (word === 'start') this.#started.add(`${application} ${number}`);
    if (word === 'pause') this.#paused.add(application);
    else if (ending.has(word)) this.#paused.delete(application);
  }

  /** The word that a state follows from: they are written in one go, so that one which changed nothing is not it. */
  wordBefore({ state, message }: Moved): string | undefined {
    const last = this.#last.get(state.application);
    return last?.message.seq === message.seq - 1 ? last.body.verb : undefined;
  }

  /** Whether a person has stopped the rollout that a state is of, before or with it. */
  isPausedAfter(entry: Moved): boolean {
    const word = this.wordBefore(entry) ?? '';
    return word === 'pause' || (this.#paused.has(entry.state.application) && !ending.has(word));
  }

  isStarted(entry: Moved): boolean {
    const { application, target } = entry.state;
    return this.wordBefore(entry) === 'start' || this.#started.has(`${application} ${target.number}`);
  }

  /** Whether somebody asked this, for this reason. */
  isSaid(application: string, verb: string, reason: string): boolean {
    return this.#said.has(`${application} ${verb} ${reason}`);
  }

  /** The ledger is lost or put back; what is left of it is taken in anew. */
  lose(): void {
    this.#last = new Map();
    this.#paused = new Set();
    this.#started = new Set();
    this.left = new Map();
    this.forward = new Map();
  }
}

/** Words after which nothing of an application is paused any more. */
const ending = new Set(['resume', 'abort', 'rollback']);
