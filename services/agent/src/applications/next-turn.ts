import { nextHooksAt } from '../hooks/hook-turn.ts';
import { nextCalmAt } from './fights.ts';
import type { Held } from './held.ts';
import { nextHealAt } from './turn.ts';

/** When a turn is due without being woken, in monotonic milliseconds; Infinity when none is. `others` are times beside those of `held`. */
export function nextTurnAt(
  held: Held | undefined,
  nowMs: number,
  others: readonly (number | undefined)[],
): number {
  const own = held
    ? [nextHealAt(held, nowMs), nextCalmAt(held), held.pruneNote?.againAtMs, nextHooksAt(held)]
    : [];
  return Math.min(...[...own, ...others].filter((time) => time !== undefined));
}
