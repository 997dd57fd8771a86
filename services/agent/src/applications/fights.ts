import type { Drift } from '@meridian/fleet';
import type { Announcer } from './announcer.ts';
import type { Held } from './held.ts';
import { calmAtMs, isFought } from './heal-guard.ts';
import type { ObjectBook } from './object-book.ts';

/** Notes that an object was healed; gives whether a fight over it has begun just now. Time is monotonic. */
export function noteHealed(book: ObjectBook, drift: Drift, nowMs: number): boolean {
  if (!isFought(book.heals, nowMs)) return false;
  const isNew = book.fight === undefined;
  book.fight = drift;
  return isNew;
}

/** Ends the fights that have been quiet for long enough, and gives what was fought over. */
export function endFights(held: Pick<Held, 'books'>, nowMs: number): readonly Drift[] {
  return [...held.books.values()].flatMap((book) => {
    const { fight } = book;
    if (!fight || isFought(book.heals, nowMs)) return [];
    book.fight = undefined;
    return [fight];
  });
}

/** Ends fights as `endFights` does, and says so. */
export function tellEndedFights(held: Held, nowMs: number, announce: Pick<Announcer, 'calmed'>): void {
  for (const drift of endFights(held, nowMs)) announce.calmed(drift, held.assignment.revision);
}

/** When the next fight may be over, in monotonic milliseconds; undefined when there is none. */
export function nextCalmAt(held: Pick<Held, 'books'>): number | undefined {
  const times = [...held.books.values()]
    .filter(({ fight }) => fight !== undefined)
    .map(({ heals }) => calmAtMs(heals));
  return times.length === 0 ? undefined : Math.min(...times);
}
