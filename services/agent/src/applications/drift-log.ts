import type { Drift } from '@meridian/fleet';
import { keyText } from '@meridian/manifests';
import type { Clock } from '@meridian/runtime';
import type { ApplicationRecord } from '../ports.ts';
import type { Held } from './held.ts';

/** Most drift entries that a status carries, and most that are kept. */
export const maxDrifts = 50;

/** Most of them that admission alters. */
const maxAltered = 20;

/** Most that is kept, as JSON text: it is part of a record, which has little room beside its bundle. */
const mostKeptCharacters = 32_768;

/** How long after one save of the history the next one is made. Between them a kill loses what is new. */
const saveEveryMs = 10_000;

/** Drift that was healed, newest first and bounded; open drift lives with its object. */
export interface DriftLog {
  /** Takes what was kept before a restart: what had been healed, and since when objects had drifted that still have. */
  restore(record: Pick<ApplicationRecord, 'drift'>, books: Held['books'] | undefined): void;
  add(healed: Drift): void;
  /** Drift has been seen; so it is to be kept. */
  note(): void;
  /** Open drift, newest first, then what admission alters, then what was healed last. */
  with(books: Held['books']): readonly Drift[];
  /** Monotonic time at which the history is to be kept; undefined when there is nothing new. */
  readonly dueAtMs: number | undefined;
  /** Puts the history into the record that is saved next, when that is due. */
  keepIn(held: Pick<Held, 'record' | 'books'>): void;
}

/** Makes an empty log. */
export function createDriftLog(clock: Pick<Clock, 'monotonicMs'>): DriftLog {
  let healed: readonly Drift[] = [];
  let dueAtMs: number | undefined;
  let keptAtMs = -saveEveryMs;
  const note = () => {
    dueAtMs ??= Math.max(clock.monotonicMs(), keptAtMs + saveEveryMs);
  };
  const withOpen = (books: Held['books']) => {
    const open = [...books.values()].flatMap((book) => book.drift ?? []);
    const present = open.sort((left, right) => right.firstSeenMs - left.firstSeenMs);
    // What nobody heals must not drive out what was healed.
    const altered = [...books.values()].flatMap((book) => book.altered.drift ?? []).slice(0, maxAltered);
    return [...present, ...altered, ...healed].slice(0, maxDrifts);
  };
  return {
    restore({ drift = [] }, books) {
      // What is kept is taken up again when a kind turns out to live elsewhere; by then we know more.
      if (healed.length === 0) healed = drift.filter(({ healedAtMs }) => healedAtMs !== undefined);
      for (const open of drift)
        if (open.healedAtMs === undefined) books?.get(keyText(open.key))?.knowDrift(open);
    },
    add(drift) {
      healed = [drift, ...healed].slice(0, maxDrifts);
      note();
    },
    note,
    with: withOpen,
    get dueAtMs() {
      return dueAtMs;
    },
    keepIn(held) {
      const nowMs = clock.monotonicMs();
      if (dueAtMs === undefined || nowMs < dueAtMs) return;
      dueAtMs = undefined;
      keptAtMs = nowMs;
      held.record = { ...held.record, drift: fitting(withOpen(held.books)) };
    },
  };
}

/** As many of the first as there is room for. */
function fitting(drifts: readonly Drift[]): readonly Drift[] {
  let room = mostKeptCharacters;
  const end = drifts.findIndex((drift) => {
    room -= JSON.stringify(drift).length;
    return room < 0;
  });
  return end < 0 ? drifts : drifts.slice(0, end);
}
