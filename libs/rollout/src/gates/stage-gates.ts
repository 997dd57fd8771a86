import { fewOf } from '../few.ts';
import type { RolloutEffect } from '../events.ts';
import type { GateProgress, Moving, StageProgress } from '../state.ts';
import { eventEffect, releaseText } from '../step.ts';
import { askedClusters, gateOf, isThrough, mapGates } from './gate-of.ts';
import type { Side } from './gate-of.ts';
import { tried } from './try-gate.ts';

/** What became of the gates of one side of a stage. */
export interface Tried {
  readonly stage: StageProgress;
  readonly effects: readonly RolloutEffect[];
  /** Whether all of them are passed. */
  readonly isThrough: boolean;
  readonly hasFailed: boolean;
}

/** Opens the gates of one side of a stage that are not yet, and looks at each that has not ended. */
export function triedGates(state: Moving, stage: StageProgress, side: Side, nowMs: number): Tried {
  const context = { nowMs, side, clusters: askedClusters(state, stage, side) };
  const effects: RolloutEffect[] = [];
  const next = mapGates(stage, (before, of) => {
    if (of !== side) return before;
    const gate = gateOf(state.target, before.name);
    // Nobody changes a strategy under a rollout; a gate that is not known is not passed.
    const now = gate ? tried(gate, before, context) : before;
    if (now.phase !== before.phase) effects.push(phaseEffect(state, stage, now, nowMs));
    return now;
  });
  const hasFailed = (next[side] ?? []).some(({ phase }) => phase === 'failed');
  return { stage: next, effects, isThrough: isThrough(next, side), hasFailed };
}

const levels = { waiting: 'info', open: 'info', passed: 'info', failed: 'warning' } as const;

function phaseEffect(state: Moving, stage: StageProgress, gate: GateProgress, nowMs: number): RolloutEffect {
  const what = gate.phase === 'open' ? 'is open' : gate.phase;
  const release = releaseText(state.target.release);
  const message = `gate ${gate.name} of stage ${stage.name} ${what} for ${release}: ${gate.message}`;
  const level = levels[gate.phase];
  const type = `rollout.gate.${gate.phase === 'open' ? 'opened' : gate.phase}`;
  return eventEffect(state.target, type, message, { atMs: nowMs, level });
}

/** What the gates of one side wait for, as clauses of a sentence: `gate qa waits for 1 approval, and has 0`. */
export function gatesText(stage: StageProgress, side: Side): string {
  const open = (stage[side] ?? []).filter(({ phase }) => phase !== 'passed');
  return fewOf(
    open.map(({ name, message }) => `gate ${name}: ${message}`.trimEnd()),
    '; ',
  );
}

/**
 * A stage in which something is not healthy any more: what was measured after it has to be measured anew. As another try, for
 * agents may have reported numbers of before under the name of this one, and go on to repeat them.
 */
export function withoutMeasures(state: Moving, stage: StageProgress): StageProgress {
  return mapGates(stage, (gate, side) =>
    side === 'after' && gate.phase !== 'failed' && gateOf(state.target, gate.name)?.kind === 'metric'
      ? unmeasured(gate)
      : gate,
  );
}

function unmeasured(gate: GateProgress): GateProgress {
  if (gate.phase === 'waiting') return gate;
  return { name: gate.name, phase: 'waiting', attempt: gate.attempt + 1, message: '' };
}
