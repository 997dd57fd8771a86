import { FaultError, createWake, errorText } from '@meridian/runtime';
import type { Clock } from '@meridian/runtime';
import type { EngineContext } from '../applications/context.ts';
import type { Held } from '../applications/held.ts';
import { createLimiter } from '../limiter.ts';
import type { CheckBook } from './check-book.ts';
import type { CheckResult, CheckState, CheckTime } from './check-state.ts';
import { jobRunOf, lookAtJob, removeLeftJob } from './look-at-job.ts';
import { readMetricAnswer } from './metric-answer.ts';
import type { MetricSources } from './metric-sources.ts';

/** An application, as its checks see it. */
export interface Checked {
  readonly checks: CheckBook;
  /** The assignment that is held; checks are of this one. */
  held(): Held | undefined;
  /** Whether all of it is in place and healthy, at the generation that is held. */
  isSettled(): boolean;
  /** Says that what is known changed outside of a note. */
  touched(): void;
}

/** What looking at checks needs. */
export interface CheckRoundsConfig {
  readonly context: EngineContext;
  readonly metricSources: MetricSources;
  readonly applications: () => Iterable<Checked>;
  /** Is told of a bug, which ends the agent. */
  readonly fail: (error: unknown) => void;
}

/** Looks at all checks of all applications when their time has come. */
export interface CheckRounds {
  /** Says that an application has other checks now. */
  ring(): void;
  /** Looks until `signal` aborts, and waits for what is under way then. */
  run(signal: AbortSignal): Promise<void>;
}

/** How many metrics are asked for at once, over all applications. */
const queriesAtOnce = 4;

/** How soon it is looked again whether an application is in place and healthy. */
const unsettledMs = 2_000;

/** The longest sleep: no look is lost when the clock is set or the machine has slept. */
const longestSleepMs = 30_000;

/** Opens rounds. Each check is looked at by one look at a time, and waits for no other. */
export function openCheckRounds({
  context,
  metricSources,
  applications,
  fail,
}: CheckRoundsConfig): CheckRounds {
  const wake = createWake();
  const queries = createLimiter(queriesAtOnce);
  const underWay = new Set<Promise<void>>();

  const launch = (work: Promise<void>) => {
    const watched = work.catch(fail).finally(() => {
      underWay.delete(watched);
      wake.ring();
    });
    underWay.add(watched);
  };

  const lookAt = async (one: Look, state: CheckState) => {
    const time = timeOf(context);
    const result = await resultOf({ context, metricSources, queries }, one, state);
    const isNews = result && one.checks.note(state.run, result, { ...time, nowMs: context.clock.nowMs() });
    if (isNews === true) one.touched();
  };

  const round = (signal: AbortSignal) => {
    const nowMs = context.clock.monotonicMs();
    for (const application of applications()) {
      const { checks } = application;
      const held = application.held();
      if (!held) continue;
      const one = lookOf(application, held, signal);
      for (const state of checks.due(nowMs)) launch(checks.whileBusy(state.run, () => lookAt(one, state)));
      for (const left of checks.dueLeft(nowMs)) {
        const remove = async () =>
          checks.noteLeft(
            left.run,
            await removeLeftJob(context, held, { left, signal }),
            context.clock.monotonicMs(),
          );
        launch(checks.whileBusy(left.run, remove));
      }
    }
  };

  const sleepMs = (): number => {
    const next = Math.min(...[...applications()].map(({ checks }) => checks.nextAtMs()));
    return next === Infinity
      ? Infinity
      : Math.min(longestSleepMs, Math.max(0, next - context.clock.monotonicMs()));
  };

  return {
    ring: () => wake.ring(),
    async run(signal) {
      while (!signal.aborted) {
        round(signal);
        await wake.next(sleepMs(), signal);
      }
      await Promise.all(underWay);
    },
  };
}

/** What the looks of one round at one application share. */
interface Look {
  readonly checks: CheckBook;
  readonly held: Held;
  readonly isSettled: () => boolean;
  readonly touched: () => void;
  readonly signal: AbortSignal;
}

/** Judging a large application takes its time, so that it is done once for all checks of it that are due. */
function lookOf(application: Checked, held: Held, signal: AbortSignal): Look {
  let settled: boolean | undefined;
  return {
    checks: application.checks,
    held,
    isSettled: () => (settled ??= application.isSettled()),
    touched: () => application.touched(),
    signal,
  };
}

/** The present, by the clocks of the agent. */
export function timeOf({
  clock,
  random,
}: {
  readonly clock: Clock;
  readonly random: () => number;
}): CheckTime {
  return { nowMs: clock.nowMs(), monotonicMs: clock.monotonicMs(), random: random() };
}

interface Desks {
  readonly context: EngineContext;
  readonly metricSources: MetricSources;
  readonly queries: ReturnType<typeof createLimiter>;
}

/** Undefined when the agent stops. */
async function resultOf(
  { context, metricSources, queries }: Desks,
  { held, isSettled, signal }: Look,
  { check, run, runningSinceMs }: CheckState,
): Promise<CheckResult | undefined> {
  const { clock } = context;
  const waits = check.when === 'healthy' && !isSettled() ? unsettled(clock.monotonicMs()) : undefined;
  try {
    if (check.kind === 'job') {
      const ranMs = runningSinceMs === undefined ? 0 : clock.monotonicMs() - runningSinceMs;
      const job = jobRunOf(held.assignment, check, run);
      return await lookAtJob(context, held, { job, waits, ranMs, signal });
    }
    if (waits) return waits;
    const { source, query, intervalMs } = check;
    const answer = await queries.run(() => metricSources.ask(source, query, signal));
    return readMetricAnswer(answer, { source, intervalMs, nowMs: clock.nowMs() });
  } catch (error) {
    if (signal.aborted) return undefined;
    if (!(error instanceof FaultError)) throw error;
    return { kind: 'nothing', message: errorText(error) };
  }
}

/** At full intervals of the clock, so that all checks of an application wait for the same look at it. */
const unsettled = (monotonicMs: number): CheckResult => ({
  kind: 'nothing',
  message: 'it waits until the application is Synced and Healthy',
  againMs: unsettledMs - (monotonicMs % unsettledMs),
});
