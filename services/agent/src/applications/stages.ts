import { keyOf } from '@meridian/manifests';
import type { DesiredObject } from '../assignments/bundle.ts';

/** Objects that are applied together. After a gate everything so far must be settled before the next stage starts. */
export interface ApplyStage {
  readonly wave: number;
  readonly objects: readonly DesiredObject[];
  readonly gate: boolean;
}

/** Kinds that others cannot be applied without. */
const foundations = new Set(['/Namespace', 'apiextensions.k8s.io/CustomResourceDefinition']);

const isFoundation = ({ object }: DesiredObject): boolean => {
  const { group, kind } = keyOf(object);
  return foundations.has(`${group}/${kind}`);
};

/**
 * Cuts a bundle (already ordered by wave and kind) into stages: one for each run of equal wave and kind, with a gate at
 * the end of each wave and after Namespaces and CustomResourceDefinitions.
 */
export function planApplyStages(objects: readonly DesiredObject[]): readonly ApplyStage[] {
  const runs: DesiredObject[][] = [];
  for (const object of objects) {
    const run = runs.at(-1);
    const first = run?.[0];
    const same = first && first.wave === object.wave && first.object.kind === object.object.kind;
    if (run && same) run.push(object);
    else runs.push([object]);
  }
  return runs.map((run, index) => {
    const wave = run[0]?.wave ?? 0;
    const next = runs[index + 1]?.[0];
    const endsWave = next !== undefined && next.wave !== wave;
    return { wave, objects: run, gate: next !== undefined && (endsWave || run.some(isFoundation)) };
  });
}
