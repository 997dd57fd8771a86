import { backoffMs } from '@meridian/retry';
import type { ApplicationRecord, InventoryEntry, KeptRecord, SaveResult, StatePlace } from '../ports.ts';
import { statePlaces } from '../ports.ts';
import type { EngineContext } from './context.ts';
import { withOthers } from './records.ts';

const retryPolicy = { firstMs: 500, factor: 2, capMs: 60_000 };

type KeepingContext = Pick<EngineContext, 'store' | 'clock' | 'random' | 'log' | 'changed'>;

/**
 * What is kept of one application. A save that only one of the places took is good enough to go on with, but not to stay
 * with: were that place lost, the other would bring an older generation back. So it is repeated until both have it.
 */
export class Keeping {
  readonly #context: KeepingContext;
  readonly #application: string;
  #record: ApplicationRecord | undefined;
  #missing: readonly StatePlace[] = [];
  #problem: string | undefined;
  #attempt = 0;
  #dueAtMs: number | undefined;

  constructor(application: string, context: KeepingContext) {
    this.#application = application;
    this.#context = context;
  }

  /** What was saved last; undefined before the first save. */
  get record(): ApplicationRecord | undefined {
    return this.#record;
  }

  /** Monotonic time of the next try to complete a save; undefined when there is nothing to complete. */
  get dueAtMs(): number | undefined {
    return this.#dueAtMs;
  }

  /** What an operator must know; empty when every place has the record. */
  get notes(): readonly string[] {
    if (this.#record === undefined || this.#problem === undefined) return [];
    const { generation } = this.#record.mark;
    return [
      `the state of generation ${generation} is not kept everywhere and is saved again: ${this.#problem}`,
    ];
  }

  /** Takes what was read at the start. A place that has an older record, or none, gets this one soon. */
  restore({ record, missing }: KeptRecord): void {
    this.#record = record;
    this.#missing = missing;
    this.#dueAtMs = missing.length > 0 ? this.#context.clock.monotonicMs() : undefined;
  }

  /** Saves a new record everywhere. With `ok: false` the record before it stays, and nothing may be applied from the new one. */
  async save(record: ApplicationRecord, signal: AbortSignal): Promise<SaveResult> {
    const result = await this.#context.store.save(record, statePlaces, signal);
    if (result.ok) this.#took(record, result);
    else this.#retryLater();
    return result;
  }

  /** Saves the record again where it is missing, when that is due; gives objects that another agent had made. */
  async complete(signal: AbortSignal): Promise<readonly InventoryEntry[]> {
    const { clock, store } = this.#context;
    const isDue = this.#dueAtMs !== undefined && clock.monotonicMs() >= this.#dueAtMs;
    if (!isDue) return [];
    this.#dueAtMs = undefined;
    // A record that no place took is the application's to save again; the time only wakes it for that.
    if (this.#record === undefined || this.#missing.length === 0) return [];
    const result = await store.save(this.#record, this.#missing, signal);
    if (!result.ok) {
      this.#isIncomplete(result.reason);
      return [];
    }
    this.#took(this.#record, result);
    return result.others;
  }

  #took(record: ApplicationRecord, { problems, others }: Extract<SaveResult, { ok: true }>): void {
    this.#record = withOthers(record, others);
    this.#missing = others.length > 0 ? statePlaces : problems.map(({ place }) => place);
    this.#setProblem(undefined);
    this.#dueAtMs = others.length > 0 ? this.#context.clock.monotonicMs() : undefined;
    if (problems.length > 0)
      this.#isIncomplete(problems.map(({ place, reason }) => `${place}: ${reason}`).join('; '));
    else this.#attempt = 0;
  }

  #isIncomplete(reason: string): void {
    this.#setProblem(reason);
    this.#context.log.warn(
      { application: this.#application, reason },
      'state is not kept everywhere and is saved again',
    );
    this.#retryLater();
  }

  #setProblem(problem: string | undefined): void {
    if (problem === this.#problem) return;
    this.#problem = problem;
    this.#context.changed(this.#application);
  }

  #retryLater(): void {
    const { clock, random } = this.#context;
    this.#dueAtMs = clock.monotonicMs() + backoffMs(retryPolicy, this.#attempt, random());
    this.#attempt += 1;
  }
}
