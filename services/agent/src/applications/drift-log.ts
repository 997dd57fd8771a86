import type { Drift } from '@meridian/fleet';

/** Most drift entries that a status carries. */
export const maxDrifts = 50;

/** Drift that was healed, newest first and bounded; open drift lives with its object. */
export interface DriftLog {
  add(healed: Drift): void;
  /** Open drift and the last healed ones, newest first. */
  with(open: Iterable<Drift>): readonly Drift[];
}

/** Makes an empty log. */
export function createDriftLog(): DriftLog {
  let healed: readonly Drift[] = [];
  return {
    add(drift) {
      healed = [drift, ...healed].slice(0, maxDrifts);
    },
    with(open) {
      const present = [...open].sort((left, right) => right.firstSeenMs - left.firstSeenMs);
      return [...present, ...healed].slice(0, maxDrifts);
    },
  };
}
