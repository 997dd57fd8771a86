import { isPausedAt } from '@meridian/fleet';
import type { Clock } from '@meridian/runtime';
import type { Announcer } from './announcer.ts';
import type { EngineContext } from './context.ts';
import { takeLimits } from './held-limits.ts';
import type { Held } from './held.ts';

/** How often a pause is looked at: the clock that it ends by may be set while we wait. */
const lookEveryMs = 30_000;

/** Heeds what stops an application, or a part of it, as it is now: a pause, and the limits of this cluster. */
export function heedStops(
  held: Held,
  { clock, limits }: Pick<EngineContext, 'clock' | 'limits'>,
  announce: Announcer,
): void {
  notePause(held, clock, announce);
  if (takeLimits(held, limits, clock.monotonicMs())) announce.limited(held);
}

/** Begins or ends a pause by the clock of this machine, and says so. Neither the hub nor NATS is needed for its end. */
function notePause(held: Held, clock: Clock, announce: Announcer): void {
  const isPaused = isPausedAt(held.assignment.pause, clock.nowMs());
  if (isPaused === held.isPaused) return;
  held.isPaused = isPaused;
  if (isPaused) announce.paused(held);
  else announce.resumed(held);
}

/** When to look whether a pause is over, in monotonic milliseconds; undefined without one. */
export function nextPauseLookAt(held: Held | undefined, clock: Clock): number | undefined {
  if (!held?.isPaused || !held.assignment.pause) return undefined;
  const leftMs = Math.max(1, held.assignment.pause.untilMs - clock.nowMs());
  return clock.monotonicMs() + Math.min(lookEveryMs, leftMs);
}
