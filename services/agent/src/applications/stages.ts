import { keyOf, phases } from '@meridian/manifests';
import type { KubeObject, Phase } from '@meridian/manifests';
import type { DesiredObject } from '../assignments/prepare.ts';
import { isJsonObject } from '../json.ts';

/** Objects that are applied together. After a gate everything so far must be settled before the next stage starts. */
export interface ApplyStage {
  readonly phase: Phase;
  readonly wave: number;
  /** What is kept in the cluster. */
  readonly objects: readonly DesiredObject[];
  /** What runs in this phase. */
  readonly hooks: readonly DesiredObject[];
  readonly gate: boolean;
}

/** One object in one phase. */
interface Task {
  readonly phase: Phase;
  readonly wave: number;
  readonly desired: DesiredObject;
}

/** Kinds that others cannot be applied without. */
const foundations = new Set(['/Namespace', 'apiextensions.k8s.io/CustomResourceDefinition']);

const kindOf = (object: KubeObject): string => {
  const { group, kind } = keyOf(object);
  return `${group}/${kind}`;
};

/** Whether others cannot be applied without this object. */
export const isFoundation = ({ object }: Pick<DesiredObject, 'object'>): boolean =>
  foundations.has(kindOf(object));

/**
 * Cuts a bundle (already ordered by wave and kind) into the stages of these phases: one for each run of equal phase, wave
 * and kind, with a gate at the end of each wave and phase and after Namespaces and CustomResourceDefinitions. A namespace or
 * a definition that a hook needs comes with the first hook that does, as Argo CD has it (gitops-engine,
 * pkg/sync/sync_tasks.go, adjustDeps).
 */
export function planApplyStages(
  objects: readonly DesiredObject[],
  wanted: readonly Phase[] = ['PreSync', 'Sync', 'PostSync'],
): readonly ApplyStage[] {
  const tasks = tasksOf(objects, wanted);
  const runs: Task[][] = [];
  for (const task of tasks) {
    const run = runs.at(-1);
    const first = run?.[0];
    if (run && first && isTogether(first, task)) run.push(task);
    else runs.push([task]);
  }
  return runs.map((run, index) => stageOf(run, runs[index + 1]?.[0]));
}

function isTogether(left: Task, right: Task): boolean {
  return (
    left.phase === right.phase &&
    left.wave === right.wave &&
    left.desired.object.kind === right.desired.object.kind
  );
}

function stageOf(run: readonly Task[], next: Task | undefined): ApplyStage {
  const [first] = run;
  const { phase = 'Sync', wave = 0 } = first ?? {};
  const endsWave = next !== undefined && (next.wave !== wave || next.phase !== phase);
  const desired = run.map((task) => task.desired);
  return {
    phase,
    wave,
    objects: desired.filter(({ hook }) => !hook),
    hooks: desired.filter(({ hook }) => hook),
    gate: next !== undefined && (endsWave || desired.some(isFoundation)),
  };
}

/** In order, foundations first; the sort is stable, so that kinds and names stay as the bundle has them. */
function tasksOf(objects: readonly DesiredObject[], wanted: readonly Phase[]): readonly Task[] {
  const tasks = objects.flatMap((desired) => {
    const at: readonly Phase[] = desired.hook ? desired.hook.phases : ['Sync'];
    return at
      .filter((phase) => wanted.includes(phase))
      .map((phase): Task => ({ phase, wave: desired.wave, desired }));
  });
  const hooks = tasks.filter(({ desired }) => desired.hook).sort(byTime);
  const placed = tasks.map((task) => withItsHook(task, hooks));
  return placed.sort(
    (left, right) =>
      byTime(left, right) || Number(isFoundation(right.desired)) - Number(isFoundation(left.desired)),
  );
}

const byTime = (left: Task, right: Task): number =>
  phases.indexOf(left.phase) - phases.indexOf(right.phase) || left.wave - right.wave;

/** A foundation moves to the first hook that needs it, when that is earlier. */
function withItsHook(task: Task, hooks: readonly Task[]): Task {
  const { desired } = task;
  if (desired.hook || !isFoundation(desired)) return task;
  const needs = neededBy(desired.object);
  const first = hooks.find(({ desired: { object } }) => needs(object));
  return first && byTime(first, task) < 0 ? { ...task, phase: first.phase, wave: first.wave } : task;
}

/** Tells which objects cannot be applied without a namespace or a definition. */
function neededBy(foundation: KubeObject): (object: KubeObject) => boolean {
  if (foundation.kind === 'Namespace')
    return ({ metadata }) => metadata.namespace === foundation.metadata.name;
  const spec = foundation['spec'];
  const names = isJsonObject(spec) ? spec['names'] : undefined;
  if (!isJsonObject(spec) || !isJsonObject(names)) return () => false;
  const { group } = spec;
  const { kind } = names;
  return (object) => keyOf(object).group === group && object.kind === kind;
}
