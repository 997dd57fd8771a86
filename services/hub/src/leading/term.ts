import { FaultError, errorText } from '@meridian/runtime';
import type { Clock } from '@meridian/runtime';
import { decide, isAtGate, isMoving, presentStage } from '@meridian/rollout';
import type { RolloutEffect, RolloutEvent } from '@meridian/rollout';
import type { LedgerRecord } from '@meridian/ledger';
import { currentTraceparent, withSpan } from '@meridian/telemetry';
import type { Logger, Tracer } from '@meridian/telemetry';
import type { GateAsker } from './gate-asker.ts';
import type { Dependencies } from './depending.ts';
import { heldBy, holdsOf } from './holding.ts';
import type { ApprovalCommand, HoldCommand, PauseCommand, ReadyVerb } from './commands.ts';
import type { AnswerAtGate, AskedCommand, Inbox, Mail } from './inbox.ts';
import type { HeldRollout } from './ledger-book.ts';
import type { ControlMetrics } from './metrics.ts';
import { latestOnly } from './latest-only.ts';
import { FencedError } from './pen.ts';
import type { Change, Pen } from './pen.ts';
import { approvalRecord, verbRecord } from './records.ts';
import type { RevisionDesk } from './revision-desk.ts';
import type { StatusMemory } from './status-memory.ts';
import { wakesAtMs } from './wake-times.ts';

/** What a term needs. */
export interface TermPorts {
  readonly pen: Pen;
  readonly desk: RevisionDesk;
  readonly dependencies: Dependencies;
  readonly inbox: Inbox;
  readonly asker: GateAsker;
  readonly statuses: Pick<StatusMemory, 'observed' | 'clustersOf' | 'freezes' | 'termOf'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly tracer: Tracer;
  readonly metrics: ControlMetrics;
  readonly shard: string;
  /** While it says so, candidates cannot see the lock and have to be shown a sign of life in the ledger. */
  readonly isLockUnreachable: () => boolean;
}

/** How long the leader sleeps when nothing rings: stale reports and pulses need a look this often. */
const longestSleepMs = 1_000;
const houseKeepingMs = 900;

/**
 * One time of leading: load, then receive, decide and carry out until the signal aborts. Throws FencedError when another
 * leader took over, and other faults when the ledger cannot be written; nothing in memory outlives either.
 */
export async function runTerm(ports: TermPorts, signal: AbortSignal): Promise<void> {
  const { pen, inbox, statuses } = ports;
  await pen.load(signal);
  for (const application of pen.book.rollouts.keys()) {
    for (const cluster of statuses.clustersOf(application)) inbox.putReport(application, cluster);
  }
  const isDue = everySecond(ports.clock);
  while (!signal.aborted) {
    const mail = await inbox.take(sleepMs(ports), signal);
    try {
      // By the clock, not when nothing waits: on a busy fleet something always does.
      const looksAtAll = isDue();
      if (!signal.aborted) await turn(ports, mail, { looksAtAll, signal });
      if (!signal.aborted && looksAtAll) await houseKeeping(ports, signal);
    } finally {
      refuse(mail.commands);
    }
  }
}

interface TurnOptions {
  readonly looksAtAll: boolean;
  readonly signal: AbortSignal;
}

async function turn(ports: TermPorts, mail: Mail, { looksAtAll, signal }: TurnOptions): Promise<void> {
  const { pen, desk, metrics } = ports;
  const isBusy = mail.source !== undefined || mail.reports.size > 0 || mail.commands.length > 0;
  const stopTimer = metrics.decideSeconds.startTimer();
  if (mail.source) await desk.take(mail.source, signal);
  const reported = decideAll(ports, mail.reports.keys(), (application) =>
    reportsOf(ports, application, mail.reports.get(application) ?? []),
  );
  await carryOut(ports, reported, signal);
  await pen.outrank(mail.reports, ports.statuses, signal);
  await carryOut(ports, decideAnswers(ports, mail.answers), signal);
  for (const asked of mail.commands) await takeCommand(ports, asked, signal);
  const isNews = mail.source !== undefined || mail.commands.length > 0;
  const due = looksAtAll || isNews ? pen.book.rollouts.keys() : dueNow(ports, mail);
  const timed = decideAll(ports, due, (application) => timeEvents(ports, application));
  await carryOut(ports, timed, signal);
  ports.asker.look(
    [...pen.book.rollouts.values()].map(({ state }) => state),
    signal,
  );
  if (isBusy) stopTimer();
}

