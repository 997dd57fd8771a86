import type { Problem } from '@meridian/fleet';
import { backoffMs } from '@meridian/retry';
import { FaultError, errorText } from '@meridian/runtime';
import type { Clock } from '@meridian/runtime';
import type { Placed } from './release-application.ts';
import type { Released } from './released.ts';

/** What the work on one revision needs. */
export interface RevisionWorkPorts {
  readonly revision: string;
  readonly placed: readonly Placed[];
  /** Names of applications that begin when the others are done and decided upon, or have had a head start. */
  readonly later: ReadonlySet<string>;
  /** Renders one application for all its clusters. */
  readonly release: (placed: Placed, signal: AbortSignal) => Promise<Released>;
  /** Ends all of it. */
  readonly stopping: AbortController;
  readonly clock: Pick<Clock, 'wait' | 'monotonicMs'>;
  /** Told of every application that is done, or done anew, after {@link RevisionWork.begin} has ended. */
  readonly onMore: () => void;
}

/** How long applications that shall be first have the threads to themselves at most. */
const headStartMs = 10_000;
/**
 * Once they are done the leader decides on them, which takes about as long as rendering them did, twice that on a busy machine. A
 * thousand clusters of twenty applications each would keep the process from it for longer than the decision takes.
 */
const restPerHeadStart = 2;
const longestRestMs = 5_000;

/** What met a limit is tried again at the same revision: the machine may have been busy, or a thread full. */
const retryBackoff = { firstMs: 10_000, factor: 2, capMs: 600_000 };

/**
 * Renders the applications of one revision beside each other. One that takes long holds up no other: the work is given
 * away without it, and it follows when it is done.
 */
export class RevisionWork {
  readonly #ports: RevisionWorkPorts;
  readonly #results = new Map<string, Released>();
  readonly #stopping: AbortController;
  #isGiven = false;
  /** What ends the wait for all of it, kept where it was met: patience may end before word of it comes around. */
  #failure: { readonly error: unknown } | undefined;

  constructor(ports: RevisionWorkPorts) {
    this.#ports = ports;
    this.#stopping = ports.stopping;
  }

  /** What is known by now, in the order of the configuration. */
  get results(): readonly Released[] {
    return this.#ports.placed.flatMap(({ application }) => this.#results.get(application.name) ?? []);
  }

  /** Applications that are not done yet. */
  get pending(): readonly string[] {
    const names = this.#ports.placed.map(({ application }) => application.name);
    return names.filter((name) => !this.#results.has(name));
  }

  /**
   * Begins; ends when all applications are done, or all that shall be first, or after `patienceMs` with those that are. Throws, and stops, when the signal
   * aborts or the outside world fails meanwhile.
   */
  async begin(patienceMs: number, signal: AbortSignal): Promise<void> {
    const ended = new AbortController();
    const { first, all } = this.#all();
    all.catch((error: unknown) => {
      if (this.#isGiven && !this.#stopping.signal.aborted) throw error;
    });
    try {
      const patience = this.#ports.clock.wait(patienceMs, AbortSignal.any([signal, ended.signal]));
      await Promise.race([all, patience, ...(first ? [first] : [])]);
      signal.throwIfAborted();
      if (this.#failure) throw this.#failure.error;
      this.#isGiven = true;
    } catch (error) {
      this.stop();
      throw error;
    } finally {
      ended.abort();
    }
  }

  /** Ends whatever is under way; nobody is told of anything any more. */
  stop(): void {
    this.#stopping.abort();
  }

  /** Everything, and what is done before something else begins; undefined when nothing is. */
  #all(): { readonly first: Promise<unknown> | undefined; readonly all: Promise<unknown> } {
    const { placed, later } = this.#ports;
    const isLater = ({ application }: Placed): boolean => later.has(application.name);
    const rest = placed.filter(isLater);
    const first = Promise.all(placed.filter((one) => !isLater(one)).map((one) => this.#first(one)));
    const isSplit = rest.length > 0 && rest.length < placed.length;
    const mayBegin = isSplit ? this.#headStart(first) : Promise.resolve();
    const others = mayBegin.then(() => Promise.all(rest.map((one) => this.#first(one))));
    return { first: isSplit ? first : undefined, all: Promise.all([first, others]) };
  }

  /** One of those that begin at once may take long, and holds up no other either. */
  async #headStart(first: Promise<unknown>): Promise<void> {
    const { clock } = this.#ports;
    const { signal } = this.#stopping;
    const done = new AbortController();
    const beganMs = clock.monotonicMs();
    const atMost = clock.wait(headStartMs, AbortSignal.any([signal, done.signal]));
    const isDone = await Promise.race([first.then(() => true), atMost.then(() => false)]).finally(() =>
      done.abort(),
    );
    const restMs = Math.min(longestRestMs, restPerHeadStart * (clock.monotonicMs() - beganMs));
    if (isDone) await clock.wait(restMs, signal);
    signal.throwIfAborted();
  }

  async #first(placed: Placed): Promise<void> {
    const found = await this.#attempt(placed, 'first');
    this.#take(placed, found);
    if ('problems' in found && found.isPassing) void this.#retry(placed);
  }

  /** Tries again, at longer and longer distances, for as long as this revision counts. */
  async #retry(placed: Placed): Promise<void> {
    const { signal } = this.#stopping;
    for (let attempt = 0; ; attempt += 1) {
      await this.#ports.clock.wait(backoffMs(retryBackoff, attempt, 1), signal);
      const found = signal.aborted
        ? undefined
        : await this.#attempt(placed, 'again').catch(unlessAborted(signal));
      if (!found) return;
      this.#take(placed, found);
      if (!('problems' in found && found.isPassing)) return;
    }
  }

  async #attempt(placed: Placed, turn: 'first' | 'again'): Promise<Released> {
    try {
      return await this.#ports.release(placed, this.#stopping.signal);
    } catch (error) {
      if (this.#stopping.signal.aborted) throw error;
      // What can be had later concerns everything, as long as somebody waits for the first outcome of everything.
      const isWaitedFor = turn === 'first' && !this.#isGiven;
      if (!(error instanceof FaultError) || (error.retry === 'later' && isWaitedFor)) {
        this.#failure ??= { error };
        throw error;
      }
      return { problems: [this.#problem(placed, error)], isPassing: error.retry === 'later' };
    }
  }

  #problem({ application: { name, path } }: Placed, error: FaultError): Problem {
    const message = `${name} cannot be rendered: ${errorText(error)}`;
    return { application: name, revision: this.#ports.revision, file: path, message };
  }

  #take({ application }: Placed, found: Released): void {
    if (this.#stopping.signal.aborted) return;
    this.#results.set(application.name, found);
    if (this.#isGiven) this.#ports.onMore();
  }
}

function unlessAborted(signal: AbortSignal): (error: unknown) => undefined {
  return (error) => {
    if (!signal.aborted) throw error;
  };
}
