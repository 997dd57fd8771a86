import { Cron } from 'croner';
import type { LabelSelector } from './documents.ts';

/** A time at which pushes to some clusters are allowed, or denied, again and again. */
export interface RolloutWindow {
  readonly name: string;
  readonly kind: 'allow' | 'deny';
  /** Five fields of cron: when it opens. */
  readonly schedule: string;
  readonly durationMs: number;
  /** IANA name. */
  readonly timeZone: string;
  readonly clusters: LabelSelector;
}

/** Longest that one opening may last; a schedule is looked through this far back. */
export const longestWindowMs = 31 * 86_400_000;
/** Openings that overlap are followed so far; a schedule that opens more often than it closes is taken as open for a minute. */
const mostOverlaps = 100;
const mostKept = 256;

const schedules = new Map<string, Cron>();

/** A schedule in a time zone. Throws an Error that says what is wrong with either. */
export function scheduleOf(schedule: string, timeZone: string): Cron {
  const key = `${timeZone} ${schedule}`;
  const known = schedules.get(key);
  if (known) return known;
  const made = new Cron(schedule, { timezone: timeZone, mode: '5-part', paused: true });
  // Reads the time zone, which is only looked at when a time is asked for.
  made.nextRun(new Date(0));
  if (schedules.size >= mostKept) schedules.clear();
  schedules.set(key, made);
  return made;
}

/**
 * Whether a window is open at a time, and when that changes next (Infinity when it never does). An opening lasts exactly its
 * length, also over a change of the clock; one that falls into the hour that is left out opens when that hour is over.
 */
export function windowAt(
  { schedule, durationMs, timeZone }: Omit<RolloutWindow, 'name' | 'kind' | 'clusters'>,
  atMs: number,
): { readonly isOpen: boolean; readonly changesAtMs: number } {
  const cron = scheduleOf(schedule, timeZone);
  const next = (afterMs: number) => cron.nextRun(new Date(afterMs))?.getTime() ?? Infinity;
  let opensMs = next(atMs - durationMs);
  if (opensMs > atMs) return { isOpen: false, changesAtMs: opensMs };
  let endsMs = opensMs + durationMs;
  for (let count = 0; ; count += 1) {
    opensMs = next(opensMs);
    if (opensMs > endsMs) return { isOpen: true, changesAtMs: endsMs };
    if (count >= mostOverlaps) return { isOpen: true, changesAtMs: Math.max(atMs + 60_000, endsMs) };
    endsMs = opensMs + durationMs;
  }
}