/** The sign of life comes first: candidates wait for it, and tidying can be slow. */
async function houseKeeping(ports: TermPorts, signal: AbortSignal): Promise<void> {
  const { pen, desk, log, isLockUnreachable } = ports;
  if (isLockUnreachable()) await pen.pulse(houseKeepingMs / 2, signal);
  await pen.renew(signal);
  try {
    await desk.tidy();
  } catch (error) {
    if (!(error instanceof FaultError)) throw error;
    if (!signal.aborted) log.warn({ error: errorText(error) }, 'stored bundles could not be looked through');
  }
}

/** Says yes when nearly a second has passed since it last did; an idle leader, which sleeps a second, is told each time. */
function everySecond(clock: Clock): () => boolean {
  let lastMs = clock.monotonicMs();
  return () => {
    const nowMs = clock.monotonicMs();
    if (nowMs - lastMs < houseKeepingMs) return false;
    lastMs = nowMs;
    return true;
  };
}

function reportsOf(
  { statuses, clock }: TermPorts,
  application: string,
  clusters: Iterable<string>,
): RolloutEvent[] {
  const nowMs = clock.nowMs();
  return [...clusters].flatMap((cluster) => statuses.observed(application, cluster, nowMs) ?? []);
}

/**
 * Rollouts that time may have changed: those that were heard of, and those whose deadline or soak has come. All others are looked
 * at once a second: with each report it would cost the square of how many there are.
 */
function dueNow({ pen, clock }: TermPorts, { reports }: Mail): string[] {
  const nowMs = clock.nowMs();
  return [...pen.book.rollouts]
    .filter(([application, { state }]) => reports.has(application) || wakesAtMs(state) <= nowMs)
    .map(([application]) => application);
}

/** While a stage is under way its clusters are looked at again: a report that was good may have grown stale. */
function timeEvents(ports: TermPorts, application: string): RolloutEvent[] {
  const state = ports.pen.book.rollouts.get(application)?.state;
  if (!state || !isMoving(state)) return [];
  const names = presentStage(state)?.clusters.map(({ name }) => name) ?? [];
  const reports = reportsOf(ports, application, names);
  const isDue = wakesAtMs(state) <= ports.clock.nowMs();
  if (!isDue && !isAtGate(state)) return reports;
  return [...reports, { kind: 'tick', reports: Object.fromEntries(reports.flatMap(reportText)) }];
}

function reportText(event: RolloutEvent): [string, string][] {
  if (event.kind !== 'statusObserved') return [];
  const { cluster, stale, sync, health, message, generation } = event;
  const what = `${sync} and ${health} at generation ${generation}${message === '' ? '' : `: ${message}`}`;
  return [[cluster, stale ? `silent; last ${what}` : what]];
}

function decideAll(
  { pen, clock, statuses, dependencies }: TermPorts,
  applications: Iterable<string>,
  eventsOf: (application: string) => readonly RolloutEvent[],
): Change[] {
  const nowMs = clock.nowMs();
  const freezes = statuses.freezes(nowMs);
  return [...applications].flatMap((application) => {
    const held = pen.book.rollouts.get(application);
    if (!held) return [];
    // First of all: nothing may be pushed that is held by now.
    const holds = [
      ...holdsOf(pen.book, heldBy(held.state), { freezes, nowMs }),
      ...dependencies.holdsOf(held.state, nowMs),
    ];
    return changeBy(held, [{ kind: 'holdsChanged', holds }, ...eventsOf(application)], nowMs);
  });
}

/** What other systems said of gates, each decided by itself. */
function decideAnswers(ports: TermPorts, answers: readonly AnswerAtGate[]): Change[] {
  const byApplication = Map.groupBy(answers, ({ application }) => application);
  return decideAll(ports, byApplication.keys(), (application) =>
    (byApplication.get(application) ?? []).map(({ event }) => event),
  );
}

