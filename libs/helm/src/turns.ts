/** How many works may be under way. */
export interface TurnLimits {
  /** At once, not counting slow ones. */
  readonly places: number;
  /** A work that takes longer is slow. */
  readonly slowMs: number;
  /** At once, slow ones too. */
  readonly most: number;
}

interface Work {
  readonly application: string;
  isSlow: boolean;
}

/**
 * Lets applications take turns at works that cost the machine something. A slow work gives its place to others, and its
 * application gets no further turn until it has ended: one bad application does not delay another.
 */
export class Turns {
  readonly #limits: TurnLimits;
  /** Who waits, by application; the one whose turn is next comes first. */
  readonly #waiting = new Map<string, ((work: Work) => void)[]>();
  readonly #running = new Set<Work>();

  constructor(limits: TurnLimits) {
    this.#limits = limits;
  }

  /** Does a work when it is the application's turn. Throws what the work throws, and the signal's reason when it aborts before. */
  async take<Result>(application: string, work: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
    const taken = await this.#turn(application, signal);
    const timer = setTimeout(() => {
      taken.isSlow = true;
      this.#grant();
    }, this.#limits.slowMs);
    try {
      return await work();
    } finally {
      clearTimeout(timer);
      this.#running.delete(taken);
      this.#grant();
    }
  }

  #turn(application: string, signal: AbortSignal): Promise<Work> {
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const start = (work: Work) => {
        signal.removeEventListener('abort', leave);
        resolve(work);
      };
      const leave = () => {
        this.#queue(
          application,
          this.#queueOf(application).filter((each) => each !== start),
        );
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#queue(application, [...this.#queueOf(application), start]);
      this.#grant();
    });
  }

  #grant(): void {
    for (const [application, [start, ...rest]] of this.#waiting) {
      if (!this.#hasPlace()) return;
      if (!start || !this.#mayStart(application)) continue;
      // Behind the others, which are served before its next turn.
      this.#waiting.delete(application);
      this.#queue(application, rest);
      const work = { application, isSlow: false };
      this.#running.add(work);
      start(work);
    }
  }

  #hasPlace(): boolean {
    const quick = [...this.#running].filter(({ isSlow }) => !isSlow);
    return quick.length < this.#limits.places && this.#running.size < this.#limits.most;
  }

  #mayStart(application: string): boolean {
    return ![...this.#running].some((work) => work.isSlow && work.application === application);
  }

  #queueOf(application: string): readonly ((work: Work) => void)[] {
    return this.#waiting.get(application) ?? [];
  }

  #queue(application: string, queue: ((work: Work) => void)[]): void {
    if (queue.length > 0) this.#waiting.set(application, queue);
    else this.#waiting.delete(application);
  }
}
