import type { RetryRules } from '@meridian/fleet';
import { backoffMs } from '@meridian/retry';
import { failedHooks } from '../hooks/hook-turn.ts';
import type { EngineContext } from './context.ts';
import { isStopped } from './held-limits.ts';
import type { Held } from './held.ts';

/** The longest wait is how late an application may be once what was wrong with the API server is over. */
const usual: RetryRules = { firstMs: 500, factor: 2, capMs: 20_000 };

/** When an application that has met an error is tried again: later and later, and for ever. */
export class Retrying {
  readonly #context: Pick<EngineContext, 'clock' | 'random'>;
  #attempt = 0;
  #atMs: number | undefined;

  constructor(context: Pick<EngineContext, 'clock' | 'random'>) {
    this.#context = context;
  }

  /** Monotonic time of the next attempt; undefined when nothing has failed. */
  get atMs(): number | undefined {
    return this.#atMs;
  }

  /** Whether what failed may be tried now. */
  get isDue(): boolean {
    return this.#atMs === undefined || this.#context.clock.monotonicMs() >= this.#atMs;
  }

  /** Nothing fails any more, or something else is tried from now on. */
  reset(): void {
    this.#attempt = 0;
    this.#atMs = undefined;
  }

  /** Something of this assignment has failed; gives whether for the first time in a row. */
  plan(held?: Pick<Held, 'assignment'>): boolean {
    const { clock, random } = this.#context;
    const { firstMs, factor, capMs, limit = Infinity } = held?.assignment.rules?.retry ?? usual;
    const policy = this.#attempt < limit ? { firstMs, factor, capMs } : { firstMs: capMs, factor: 1, capMs };
    this.#atMs = clock.monotonicMs() + backoffMs(policy, this.#attempt, random());
    this.#attempt += 1;
    return this.#attempt === 1;
  }
}

/** Whether anything of an assignment has failed and is to be tried again; while nothing may be written, nothing is tried. */
export function hasErrors(held: Held | undefined): boolean {
  if (!held || isStopped(held)) return false;
  const hasFailed = held.pruneErrors.length > 0 || failedHooks(held).length > 0;
  return hasFailed || [...held.books.values()].some((book) => book.error !== undefined);
}
