import { isPausedAt } from '@meridian/fleet';
import type { Assignment, FleetEvent, Pause } from '@meridian/fleet';
import { FaultError } from '@meridian/runtime';
import type { PauseCommand } from './commands.ts';
import type { LedgerBook, StoredAssignment } from './ledger-book.ts';

/** What a person's word makes of one assignment. */
export interface PauseChange {
  readonly stored: StoredAssignment;
  /** Undefined: the assignment has no pause any more. */
  readonly pause: Pause | undefined;
  readonly event: FleetEvent;
}

/**
 * The pause that a command places, or its end. Throws FaultError: `not_found` when the cluster does not have the application,
 * `conflict` when there is nothing to resume.
 */
export function decidePause(book: LedgerBook, command: PauseCommand, nowMs: number): PauseChange {
  const { application, cluster, author, reason, forMs } = command;
  const stored = book.assignments.get(cluster)?.get(application);
  if (stored?.assignment.bundle === undefined) {
    throw new FaultError('not_found', `${application} is not assigned to cluster ${cluster}`, {
      retry: 'never',
    });
  }
  const { revision } = stored.assignment;
  const about = { atMs: nowMs, application, cluster, revision };
  if (forMs !== undefined) {
    const untilMs = nowMs + forMs;
    const message = `paused by ${author} until ${new Date(untilMs).toISOString()}: ${reason}`;
    return {
      stored,
      pause: { sinceMs: nowMs, untilMs, author, reason },
      event: { ...about, level: 'warning', type: 'pause.placed', message },
    };
  }
  if (!isPausedAt(stored.assignment.pause, nowMs)) {
    throw new FaultError('conflict', `${application} is not paused in cluster ${cluster}`, {
      retry: 'never',
    });
  }
  const message = `resumed by ${author}: ${reason}`;
  return { stored, pause: undefined, event: { ...about, level: 'info', type: 'pause.lifted', message } };
}

/** The assignment with another pause, or with none. */
export function withPause(assignment: Assignment, pause: Pause | undefined): Assignment {
  const { pause: _, ...rest } = assignment;
  return pause === undefined ? rest : { ...rest, pause };
}

/** The pause that an assignment after the one in the book has to keep, whatever else it says. */
export function presentPause(
  book: LedgerBook,
  { cluster, application }: Pick<Assignment, 'cluster' | 'application'>,
  nowMs: number,
): Pause | undefined {
  const pause = book.assignments.get(cluster)?.get(application)?.assignment.pause;
  return isPausedAt(pause, nowMs) ? pause : undefined;
}
