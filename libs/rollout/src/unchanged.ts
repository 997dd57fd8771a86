import type { Decision } from './events.ts';
import type { RolloutState } from './state.ts';

/** The decision to do nothing, with the reason. */
export function unchanged(state: RolloutState, reason: string): Decision {
  return { next: state, effects: [], reason };
}
