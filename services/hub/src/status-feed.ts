import type { StatusBoard, StatusEntry } from '@meridian/ledger';
import type { Part } from '@meridian/runtime';
import { loopPart } from './loop-part.ts';

/** What every agent said last, and all that follows, read once for all in this process that need it. */
export interface StatusFeed {
  /** Calls back with every entry. To be called before the part starts: what was read is not told again. */
  listen(take: (entry: StatusEntry) => void): void;
  readonly part: Part;
}

/** A feed of a status board. */
export function statusFeed(board: Pick<StatusBoard, 'follow'>): StatusFeed {
  const listeners: ((entry: StatusEntry) => void)[] = [];
  return {
    listen: (take) => void listeners.push(take),
    part: loopPart('statuses', async (signal) => {
      for await (const entry of board.follow(signal)) for (const take of listeners) take(entry);
    }),
  };
}
