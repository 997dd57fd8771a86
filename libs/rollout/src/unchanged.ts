import type { Decision } from './events.ts';
import type { RolloutState } from './state.ts';

/** The decision to do nothing since what is asked for is so already: asking twice does no harm. */
export function already(state: RolloutState, reason: string): Decision {
  return { ...unchanged(state, reason), isSoAlready: true };
}

/** The decision to do nothing, with the reason. */
export function unchanged(state: RolloutState, reason: string): Decision {
  return { next: state, effects: [], reason };
}
