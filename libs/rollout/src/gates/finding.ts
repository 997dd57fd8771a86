import type { JobGate } from '@meridian/fleet';
import type { GateProgress } from '../state.ts';
import type { Side } from './gate-of.ts';

/** What a gate is judged by. */
export interface GateContext {
  readonly nowMs: number;
  readonly side: Side;
  /** The clusters that are asked, in the order of the stage. */
  readonly clusters: readonly string[];
}

/** What is to be said of a gate now. */
export type Finding = Omit<GateProgress, 'name' | 'attempt' | 'sinceMs' | 'approvals' | 'results'> & {
  readonly phase: 'open' | 'passed' | 'failed';
};

/** Why a gate that asks clusters has nobody to ask; undefined when it has. */
export function nobodyToAsk(
  { firstInstall }: Pick<JobGate, 'firstInstall'>,
  { clusters, side }: GateContext,
): Finding | undefined {
  if (clusters.length > 0) return undefined;
  // The budget let all of them fail: that they cannot be asked is no reason to go on.
  if (side === 'after')
    return { phase: 'open', message: 'no cluster of the stage is healthy, so there is nobody to ask' };
  const message = 'no cluster of the stage has the application';
  return firstInstall === 'pass'
    ? { phase: 'passed', message }
    : { phase: 'open', message: `${message}, so there is nobody to ask; firstInstall: pass lets it go on` };
}
