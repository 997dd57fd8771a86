import { nextHooksAt } from '../hooks/hook-turn.ts';
import { nextAlteredLookAt } from './altered-objects.ts';
import { nextCalmAt } from './fights.ts';
import { isStopped } from './held-limits.ts';
import type { Held } from './held.ts';
import { nextPruneAt } from './prune.ts';
import { nextHealAt } from './turn.ts';

/** When a turn is due without being woken, in monotonic milliseconds; Infinity when none is. `others` are times beside those of `held`. */
export function nextTurnAt(
  held: Held | undefined,
  nowMs: number,
  others: readonly (number | undefined)[],
): number {
  const own = held ? ownTimes(held, nowMs) : [];
  return Math.min(...[...own, ...others].filter((time) => time !== undefined));
}

/** While nothing may be written, nothing is healed, pruned or run, so that there is nothing to look at for that. */
function ownTimes(held: Held, nowMs: number): readonly (number | undefined)[] {
  const calmAtMs = nextCalmAt(held);
  if (isStopped(held)) return [calmAtMs];
  // What is to be healed and waits for the change rate is due with that, not now.
  const healAtMs = Math.min(nextHealAt(held, nowMs) ?? Infinity, nextAlteredLookAt(held) ?? Infinity);
  const dueAtMs = Math.max(healAtMs, held.limits.waitUntilMs ?? healAtMs);
  const looks = [
    held.limits.waitUntilMs,
    held.pruneNote?.againAtMs,
    nextPruneAt(held),
    nextHooksAt(held),
    held.kindsAtMs,
  ];
  return [calmAtMs, dueAtMs, ...looks];
}