function changeBy(
  { state, traceparent }: HeldRollout,
  events: readonly RolloutEvent[],
  nowMs: number,
): Change[] {
  let next = state;
  const effects: RolloutEffect[] = [];
  for (const event of events) {
    const decision = decide(next, event, nowMs);
    next = decision.next ?? next;
    effects.push(...decision.effects);
  }
  const { application } = state;
  if (next === state) return [];
  return [{ application, next, effects: latestOnly(effects), traceparent, parent: traceparent }];
}

/** Gives each change a span in the trace of its commit, however long ago that was. */
async function traced({ tracer }: TermPorts, changes: readonly Change[]): Promise<Change[]> {
  return Promise.all(
    changes.map(async (change) => {
      const { application, traceparent, next } = change;
      const attributes = { application, phase: next.phase, reason: next.reason };
      const parent = await withSpan(
        tracer,
        'hub.decide',
        { parent: traceparent, attributes },
        currentTraceparent,
      );
      return { ...change, parent };
    }),
  );
}

async function takeCommand(
  ports: TermPorts,
  { command, answer }: AskedCommand,
  signal: AbortSignal,
): Promise<void> {
  const { pen, clock, shard } = ports;
  if (!('event' in command)) return takeStop(ports, { command, answer }, signal);
  const { application, event } = command;
  // Nothing is pushed by a word that is held by now.
  await carryOut(
    ports,
    decideAll(ports, [application], () => []),
    signal,
  );
  const held = pen.book.rollouts.get(application);
  if (!held) {
    answer.reject(new FaultError('not_found', `there is no rollout of ${application}`, { retry: 'never' }));
    return;
  }
  const nowMs = clock.nowMs();
  const { reason, isSoAlready } = decide(held.state, event, nowMs);
  const changes = changeBy(held, [event], nowMs);
  if (changes.length === 0) {
    if (isSoAlready) answer.resolve({ reason });
    else answer.reject(new FaultError('conflict', reason, { retry: 'never' }));
    return;
  }
  const before = [recordOf(shard, command, nowMs)];
  const withConsent = changes.map((change) => ({ ...change, before }));
  await carryOut(ports, withConsent, signal);
  answer.resolve({ reason });
}

/** Writes changes, and looks again at applications whose next release waited for that. */
async function carryOut(ports: TermPorts, changes: readonly Change[], signal: AbortSignal): Promise<void> {
  await ports.pen.carryOut(await traced(ports, changes), signal);
  const again = changes.flatMap(({ application, effects }) =>
    effects.some(({ kind }) => kind === 'lookAgain') ? [application] : [],
  );
  if (again.length > 0) await ports.desk.lookAgain(again, signal);
}

/** A word that cannot be followed is the asker's affair; what the ledger says against it ends the term. */
async function takeStop(
  { pen }: TermPorts,
  {
    command,
    answer,
  }: { readonly command: PauseCommand | HoldCommand; readonly answer: AskedCommand['answer'] },
  signal: AbortSignal,
): Promise<void> {
  try {
    const done = 'scope' in command ? pen.hold(command, signal) : pen.pause(command, signal);
    answer.resolve({ reason: await done });
  } catch (error) {
    if (!(error instanceof FaultError) || error instanceof FencedError || error.retry === 'later')
      throw error;
    answer.reject(error);
  }
}

/** What the ledger keeps of a person's word in front of what it brings about. */
function recordOf(shard: string, command: ApprovalCommand | ReadyVerb, nowMs: number): LedgerRecord {
  if ('asked' in command) return verbRecord(shard, command.asked, nowMs);
  const { kind: _, ...consent } = command.event;
  return approvalRecord(shard, command.application, { ...consent, atMs: nowMs });
}

/** Whoever still waits for an answer gets one; those that have theirs keep it. */
function refuse(commands: readonly AskedCommand[]): void {
  for (const { answer } of commands) {
    answer.reject(new FaultError('unavailable', 'this hub stopped leading; ask again', { retry: 'later' }));
  }
}

function sleepMs({ pen, clock }: TermPorts): number {
  const nowMs = clock.nowMs();
  const times = [...pen.book.rollouts.values()].map(({ state }) => wakesAtMs(state) - nowMs);
  return Math.max(1, Math.min(longestSleepMs, ...times));
}
