import type { Assignment, CheckReport, JobCheck } from '@meridian/fleet';
import { lookedAt, takeChecks } from './check-state.ts';
import type { CheckResult, CheckState, CheckTime } from './check-state.ts';

/** A Job that may run although no assignment asks for it any more. */
export interface LeftJob {
  readonly check: JobCheck;
  readonly run: string;
  /** The last assignment that asked for it: by its rights the Job was made, and goes. */
  readonly assignment: Assignment;
  readonly dueAtMs: number;
  /** After this it has ended by itself, for its time is part of it. */
  readonly untilMs: number;
}

/** How long after its time a Job is surely over. */
const graceMs = 60_000;

/** So many are remembered; those before them end by their own time. */
const mostLeft = 64;

/** How soon another try is made to delete a Job that is not asked for. */
const againMs = 10_000;

/** What is known of the checks of one application. It holds no Job and asks nothing; rounds do, see `run-checks.ts`. */
export class CheckBook {
  #states: readonly CheckState[] = [];
  #left: readonly LeftJob[] = [];
  #assignment: Assignment | undefined;
  /** Runs that are being looked at. */
  readonly #busy = new Set<string>();

  /** Takes the checks of the assignment that is held from now on. */
  take(assignment: Assignment, time: CheckTime): void {
    const before = this.#assignment;
    const { states, left } = takeChecks(this.#states, assignment, time);
    const runs = new Set(states.map(({ run }) => run));
    const jobs = left.flatMap(({ check, run, dueAtMs }): LeftJob[] => {
      if (check.kind !== 'job' || dueAtMs === Infinity || !before) return [];
      const untilMs = time.monotonicMs + check.timeoutMs + graceMs;
      return [{ check, run, assignment: before, dueAtMs: time.monotonicMs, untilMs }];
    });
    this.#states = states;
    this.#left = [...this.#left.filter(({ run }) => !runs.has(run)), ...jobs].slice(-mostLeft);
    this.#assignment = assignment;
  }

  /** One for each check of the present assignment, in its order. */
  reports(): readonly CheckReport[] {
    return this.#states.map(({ report }) => report);
  }

  /** Monotonic time of the next look at anything; Infinity when there is nothing to look at. */
  nextAtMs(): number {
    const open = [...this.#states, ...this.#left].filter(({ run }) => !this.#busy.has(run));
    return Math.min(...open.map(({ dueAtMs }) => dueAtMs));
  }

  /** The checks that are to be looked at now. */
  due(monotonicMs: number): readonly CheckState[] {
    return this.#states.filter(({ run, dueAtMs }) => dueAtMs <= monotonicMs && !this.#busy.has(run));
  }

  /** The Jobs that are to go now; what was being made when it was dropped comes later. */
  dueLeft(monotonicMs: number): readonly LeftJob[] {
    this.#left = this.#left.filter(({ untilMs }) => untilMs > monotonicMs);
    return this.#left.filter(({ run, dueAtMs }) => dueAtMs <= monotonicMs && !this.#busy.has(run));
  }

  /** Holds further looks at a run until the given work has ended. */
  async whileBusy(run: string, work: () => Promise<void>): Promise<void> {
    this.#busy.add(run);
    try {
      await work();
    } finally {
      this.#busy.delete(run);
    }
  }

  /** Notes what a look has given; gives whether there is something to tell. A run that is not asked for any more is not noted. */
  note(run: string, result: CheckResult, time: CheckTime): boolean {
    let isNews = false;
    this.#states = this.#states.map((state) => {
      if (state.run !== run) return state;
      const next = lookedAt(state, result, time);
      isNews = next.report !== state.report;
      return next;
    });
    return isNews;
  }

  /** Forgets a Job that is gone, or plans another try. */
  noteLeft(run: string, isGone: boolean, monotonicMs: number): void {
    this.#left = this.#left.flatMap((job) => {
      if (job.run !== run) return [job];
      return isGone ? [] : [{ ...job, dueAtMs: monotonicMs + againMs }];
    });
  }
}
