import type { ApplicationStatus, CheckReport, Drift, Health, SyncState } from '@meridian/fleet';
import { aggregate } from '@meridian/health';
import type { Verdict } from '@meridian/health';
import type { DesiredObject } from '../assignments/prepare.ts';
import { isJsonObject } from '../json.ts';
import { isEndOpen, runningHook } from '../hooks/hook-turn.ts';
import { alteredReason } from './altered-fields.ts';
import { alteredNotes } from './altered-objects.ts';
import { errorsOf, fightText } from './announcer.ts';
import { limitOf } from './held-limits.ts';
import { bookOf, driftPolicyOf, isAllWritten, objectName } from './held.ts';
import type { Held } from './held.ts';
import { isFought } from './heal-guard.ts';
import { isPruneOpen } from './prune.ts';
import { judgeAll, unsettledAt } from './verdicts.ts';
import { watchedKinds } from './watched-kinds.ts';
import type { WatchSet } from '../watching/watch-set.ts';

/** What a status needs besides the held assignment. */
export interface StatusFacts {
  readonly cluster: string;
  readonly nowMs: number;
  readonly monotonicMs: number;
  readonly healthSinceMs: number;
  readonly drift: readonly Drift[];
  readonly checks: readonly CheckReport[];
  /** Why what was seen last cannot be relied on now, see `lostSight`. */
  readonly lost: string | undefined;
  /** Why a newer assignment was not taken over, and other things an operator must know. */
  readonly notes: readonly string[];
}

/** The status of an application, pinned to the generation that is held. */
export function statusOf(held: Held, facts: StatusFacts): ApplicationStatus {
  const { assignment, record } = held;
  const verdicts = judgeAll(held);
  const health: Verdict =
    facts.lost === undefined ? verdictOf(held, verdicts) : { health: 'Unknown', reason: facts.lost };
  const sync = syncOf(held);
  return {
    cluster: facts.cluster,
    application: assignment.application,
    release: assignment.release,
    revision: assignment.revision,
    bundle: assignment.bundle ?? '',
    ...record.mark,
    sync,
    health: health.health,
    message: messageOf(held, { facts, sync, health }),
    objects: held.desired.map((desired, index) => ({
      key: bookOf(held, desired).key,
      health: facts.lost === undefined ? (verdicts[index]?.health ?? 'Unknown') : 'Unknown',
      reason: facts.lost ?? withLeft(verdicts[index]?.reason ?? '', held, desired),
    })),
    drift: facts.drift,
    ...refusalOf(held),
    ...(facts.checks.length === 0 ? {} : { checks: facts.checks }),
    ...(record.appliedAtMs === undefined ? {} : { appliedAtMs: record.appliedAtMs }),
    healthSinceMs: facts.healthSinceMs,
    observedAtMs: facts.nowMs,
  };
}

const shownLeft = 5;

/** A reason with the fields that others have, or change, instead of the bundle. */
function withLeft(reason: string, held: Held, desired: DesiredObject): string {
  const { left: fields, altered } = bookOf(held, desired);
  const limit = limitOf(held, desired);
  if (fields.size === 0 && limit === undefined && !altered.drift) return reason;
  const left = [...fields].map(([path, to]) => `${path} is left to ${to}`);
  const more = left.length > shownLeft ? [`and ${left.length - shownLeft} more fields`] : [];
  return [
    ...(reason === '' || reason === limit ? [] : [reason]),
    ...(limit === undefined ? [] : [limit]),
    ...(altered.drift ? [alteredReason(altered.drift)] : []),
    ...left.slice(0, shownLeft),
    ...more,
  ].join('; ');
}

function isRefusing(held: Held): boolean {
  return held.pruneNote?.refusedDeletions !== undefined || held.pruneNote?.isGuarded === true;
}

function refusalOf({ pruneNote }: Held): Pick<ApplicationStatus, 'refusedDeletions'> {
  return pruneNote?.refusedDeletions === undefined ? {} : { refusedDeletions: pruneNote.refusedDeletions };
}

/**
 * Why nothing can be said of the application now: one of its kinds is not heard of. Only what is reported changes; a
 * watch that is blind has told nothing, so nothing is healed or pruned because of it.
 */
export function lostSight(held: Held, watches: Pick<WatchSet, 'lost'>): string | undefined {
  for (const kind of watchedKinds(held)) {
    const lost = watches.lost(kind);
    if (lost !== undefined) return lost;
  }
  return undefined;
}

/** The health of the application as one word; Unknown when sight of it was `lost`. */
export function healthOf(held: Held, lost: string | undefined): Health {
  return lost === undefined ? verdictOf(held, judgeAll(held)).health : 'Unknown';
}

