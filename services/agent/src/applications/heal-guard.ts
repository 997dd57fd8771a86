/** When an object was healed lately and how often it had to be slowed down. Times are monotonic milliseconds. */
export interface HealHistory {
  readonly recentMs: readonly number[];
  /** Heals in a row that had to wait. */
  readonly slowed: number;
}

/** When an object may be healed. `fighting` is set when something keeps changing it back. */
export interface HealTime {
  readonly atMs: number;
  readonly fighting: boolean;
}

const windowMs = 60_000;
const freeHeals = 5;
const longestWaitMs = 60_000;

/** No heal yet. */
export const neverHealed: HealHistory = { recentMs: [], slowed: 0 };

/** Five heals a minute are free; after that each waits twice as long as the one before, from 1 s to 60 s. */
export function nextHeal(history: HealHistory, nowMs: number): HealTime {
  const calm = forget(history, nowMs);
  const last = calm.recentMs.at(-1);
  const recent = calm.recentMs.filter((time) => nowMs - time < windowMs).length;
  if (last === undefined || (recent < freeHeals && calm.slowed === 0))
    return { atMs: nowMs, fighting: false };
  return { atMs: Math.max(nowMs, last + waitMs(calm.slowed)), fighting: true };
}

/** The history after a heal at `nowMs`. */
export function afterHeal(history: HealHistory, nowMs: number): HealHistory {
  const calm = forget(history, nowMs);
  const { fighting } = nextHeal(calm, nowMs);
  return { recentMs: [...calm.recentMs.slice(-freeHeals), nowMs], slowed: fighting ? calm.slowed + 1 : 0 };
}

/** Whether heals of the object have had to wait lately: something keeps changing it back. */
export function isFought(history: HealHistory, nowMs: number): boolean {
  return forget(history, nowMs).slowed > 0;
}

/** From when on a fight counts as over, unless there is another heal. */
export function calmAtMs(history: HealHistory): number {
  return (history.recentMs.at(-1) ?? 0) + windowMs + waitMs(history.slowed) + 1;
}

function waitMs(slowed: number): number {
  return Math.min(longestWaitMs, 1_000 * 2 ** Math.min(slowed, 10));
}

/** A fight that has paused for a minute longer than the last wait is over. */
function forget(history: HealHistory, nowMs: number): HealHistory {
  const last = history.recentMs.at(-1);
  return last !== undefined && nowMs - last > windowMs + waitMs(history.slowed) ? neverHealed : history;
}
