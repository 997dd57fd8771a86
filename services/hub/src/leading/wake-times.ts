import { wakeAtMs } from '@meridian/rollout';
import type { RolloutState } from '@meridian/rollout';

const known = new WeakMap<RolloutState, number>();

/**
 * The hub time at which time alone may change a rollout; Infinity when only an event can. Remembered for each state: states are
 * replaced and never changed, and a leader asks for those of all rollouts at every turn.
 */
export function wakesAtMs(state: RolloutState): number {
  const before = known.get(state);
  if (before !== undefined) return before;
  const atMs = wakeAtMs(state) ?? Infinity;
  known.set(state, atMs);
  return atMs;
}
