import type { Announcer } from './announcer.ts';
import type { DriftLog } from './drift-log.ts';
import { noteHealed } from './fights.ts';
import type { ObjectBook, Seen } from './object-book.ts';

/** Who hears of what was seen, and when and of which revision. */
export interface Desks {
  readonly log: Pick<DriftLog, 'add' | 'note'>;
  readonly announce: Pick<Announcer, 'drifted' | 'restored' | 'fought'>;
  /** Monotonic. */
  readonly nowMs: number;
  readonly revision: string | undefined;
}

/** Tells of what a note or an answer has changed; gives whether there is something to do about it. */
export function tellSeen(book: ObjectBook, seen: Seen, { log, announce, nowMs, revision }: Desks): boolean {
  if (seen.change === 'drifted') {
    log.note();
    announce.drifted(seen.drift, revision);
  }
  if (seen.change === 'restored') {
    log.add(seen.drift);
    announce.restored(seen.drift, revision);
    if (noteHealed(book, seen.drift, nowMs)) announce.fought(seen.drift, revision);
  }
  return seen.change === 'drifted' || seen.change === 'cleared' || seen.change === 'ended';
}