/** Whether the assignment is in place and healthy, unless sight of it was `lost`. */
export function isSettled(held: Held, lost: string | undefined): boolean {
  return syncOf(held) === 'Synced' && healthOf(held, lost) === 'Healthy';
}

// An object that the bundle itself suspends (a CronJob of a region that does not train) is as it should be; one that
// somebody else has suspended is not.
function verdictOf(held: Held, all: readonly Verdict[]): Verdict {
  const verdicts = all.map((verdict, index): Verdict => {
    const isMeant = verdict.health === 'Suspended' && isSuspendedByBundle(held.desired[index]);
    return isMeant ? { ...verdict, health: 'Healthy' } : verdict;
  });
  const worst = aggregate(verdicts);
  const index = verdicts.indexOf(worst);
  const desired = held.desired[index];
  return desired ? { health: worst.health, reason: `${objectName(desired.entry)}: ${worst.reason}` } : worst;
}

function isSuspendedByBundle(desired: DesiredObject | undefined): boolean {
  const spec = desired?.object['spec'];
  return isJsonObject(spec) && (spec['suspend'] === true || spec['paused'] === true);
}

function syncOf(held: Held): SyncState {
  const books = [...held.books.values()];
  if (errorsOf(held).length > 0) return 'Failed';
  if (!isAllWritten(held) || held.blockedAt !== undefined || held.record.appliedAtMs === undefined)
    return 'Applying';
  // The bundle is in place but what left it is still there, or the last hooks of a withdrawn application are to run.
  if (isPruneOpen(held) || isEndOpen(held)) return 'Applying';
  if (isRefusing(held) || books.some((book) => book.drift !== undefined)) return 'OutOfSync';
  return 'Synced';
}

interface MessageParts {
  readonly facts: StatusFacts;
  readonly sync: SyncState;
  readonly health: Verdict;
}

function messageOf(held: Held, { facts, sync, health }: MessageParts): string {
  const parts = [
    facts.lost ?? '',
    ...facts.notes,
    ...shownErrorsOf(held),
    ...driftOf(held, facts),
    isRefusing(held) ? (held.pruneNote?.text ?? '') : '',
  ];
  const waits = held.blockedAt === undefined ? runningHook(held) : unsettledAt(held, held.blockedAt);
  if (waits) parts.push(waits);
  else if (isHealthWorthSaying(held, { facts, health })) parts.push(health.reason);
  const said = parts.filter((part) => part !== '');
  if (said.length === 0 && sync === 'Applying') return 'the assignment is being applied';
  return said.join('; ');
}

/** An error says more than the health that it leads to, and a lost sight was said first. */
function isHealthWorthSaying(held: Held, { facts, health }: Omit<MessageParts, 'sync'>): boolean {
  return facts.lost === undefined && health.health !== 'Healthy' && errorsOf(held).length === 0;
}

const shownErrors = 20;

function shownErrorsOf(held: Held): readonly string[] {
  const all = errorsOf(held);
  if (all.length <= shownErrors) return all;
  return [...all.slice(0, shownErrors), `and ${all.length - shownErrors} more errors`];
}

function driftOf(held: Held, { monotonicMs }: StatusFacts): readonly string[] {
  const drifted = held.desired.filter((desired) => bookOf(held, desired).drift !== undefined);
  const fights = held.desired.flatMap((desired) => bookOf(held, desired).fight ?? []);
  const [fight] = fights;
  const others = drifted.filter((desired) => !isFoughtOver(held, desired, monotonicMs));
  return [
    ...(fight ? [`${fightText(fight)}${moreText(fights.length - 1, 'fought over')}`] : []),
    ...openDriftText(held, others),
    ...alteredNotes(held),
  ];
}

function isFoughtOver(held: Held, desired: DesiredObject, nowMs: number): boolean {
  const { fight, heals } = bookOf(held, desired);
  return fight !== undefined && isFought(heals, nowMs);
}

function openDriftText(held: Held, drifted: readonly DesiredObject[]): readonly string[] {
  const [first] = drifted;
  const drift = first && bookOf(held, first).drift;
  if (!first || !drift) return [];
  const what = `${objectName(drift.key)} was ${drift.change} by ${drift.manager}`;
  return [`${what}${unhealedText(held, first)}${moreText(drifted.length - 1, 'drifted')}`];
}

function unhealedText(held: Held, desired: DesiredObject): string {
  if (limitOf(held, desired) !== undefined) return ' and is not healed';
  if (driftPolicyOf(held, desired) === 'correct') return '';
  if (held.limits.stopped !== undefined) return ' and is not healed during the freeze';
  return held.isPaused ? ' and is not healed during the pause' : ' and is not healed by policy';
}

function moreText(count: number, verb: string): string {
  if (count <= 0) return '';
  return ` (and ${count} more ${count === 1 ? 'object' : 'objects'} ${verb})`;
}
