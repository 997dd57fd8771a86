import type { Gate, Stage } from '@meridian/fleet';
import { presentStage } from '../moving.ts';
import type { GateProgress, RolloutState, StageProgress, Target } from '../state.ts';

/** Where a gate stands. */
export type Side = 'before' | 'after';

/** The sides of a stage in the order in which they are tried. */
export const sides: readonly Side[] = ['before', 'after'];

/** The gates of a stage of a strategy, none of them tried. */
export function plannedGates(stage: Partial<Pick<Stage, Side>>): Pick<StageProgress, Side> {
  const { before, after } = stage;
  return {
    ...(before ? { before: before.map(untried) } : {}),
    ...(after ? { after: after.map(untried) } : {}),
  };
}

function untried({ name }: Gate): GateProgress {
  return { name, phase: 'waiting', attempt: 1, message: '' };
}

/** What a gate of the target's strategy asks for; undefined when the strategy has none of that name. */
export function gateOf({ strategy }: Pick<Target, 'strategy'>, name: string): Gate | undefined {
  for (const { before = [], after = [] } of strategy.stages) {
    const gate = [...before, ...after].find((one) => one.name === name);
    if (gate) return gate;
  }
  return undefined;
}

/** Whether a strategy has gates at all. */
export function hasGates({ stages }: Target['strategy']): boolean {
  return stages.some(({ before, after }) => before !== undefined || after !== undefined);
}

/** Whether a strategy asks who wrote what a release brings. */
export function needsAuthors({ stages }: Target['strategy']): boolean {
  return stages
    .flatMap(({ before = [], after = [] }) => [...before, ...after])
    .some((gate) => gate.kind === 'approval' && gate.excludeAuthor);
}

/** Whether gates of the present stage are open, so that time may change something. */
export function isAtGate(state: RolloutState): boolean {
  const stage = presentStage(state);
  return sides.some((side) => (stage?.[side] ?? []).some(({ phase }) => phase === 'open'));
}

/** Whether all gates of one side of a stage are passed. */
export function isThrough(stage: StageProgress, side: Side): boolean {
  return (stage[side] ?? []).every(({ phase }) => phase === 'passed');
}

/** The first gate of the present stage that failed. */
export function failedGate(stage: StageProgress | undefined): GateProgress | undefined {
  return sides.flatMap((side) => stage?.[side] ?? []).find(({ phase }) => phase === 'failed');
}

/** A stage in which a gate that failed is tried again from the start. */
export function triedAgain(stage: StageProgress): StageProgress {
  return mapGates(stage, (gate) =>
    gate.phase === 'failed'
      ? { name: gate.name, phase: 'waiting', attempt: gate.attempt + 1, message: '' }
      : gate,
  );
}

/** A stage with each of its gates changed; the very same when none is. */
export function mapGates(
  stage: StageProgress,
  change: (gate: GateProgress, side: Side) => GateProgress,
): StageProgress {
  let next = stage;
  for (const side of sides) {
    const before = stage[side];
    const changed = before?.map((gate) => change(gate, side));
    if (changed?.some((gate, index) => gate !== before?.[index])) next = { ...next, [side]: changed };
  }
  return next;
}

/** The clusters of a stage that a gate of one side asks: before it those that have the application, after it the healthy ones. */
export function askedClusters(
  { placed }: Pick<RolloutState, 'placed'>,
  stage: StageProgress,
  side: Side,
): string[] {
  const asked = stage.clusters.filter(({ name, phase }) =>
    side === 'after' ? phase === 'healthy' : placed[name]?.bundle !== undefined,
  );
  return asked.map(({ name }) => name);
}
