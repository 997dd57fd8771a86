import type { DesiredObject } from '../assignments/prepare.ts';
import { alteredText } from './altered-fields.ts';
import type { Announcer } from './announcer.ts';
import type { DriftLog } from './drift-log.ts';
import { limitOf } from './held-limits.ts';
import { bookOf, driftPolicyOf } from './held.ts';
import type { Held } from './held.ts';

/** What a person can do about it. */
const whatToDo =
  'let the webhook or policy leave it alone, take its value into git, or name the field in syncPolicy.ignoreDifferences';

/** When the next altered object is to be written again, in monotonic milliseconds; undefined when none is. */
export function nextAlteredLookAt(held: Held): number | undefined {
  // What failed is tried again with everything else that failed.
  const times = held.desired.flatMap((desired) => {
    const { altered, error } = bookOf(held, desired);
    return error === undefined && mayWrite(held, desired) ? (altered.lookAtMs ?? []) : [];
  });
  return times.length === 0 ? undefined : Math.min(...times);
}

/** Whether it is time to see if the object can be written as it is meant by now. */
export function isAlteredDue(held: Held, desired: DesiredObject, nowMs: number): boolean {
  const { lookAtMs } = bookOf(held, desired).altered;
  return lookAtMs !== undefined && lookAtMs <= nowMs && mayWrite(held, desired);
}

/** A Job that the cluster removes after its end is not looked at then: written again, it would run again. */
const mayWrite = (held: Held, desired: DesiredObject): boolean =>
  bookOf(held, desired).ended !== desired.hash &&
  driftPolicyOf(held, desired) === 'correct' &&
  limitOf(held, desired) === undefined;

/** What admission alters in the objects of an application, as clauses of its message. */
export function alteredNotes(held: Held): readonly string[] {
  const altered = held.desired.flatMap((desired) => bookOf(held, desired).altered.drift ?? []);
  const [first] = altered;
  if (!first) return [];
  const more = altered.length > 1 ? ` (and ${altered.length - 1} more so)` : '';
  return [`${alteredText(first)}${more}; ${whatToDo}`];
}

/** Who hears of what admission alters. */
export interface AlteredDesks {
  readonly log: Pick<DriftLog, 'note'>;
  readonly announce: Pick<Announcer, 'altered' | 'altering' | 'kept'>;
}

/** Tells which objects are altered otherwise than before, and which are stored as sent again; all of a turn together. */
export function tellAltered({ books, assignment }: Held, { log, announce }: AlteredDesks): void {
  const all = [...books.values()].map((book) => ({ book, news: book.altered.news() }));
  const altered = all.flatMap(({ book, news }) => (news === 'altered' ? (book.altered.drift ?? []) : []));
  const kept = all.flatMap(({ book, news }) => (news === 'kept' ? [book.key] : []));
  announce.altering(all.filter(({ book }) => book.altered.drift).length);
  if (altered.length + kept.length > 0) log.note();
  if (altered.length > 0) announce.altered(altered, assignment.revision);
  if (kept.length > 0) announce.kept(kept, assignment.revision);
}
