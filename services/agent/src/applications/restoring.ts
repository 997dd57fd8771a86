import type { EngineContext } from './context.ts';

/** Taking up what was kept of an application: at the start, and anew when the cluster turns out to know a kind otherwise. */
export class Restoring {
  readonly #context: Pick<EngineContext, 'kindsChanged'>;
  readonly #first = Promise.withResolvers<void>();
  #isFirst = false;
  #isDue = false;

  constructor(context: Pick<EngineContext, 'kindsChanged'>) {
    this.#context = context;
  }

  /** Whether what was kept is to be taken up. */
  get isDue(): boolean {
    return this.#isDue;
  }

  /** Whether that has not been tried since the start; until then the application has no kinds to watch. */
  get isFirst(): boolean {
    return this.#isFirst;
  }

  /** At the start, when something was kept. */
  begin(): void {
    this.#isFirst = true;
    this.#isDue = true;
  }

  /** What was kept is to be taken up anew. */
  again(): void {
    this.#isDue = true;
  }

  /** Takes it up; what fails stays due. The watches of all applications begin together, after the first try of the last one. */
  async try(takeUp: () => Promise<void>): Promise<void> {
    try {
      await takeUp();
      this.#isDue = false;
    } finally {
      this.end();
      this.#context.kindsChanged();
    }
  }

  /** Nobody is to wait for it any more. */
  end(): void {
    this.#isFirst = false;
    this.#first.resolve();
  }

  /** Resolves once it has been tried, at once when nothing was kept. */
  firstTry(): Promise<void> {
    return this.#isFirst ? this.#first.promise : Promise.resolve();
  }
}
