import { CheckBook, readMetricAnswer } from '@meridian/agent';
import type { CheckResult, CheckState } from '@meridian/agent';
import type { Assignment, CheckReport } from '@meridian/fleet';
import type { Clock } from '@meridian/runtime';
import type { SimulatedCluster } from './cluster.ts';
import type { EndedJob } from './gate-log.ts';
import type { Random } from './random.ts';
import type { Process, Schedule } from './schedule.ts';
import type { Systems } from './systems.ts';

/** What the checks of one application need. */
export interface ChecksWorld {
  readonly schedule: Schedule;
  readonly process: Process;
  readonly clock: Clock;
  readonly cluster: SimulatedCluster;
  readonly systems: Pick<Systems, 'measure' | 'begin' | 'jobEnded'>;
  readonly gateRandom: Random;
  /** Whether the application is in place and healthy. */
  readonly isSettled: () => boolean;
  /** There is something to tell. */
  readonly changed: () => void;
}

const unsettledAgainMs = 2_000;

/** The checks of one application of a simulated agent: the agent's own book, and looks at simulated sources and Jobs. */
export class AgentChecks {
  readonly #world: ChecksWorld;
  readonly #book = new CheckBook();
  #assignment: Assignment | undefined;
  #plannedAtMs = Infinity;

  constructor(world: ChecksWorld) {
    this.#world = world;
  }

  /** Takes the checks of the assignment that is held from now on. */
  take(assignment: Assignment): void {
    const hasNone = !assignment.checks && !this.#assignment?.checks;
    this.#assignment = assignment;
    if (hasNone) return;
    this.#book.take(assignment, this.#time());
    this.#plan();
  }

  /** What is known of each of them; undefined without any. */
  reports(): readonly CheckReport[] | undefined {
    const reports = this.#book.reports();
    return reports.length > 0 ? reports : undefined;
  }

  #time() {
    const { clock, gateRandom } = this.#world;
    return { nowMs: clock.nowMs(), monotonicMs: clock.monotonicMs(), random: gateRandom.next() };
  }

  #plan(): void {
    const { schedule, process, clock } = this.#world;
    const atMs = this.#book.nextAtMs();
    if (atMs >= this.#plannedAtMs) return;
    this.#plannedAtMs = atMs;
    schedule.after(atMs - clock.monotonicMs(), process, () => {
      if (this.#plannedAtMs !== atMs) return;
      this.#plannedAtMs = Infinity;
      this.#look();
    });
  }

  #look(): void {
    const assignment = this.#assignment;
    if (!assignment) return;
    const time = this.#time();
    const { changed } = this.#world;
    const news = this.#book
      .due(time.monotonicMs)
      .map((state) => this.#book.note(state.run, this.#resultOf(state, assignment), time));
    for (const { run, assignment: of } of this.#book.dueLeft(time.monotonicMs)) {
      this.#world.cluster.jobs.delete(jobKey(of, run));
      this.#book.noteLeft(run, true, time.monotonicMs);
    }
    if (news.includes(true)) changed();
    this.#plan();
  }

  #resultOf(state: CheckState, assignment: Assignment): CheckResult {
    const { systems, cluster, clock, isSettled } = this.#world;
    const { check } = state;
    const waits = check.when === 'healthy' && !isSettled();
    if (check.kind === 'job') return this.#lookAtJob(state, assignment, waits);
    if (waits) return unsettled;
    const nowMs = clock.nowMs();
    const answer = systems.measure(cluster.name, assignment.application, { query: check.query, nowMs });
    return readMetricAnswer(answer, { source: check.source, intervalMs: check.intervalMs, nowMs });
  }

  #lookAtJob({ check, run }: CheckState, assignment: Assignment, waits: boolean): CheckResult {
    const { application, release } = assignment;
    const key = jobKey(assignment, run);
    const { systems, cluster, schedule } = this.#world;
    if (check.kind !== 'job') return unsettled;
    const job = cluster.jobs.get(key);
    if (!job) {
      if (waits) return unsettled;
      cluster.jobs.set(key, systems.begin(check, release));
      return { kind: 'running', message: '' };
    }
    if (job.endsAtMs > schedule.nowMs) return { kind: 'running', message: '' };
    const { startedAtMs, willSucceed } = job;
    const ended: EndedJob = { check: check.id, startedAtMs, release: job.release, hasSucceeded: willSucceed };
    const gate = typeof check.spec['gate'] === 'string' ? check.spec['gate'] : '';
    systems.jobEnded(`${application} ${cluster.name} ${gate}`, ended);
    return { kind: 'ended', phase: willSucceed ? 'succeeded' : 'failed', message: '' };
  }
}

/** Jobs of two applications are two, also at the same gate and generation: the name of a Job has that of its application in it. */
function jobKey({ application }: Pick<Assignment, 'application'>, run: string): string {
  return `${application} ${run}`;
}

const unsettled: CheckResult = {
  kind: 'nothing',
  message: 'it waits until the application is Synced and Healthy',
  againMs: unsettledAgainMs,
};
