import { judgeWithTarget } from '@meridian/health';
import type { ScaleTarget, Verdict } from '@meridian/health';
import { keyText } from '@meridian/manifests';
import type { DesiredObject } from '../assignments/prepare.ts';
import { runOf } from '../hooks/hook-record.ts';
import { hookName } from '../hooks/run-hooks.ts';
import { limitOf } from './held-limits.ts';
import { bookOf, hooksOf, isUnwritten, objectName } from './held.ts';
import type { Held } from './held.ts';
import { kindWaitText, waitsForKind } from './missing-kinds.ts';
import type { ObjectBook } from './object-book.ts';
import { isFoundation } from './stages.ts';
import type { ApplyStage } from './stages.ts';

/** The verdict on each object of the assignment, in the order of the bundle. */
export function judgeAll(held: Held): readonly Verdict[] {
  const targets = scaleTargets(held);
  return held.desired.map((desired) => judgeOne(held, desired, targets));
}

/**
 * What keeps the stages after the one at `index` waiting, as a clause; undefined when all up to there is settled. Suspended
 * counts as settled: it is what the author asked for. So does an autoscaler whose target comes with a later stage, because
 * it would wait for ever for what waits for it.
 */
export function unsettledAt(held: Held, index: number): string | undefined {
  const targets = scaleTargets(held);
  // What waits for its kind holds up the objects of later waves no more, but whatever runs once all objects are there.
  const isPhaseEnd = held.stages[index]?.phase !== held.stages[index + 1]?.phase;
  const mayWait = (desired: DesiredObject): boolean => !isPhaseEnd && waitsForKind(held, desired);
  for (const stage of held.stages.slice(0, index + 1)) {
    const objects = stage.objects.filter((desired) => !mayWait(desired));
    const waits = openHook(held, stage) ?? unsettledIn(held, { ...stage, objects }, targets);
    if (waits !== undefined) return `the next objects wait for ${waits}`;
  }
  return undefined;
}

function openHook(held: Held, { phase, hooks }: ApplyStage): string | undefined {
  for (const hook of hooks) {
    const run = runOf(hooksOf(held), hook.id, phase);
    if (run?.state !== 'succeeded')
      return `the ${hookName(hook, phase)}: ${limitOf(held, hook) ?? run?.reason ?? 'it is not started yet'}`;
  }
  return undefined;
}

function unsettledIn(held: Held, { wave, objects }: ApplyStage, targets: ScaleTargets): string | undefined {
  for (const desired of objects) {
    const error = limitOf(held, desired) ?? bookOf(held, desired).error;
    // What nobody asked to wait for: others may do with what is there already.
    if (limitOf(held, desired) !== undefined && isFoundation(desired)) continue;
    const verdict = judgeOne(held, desired, targets);
    const isSettled =
      verdict.health === 'Healthy' ||
      verdict.health === 'Suspended' ||
      isAheadOfTarget(held, { desired, verdict, targets });
    if (error !== undefined || !isSettled)
      return `${objectName(desired.entry)} of wave ${wave}: ${error ?? verdict.reason}`;
  }
  return undefined;
}

/** What the autoscalers of an application scale, by `keyText`, as far as the application has it itself. */
type ScaleTargets = ReadonlyMap<string, DesiredObject>;

const noTargets: ScaleTargets = new Map();

function scaleTargets(held: Held): ScaleTargets {
  const wanted = new Set<string>();
  for (const { autoscaling } of held.books.values()) if (autoscaling) wanted.add(keyText(autoscaling.target));
  if (wanted.size === 0) return noTargets;
  return new Map(held.desired.filter(({ id }) => wanted.has(id)).map((desired) => [desired.id, desired]));
}

// What runs is judged only when it is what this generation says; until then the generation is on its way.
function judgeOne(held: Held, desired: DesiredObject, targets: ScaleTargets): Verdict {
  const book = bookOf(held, desired);
  if (isUnwritten(held, desired))
    return {
      health: 'Progressing',
      reason: limitOf(held, desired) ?? book.error ?? whyUnwritten(held, desired),
    };
  const target = targetOf(book, targets);
  if (!book.autoscaling || !target) return book.verdict;
  return judgeWithTarget(book.verdict, book.autoscaling, scaleTargetOf(held, target));
}

const whyUnwritten = (held: Held, desired: DesiredObject): string =>
  waitsForKind(held, desired) ? kindWaitText(desired) : 'the object is not applied yet';

function targetOf({ autoscaling }: ObjectBook, targets: ScaleTargets): DesiredObject | undefined {
  return autoscaling && targets.get(keyText(autoscaling.target));
}

function scaleTargetOf(held: Held, target: DesiredObject): ScaleTarget {
  if (isUnwritten(held, target)) return { phase: 'unwritten' };
  return { phase: 'written', replicas: bookOf(held, target).replicas };
}

interface Ahead {
  readonly desired: DesiredObject;
  readonly verdict: Verdict;
  readonly targets: ScaleTargets;
}

/** Whether an autoscaler has only its target to wait for, and that is written, or made by something written, after it. */
function isAheadOfTarget(held: Held, { desired, verdict, targets }: Ahead): boolean {
  const book = bookOf(held, desired);
  const target = targetOf(book, targets);
  if (target) return isUnwritten(held, target) && verdict.health === 'Progressing';
  return book.autoscaling?.lacksTarget === true;
}
