import { advance } from './advance.ts';
import type { AdvanceContext } from './advance.ts';
import type { Decision } from './events.ts';
import type { Moving, RolloutState } from './state.ts';
import { decided, eventEffect, releaseText } from './step.ts';

/** Who said what about a rollout. */
export interface Told {
  readonly event: { readonly author: string; readonly reason: string };
  /** `paused`, as in "lena paused release …". */
  readonly what: string;
  /** Type of the event; after the first word of `what` unless told. */
  readonly type?: string;
  readonly nowMs: number;
  readonly level?: 'info' | 'warning';
}

function sentence(state: RolloutState, event: Told['event'], what: string): string {
  return `${event.author} ${what} ${releaseText(state.target.release)}: ${event.reason}`;
}

/** A state that is so because a person said so. */
export function told(
  before: RolloutState,
  next: RolloutState,
  { event, what, type = `rollout.${what.split(' ')[0] ?? ''}`, nowMs, level = 'info' }: Told,
): Decision {
  const reason = sentence(before, event, what);
  const effects = [eventEffect(before.target, type, reason, { atMs: nowMs, level })];
  return { next: { ...next, reason }, effects, reason };
}

/** As `told`, and then as far as the rollout can go. */
export function goOn(
  before: RolloutState,
  next: Moving,
  { context, ...more }: Pick<Told, 'event' | 'what' | 'type'> & { readonly context: AdvanceContext },
): Decision {
  const { reason, effects } = told(before, next, { ...more, nowMs: context.nowMs });
  return decided(before, advance({ state: { ...next, reason }, effects }, context), reason);
}
