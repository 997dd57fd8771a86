import { elect } from '@meridian/lease';
import type { Leading, Lease } from '@meridian/lease';
import { largestTermLead } from '@meridian/ledger';
import type { Ledger, Leadership } from '@meridian/ledger';
import { FaultError } from '@meridian/runtime';
import type { Clock, Part } from '@meridian/runtime';
import { fieldNames } from '@meridian/telemetry';
import type { Logger, Tracer } from '@meridian/telemetry';
import { loopPart } from '../loop-part.ts';
import type { Releases } from '../releases/releases.ts';
import type { AuthorsOf } from '../sources/change-authors.ts';
import type { Source, SourceRevision } from '../sources/source.ts';
import { parseCommand } from './commands.ts';
import type { Command } from './commands.ts';
import { Dependencies } from './depending.ts';
import { createEventOutbox } from './event-outbox.ts';
import { GateAsker } from './gate-asker.ts';
import type { AskGate } from './gate-asker.ts';
import { createInbox } from './inbox.ts';
import type { AskedCommand, Inbox } from './inbox.ts';
import { heldUp } from './lag.ts';
import { ledgerClock } from './ledger-clock.ts';
import { ledgerLost } from './lost-ledger.ts';
import type { ControlMetrics } from './metrics.ts';
import { MovePlanner } from '../moves/move-planner.ts';
import { BundleStore } from './bundle-store.ts';
import { Pen } from './pen.ts';
import type { SignAssignment } from './records.ts';
import { readyVerb } from './ready-verb.ts';
import { RevisionDesk } from './revision-desk.ts';
import type { StatusMemory } from './status-memory.ts';
import { reportEnds } from './term-ends.ts';
import { runTerm } from './term.ts';

/** What a candidate for the lead needs. */
export interface LeaderPorts {
  readonly lease: Lease;
  readonly ledger: Pick<Ledger, 'claim' | 'tail' | 'quietFor' | 'lastBySubject' | 'bundles' | 'events'> & {
    readonly bus: Pick<Ledger['bus'], 'serveCommands'>;
  };
  readonly source: Pick<Source, 'look' | 'onConfirmed'>;
  readonly releases: Pick<Releases, 'at' | 'bundle' | 'latest' | 'onMore' | 'past'>;
  readonly statuses: StatusMemory;
  /** Who wrote the commits between two revisions. */
  readonly authors: AuthorsOf;
  readonly clock: Clock;
  readonly log: Logger;
  readonly tracer: Tracer;
  readonly metrics: ControlMetrics;
  readonly shard: string;
  readonly sign: SignAssignment;
  readonly askGate: AskGate;
}

/** This replica's part in the election. */
export interface Leader {
  readonly part: Part;
  /** Whether this replica leads now, as far as it knows. */
  isLeading(): boolean;
  /** Tells a leader that a report came in. */
  onReport(application: string, cluster: string): void;
}

/** Lock times without any write in the ledger after which a candidate that cannot reach Redis may claim. */
const quietTtls = 3;
/** How long a term lasts at least before what agents report may end it. */
const reclaimEveryMs = 10_000;
const compareEveryMs = 1_000;

/** Runs for leader until the process stops, and leads whenever it is elected and the ledger accepts the claim. */
export function createLeader(ports: LeaderPorts): Leader {
  const { lease, ledger, clock, log } = ports;
  let inbox: Inbox | undefined;
  const onLeading = async (leading: Leading) => {
    const claim = await ledger.claim({
      leaseTerm: leading.term,
      atLeastTerm: saneHighestTerm(ports, (await ledger.tail()).term),
      signal: leading.signal,
    });
    if (!claim.ok) {
      log.warn({ reason: claim.reason }, 'the ledger refused the claim');
      return;
    }
    inbox = createInbox();
    try {
      await lead(ports, { leadership: claim.leadership, leading, inbox });
    } finally {
      inbox = undefined;
    }
  };
  return {
    part: {
      ...loopPart('leader', (signal) =>
        elect({
          lease,
          clock,
          signal,
          log,
          onLeading,
          mayLeadWithoutLock: (within) => ledger.quietFor(quietTtls * lease.ttlMs, within),
        }),
      ),
      stopBudgetMs: 4_000,
    },
    isLeading: () => inbox !== undefined,
    onReport: (application, cluster) => inbox?.putReport(application, cluster),
  };
}

/** Highest term of the agents that the ledger can have counted up to; one agent's absurd report must not end all leading. */
function saneHighestTerm({ statuses, log }: LeaderPorts, knownTerm: number): number {
  const sane = statuses.highestTerm(knownTerm + largestTermLead);
  const highest = statuses.highestTerm(Infinity);
  if (highest > sane) log.warn({ reported: highest, knownTerm }, 'an agent reports an absurd term');
  return sane;
}

