import type { Pause } from '@meridian/fleet';
import type { Held } from './held.ts';
import { kindWaitNotes } from './missing-kinds.ts';

/** What people must know of the assignment itself, beside what is wrong with its objects. */
export function heldNotes(held: Held, nowMs: number): readonly string[] {
  const { pause, expiresAtMs } = held.assignment;
  return [
    ...kindWaitNotes(held),
    ...(held.isPaused && pause ? [pauseText(pause)] : []),
    ...(nowMs > expiresAtMs
      ? [`the assignment expired at ${timeText(expiresAtMs)} and was not renewed; what it says is kept`]
      : []),
  ];
}

/** Who has stopped an application, until when and why. */
export function pauseText({ author, untilMs, reason }: Pause): string {
  return `paused by ${author} until ${timeText(untilMs)}: ${reason}`;
}

const timeText = (ms: number): string => new Date(ms).toISOString();
