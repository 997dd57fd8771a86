import type { Assignment } from '@meridian/fleet';
import type { Phase } from '@meridian/manifests';
import type { HookRecord, HookRun } from '../ports.ts';

/**
 * The record of hooks for an assignment: that of the bundle before when the bundle is the same, for then nothing is
 * released that they would have to prepare; otherwise an empty one.
 */
export function hookRecordFor(
  { bundle = '', generation }: Pick<Assignment, 'bundle' | 'generation'>,
  before: HookRecord | undefined,
): HookRecord {
  return before?.bundle === bundle ? before : { bundle, generation, runs: [] };
}

/** The run of a hook in a phase; undefined before the first. */
export function runOf(record: HookRecord, id: string, phase: Phase): HookRun | undefined {
  return record.runs.find((run) => run.id === id && run.phase === phase);
}

/** The record with a run in the place of the one that this hook had in this phase. */
export function withRun(record: HookRecord, run: HookRun): HookRecord {
  const others = record.runs.filter(({ id, phase }) => id !== run.id || phase !== run.phase);
  return { ...record, runs: [...others, run] };
}

/**
 * What the object of a run is marked with. Whoever finds the mark knows that this very run was started, also when the
 * process that did so was killed before it could say so.
 */
export function runMark(
  { bundle, generation }: HookRecord,
  { phase, attempt }: Pick<HookRun, 'phase' | 'attempt'>,
): string {
  const digest = bundle === '' ? 'end' : bundle.slice('sha256:'.length, 'sha256:'.length + 12);
  return `${phase}-${digest}-${generation}-${attempt}`;
}