async function lead(
  given: LeaderPorts,
  { leadership, leading, inbox }: { leadership: Leadership; leading: Leading; inbox: Inbox },
): Promise<void> {
  const ports = { ...given, clock: ledgerClock(given.clock, leadership.claimed) };
  const { ledger, clock, log, metrics, source, releases } = ports;
  const over = new AbortController();
  const signal = AbortSignal.any([leading.signal, over.signal]);
  const outbox = createEventOutbox((event) => ledger.events.publish(event), log);
  const bundles = new BundleStore(ledger.bundles);
  const moves = new MovePlanner({ ...ports, bundles });
  const pen = new Pen({ ...ports, outbox, moves }, leadership);
  const asker = new GateAsker(ports.askGate, inbox, clock);
  const dependencies = new Dependencies({ ...ports, book: () => pen.book });
  const desk = new RevisionDesk({ ...ports, bundles, moves, dependencies }, pen);
  const isLockUnreachable = () => leading.state() === 'unreachable';
  metrics.leader.set(1);
  metrics.term.set(leadership.term);
  // What was confirmed before the claim may be older than what the leader before has already published.
  const claimedAtMs = clock.monotonicMs();
  let confirmed: SourceRevision | undefined;
  source.onConfirmed((found) => {
    if (found.askedAtMs >= claimedAtMs) inbox.putSource((confirmed = found));
  }, signal);
  releases.onMore(() => confirmed && inbox.putSource(confirmed), signal);
  source.look();
  const ends = [
    runTerm({ ...ports, pen, desk, dependencies, inbox, asker, isLockUnreachable }, signal),
    ledger.bus.serveCommands(async (json) => {
      const command = parseCommand(json);
      if (!('verb' in command)) return ask(inbox, command, signal);
      const book = await pen.whenLoaded(signal).catch(() => undefined);
      if (!book) throw stoppedLeading();
      return ask(inbox, await readyVerb({ book, desk }, command, signal), signal);
    }, signal),
    outbox.run(signal),
    desk.keepBundles(signal),
    stepDownWhenHeldUp(ports, signal),
    stepDownBelowAgents(ports, leadership, signal),
    stepDownWhenLost(ports, leadership, signal),
  ].map((work) => work.finally(() => over.abort()));
  const outcomes = await Promise.allSettled(ends);
  metrics.leader.set(0);
  metrics.term.set(0);
  log.info({ [fieldNames.term]: leadership.term }, 'stopped leading');
  reportEnds(outcomes, ports, { signal, stopping: leading.signal.aborted });
}

/**
 * A leader that was held up for so long that its lock may have ended has no business to go on: another may lead by now, and if
 * not, one can at once.
 */
async function stepDownWhenHeldUp({ clock, lease, log }: LeaderPorts, signal: AbortSignal): Promise<void> {
  const delayMs = await heldUp(clock, lease.ttlMs - lease.renewMs, signal);
  if (delayMs > 0) log.warn({ delayMs: Math.round(delayMs) }, 'this process was held up, so it steps down');
}

/** What was lost, or written by others, is read by the next term, which makes the rest again and takes the floors of the agents. */
async function stepDownWhenLost(
  ports: LeaderPorts,
  leadership: Leadership,
  signal: AbortSignal,
): Promise<void> {
  const loss = await ledgerLost(ports, leadership, signal);
  if (loss !== undefined)
    ports.log.warn(
      { [fieldNames.term]: leadership.term, loss },
      'the ledger is not what this leader wrote, so it steps down',
    );
}

/**
 * Agents refuse a leader below the terms they have seen. When the ledger and the board were lost, they tell of those only
 * after the claim; then this term ends, and the next claim goes above. The first look comes late, so that reports which
 * keep growing cost a claim per ten seconds at most.
 */
async function stepDownBelowAgents(
  { statuses, clock, log }: LeaderPorts,
  { term, incarnation }: Leadership,
  signal: AbortSignal,
): Promise<void> {
  await clock.wait(reclaimEveryMs, signal);
  while (!signal.aborted) {
    const seen = statuses.highestTerm(term + largestTermLead, { term, incarnation });
    if (seen >= term) {
      log.warn(
        { [fieldNames.term]: term, seen },
        'agents have seen a greater term, so this hub claims again',
      );
      return;
    }
    await clock.wait(compareEveryMs, signal);
  }
}

function stoppedLeading(): FaultError {
  return new FaultError('unavailable', 'this hub stopped leading; ask again', { retry: 'later' });
}

async function ask(
  inbox: Inbox,
  command: Command,
  signal: AbortSignal,
): Promise<{ readonly reason: string }> {
  const asked: AskedCommand = { command, answer: Promise.withResolvers() };
  if (signal.aborted) throw stoppedLeading();
  if (!inbox.putCommand(asked)) {
    throw new FaultError('exhausted', 'too many commands wait for the leader', { retry: 'later' });
  }
  const give = () => asked.answer.reject(stoppedLeading());
  signal.addEventListener('abort', give, { once: true });
  try {
    return await asked.answer.promise;
  } finally {
    signal.removeEventListener('abort', give);
  }
}
