import { Cron } from 'croner';
import { durationMs } from '../duration.ts';

/** When something is to happen again and again. */
export interface CronSchedule {
  /** The first time after another one, in Unix milliseconds; undefined when there is none. */
  next(afterMs: number): number | undefined;
}

/**
 * Reads a schedule of a cron job: five fields, `@hourly` and the like, or `@every 1h30m`, in a time zone unless it names one
 * itself (robfig/cron ParseStandard). Undefined when the text is none.
 */
export function parseSchedule(schedule: string, timeZone: string | undefined): CronSchedule | undefined {
  const named = /^(?:CRON_)?TZ=(\S+)\s+(.*)$/.exec(schedule.trim());
  const text = named?.[2] ?? schedule.trim();
  const [, sign, every] = /^@every ([-+]?)(\S+)$/.exec(text) ?? [];
  if (every !== undefined) return everySo(sign === '-' ? 0 : everyMs(every));
  return inZone(text, named?.[1] ?? timeZone ?? 'UTC');
}

/** Parts of a second do not count, so that their units need not be known. */
function everyMs(duration: string): number | undefined {
  return duration === '0' || /^[\d.]+(?:ns|us|µs|μs)$/.test(duration) ? 0 : durationMs(duration);
}

/** At least a second, and on whole seconds. */
function everySo(periodMs: number | undefined): CronSchedule | undefined {
  if (periodMs === undefined) return undefined;
  const wholeMs = Math.max(1_000, Math.floor(periodMs / 1_000) * 1_000);
  return { next: (afterMs) => Math.floor(afterMs / 1_000) * 1_000 + wholeMs };
}

function inZone(text: string, timezone: string): CronSchedule | undefined {
  try {
    const fields = text.split(/\s+/).map((field, index) => plainField(field, bounds[index] ?? [0, 0]));
    const domAndDow = [fields[2], fields[4]].some((field) => /(?:^|,)\*/.test(field ?? ''));
    const pattern = fields.join(' ');
    const cron = new Cron(pattern, { timezone, paused: true, mode: '5-part', domAndDow });
    // It looks at the zone only when asked for a time.
    cron.nextRun(new Date(0));
    return { next: (afterMs) => cron.nextRun(new Date(afterMs))?.getTime() };
  } catch {
    // The library says by throwing that a pattern or a time zone is none.
    return undefined;
  }
}

/** The first and last minute, hour, day of the month, month and day of the week. */
const bounds: readonly Bounds[] = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 6],
];

type Bounds = readonly [first: number, last: number];

/** A field as both readers understand it: `5/10` goes on to the end, and a step beyond the end leaves the start. */
function plainField(field: string, within: Bounds): string {
  const parts = field.split(',').filter((part) => part !== '');
  return parts.map((part) => plainPart(part.replaceAll('?', '*'), within)).join(',');
}

function plainPart(part: string, [first, last]: Bounds): string {
  const [range = '', step] = part
    .replace(/^\*-[^/]*/, '*')
    .replace(/^\+/, '')
    .split('/');
  if (step === undefined) return range;
  if (Number(step) > last) return range === '*' ? String(first) : (range.split('-')[0] ?? range);
  return /^\d+$/.test(range) ? `${range}-${String(last)}/${step}` : `${range}/${step}`;
}

/** The latest time of a schedule that has come and was not acted on yet, and whether more than a hundred were missed. */
export interface Missed {
  readonly atMs: number;
  readonly many: boolean;
}

/**
 * What was missed between two times (pkg/controller/cronjob mostRecentScheduleTime). Undefined when nothing was; the number of
 * times between is estimated by the first two, so that years of them cost nothing.
 */
export function missedSince(schedule: CronSchedule, sinceMs: number, nowMs: number): Missed | undefined {
  const first = schedule.next(sinceMs);
  if (first === undefined || nowMs < first) return undefined;
  const second = schedule.next(first);
  if (second === undefined || nowMs < second) return { atMs: first, many: false };
  const periodMs = second - first;
  const missed = Math.floor((nowMs - first) / periodMs) + 1;
  let latest: number | undefined;
  let next = schedule.next(first + (missed - 2) * periodMs);
  while (next !== undefined && next <= nowMs) {
    latest = next;
    next = schedule.next(next);
  }
  return latest === undefined ? undefined : { atMs: latest, many: missed > 100 };
}
