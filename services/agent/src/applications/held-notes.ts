import type { Pause } from '@meridian/fleet';
import { isStopped } from './held-limits.ts';
import type { Held } from './held.ts';
import { kindWaitNotes } from './missing-kinds.ts';

/** What people must know of the assignment itself, beside what is wrong with its objects; after `others`, as far as there are any. */
export function heldNotes(
  held: Held,
  nowMs: number,
  others: readonly (string | undefined)[],
): readonly string[] {
  const { pause, expiresAtMs } = held.assignment;
  const { waiting } = held.limits;
  return [
    ...others.filter((note) => note !== undefined),
    ...kindWaitNotes(held),
    ...(held.limits.stopped === undefined ? [] : [held.limits.stopped]),
    ...(held.isPaused && pause ? [pauseText(pause)] : []),
    ...(held.pruneNote?.waits === undefined ? [] : [held.pruneNote.waits]),
    ...(waiting > 0 && !isStopped(held) ? [waitingText(waiting)] : []),
    ...(nowMs > expiresAtMs
      ? [`the assignment expired at ${timeText(expiresAtMs)} and was not renewed; what it says is kept`]
      : []),
  ];
}

/** Who has stopped an application, until when and why. */
export function pauseText({ author, untilMs, reason }: Pause): string {
  return `paused by ${author} until ${timeText(untilMs)}: ${reason}`;
}

const waitingText = (waiting: number): string =>
  `${waiting} ${waiting === 1 ? 'object waits' : 'objects wait'} for the change rate that the limits of this cluster allow`;

const timeText = (ms: number): string => new Date(ms).toISOString();
