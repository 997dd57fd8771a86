import type { MetricGate } from '@meridian/fleet';
import { isMoving } from '../moving.ts';
import type { CheckResult, GateProgress, RolloutState, StageProgress } from '../state.ts';
import { gateOf, sides } from './gate-of.ts';
import { isWithin, repeatMs } from './measured.ts';

/**
 * Whether a state says no more than the one that the ledger has, but for newer numbers of gates that change no decision: each
 * cluster is as good, or as bad, as it was. Whoever leads next hears the numbers again from the agents. It looks at what two
 * states share, so that it costs no more than the gates have clusters; a state that was copied counts as another one.
 */
export function hasNewNumbersOnly(stored: RolloutState, next: RolloutState): boolean {
  if (!isMoving(stored) || !isMoving(next) || stored.stages.length !== next.stages.length) return false;
  if (!isSameBut(stored, next, ['reason', 'stages'])) return false;
  return (
    textOf(stored.reason) === textOf(next.reason) &&
    next.stages.every((stage, at) => isSameStage(next, stored.stages[at], stage))
  );
}

function isSameStage(state: RolloutState, stored: StageProgress | undefined, next: StageProgress): boolean {
  if (stored === next) return true;
  if (!stored || !isSameBut(stored, next, sides)) return false;
  return sides.every((side) => {
    const [before = [], after = []] = [stored[side], next[side]];
    return before.length === after.length && after.every((gate, at) => isSameGate(state, before[at], gate));
  });
}

function isSameGate({ target }: RolloutState, stored: GateProgress | undefined, next: GateProgress): boolean {
  if (stored === next) return true;
  const gate = gateOf(target, next.name);
  // One number of all clusters follows from each of theirs.
  if (!stored || gate?.kind !== 'metric' || gate.aggregate !== 'every') return false;
  return (
    isSameBut(stored, next, ['message', 'results']) &&
    textOf(stored.message) === textOf(next.message) &&
    areSameResults(gate, stored.results, next.results)
  );
}

function areSameResults(
  gate: MetricGate,
  stored: GateProgress['results'] = {},
  next: GateProgress['results'] = {},
): boolean {
  return (
    Object.keys(stored).length === Object.keys(next).length &&
    Object.entries(next).every(([cluster, result]) => isSameResult(gate, stored[cluster], result))
  );
}

/** A number that is good, or bad, as the one before was. Now and then it counts, so that none in the ledger is ever old for want of a write. */
function isSameResult(gate: MetricGate, stored: CheckResult | undefined, next: CheckResult): boolean {
  if (stored === next) return true;
  if (stored?.value === undefined || next.value === undefined || stored.phase !== next.phase) return false;
  const isAsGood = isWithin(gate, stored.value) === isWithin(gate, next.value);
  return isAsGood && next.atMs - stored.atMs <= repeatMs(gate);
}

function isSameBut<T extends object>(one: T, other: T, left: readonly (keyof T)[]): boolean {
  const names = new Set([...keysOf(one), ...keysOf(other)]);
  for (const name of left) names.delete(name);
  return [...names].every((name) => one[name] === other[name]);
}

function keysOf<T extends object>(value: T): (keyof T)[] {
  return Object.keys(value) as (keyof T)[];
}

/** A sentence without the number that it quotes: `is 7.5 in a; at most 1 is good`. */
function textOf(sentence: string): string {
  return sentence.replaceAll(/\bis -?[\d.]+(?:e[+-]\d+)? in /g, 'is a number in ');
}
