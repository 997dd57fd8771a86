import type { KubeObject } from '@meridian/manifests';
import type { Health } from '@meridian/fleet';
import { stated } from '../forms/conditions.ts';
import { conditionTest } from '../forms/condition-test.ts';
import { at, conditionsOf, generationOf, listAt, numberAt, oneLine, textAt } from '../read.ts';
import { degraded, healthy, progressing, suspended } from '../verdict.ts';
import type { Verdict } from '../verdict.ts';

const words: ReadonlyMap<string, Health> = new Map<string, Health>([
  ['Healthy', 'Healthy'],
  ['Progressing', 'Progressing'],
  ['Degraded', 'Degraded'],
  ['Paused', 'Suspended'],
]);

/**
 * Rollout of Argo Rollouts: its phase once the present spec and the workload that it refers to are observed. Controllers
 * before 1.0 tell no phase; theirs is read from conditions, pauses and replica counts.
 */
export function judgeArgoRollout(object: KubeObject): Verdict {
  if (!isObserved(object)) return progressing('its controller has not seen the latest change yet');
  const phase = textAt(object, 'status', 'phase');
  if (phase !== '') {
    const message = oneLine(textAt(object, 'status', 'message'));
    return {
      health: words.get(phase) ?? 'Unknown',
      reason: `phase is ${phase}${message ? `: ${message}` : ''}`,
    };
  }
  return judgeWithoutPhase(object);
}

/** Its controller writes the observed generation as text; before 1.0 it was a hash, which is always believed. */
function isObserved(object: KubeObject): boolean {
  const observed = numberOf(at(object, 'status', 'observedGeneration'));
  const generation = generationOf(object) ?? 0;
  if (at(object, 'status') === undefined) return false;
  const isCurrent = observed === undefined || observed >= generation;
  return isCurrent && isWorkloadObserved(object);
}

function isWorkloadObserved(object: KubeObject): boolean {
  if (at(object, 'spec', 'workloadRef') === undefined) return true;
  const annotation = object.metadata.annotations?.['rollout.argoproj.io/workload-generation'];
  if (object.metadata.annotations === undefined) return true;
  return numberOf(annotation) === numberOf(at(object, 'status', 'workloadObservedGeneration'));
}

function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : undefined;
}

const broken = ['InvalidSpec', 'Progressing:RolloutAborted', 'Progressing:ProgressDeadlineExceeded'].map(
  conditionTest,
);

function judgeWithoutPhase(object: KubeObject): Verdict {
  const bad = conditionsOf(object).find((condition) => broken.some((test) => test(condition)));
  if (bad) return degraded(stated(bad));
  const isPaused = listAt(object, 'status', 'pauseConditions').length > 0;
  if (isPaused || at(object, 'spec', 'paused') === true) return suspended('the rollout is paused');
  if (textAt(object, 'status', 'currentPodHash') === '')
    return progressing('its controller has not looked at it yet');
  return judgeCounts(object) ?? judgeStrategy(object) ?? healthy('the rollout is complete');
}

function judgeCounts(object: KubeObject): Verdict | undefined {
  const wanted = numberAt(object, ['spec', 'replicas'], 1);
  const updated = numberAt(object, ['status', 'updatedReplicas'], 0);
  const available = numberAt(object, ['status', 'availableReplicas'], 0);
  if (updated < wanted) return progressing(`${updated} of ${wanted} replicas are updated`);
  if (available < updated) return progressing(`${available} of ${updated} updated replicas are available`);
  return undefined;
}

function judgeStrategy(object: KubeObject): Verdict | undefined {
  const current = textAt(object, 'status', 'currentPodHash');
  const stable = textAt(object, 'status', 'stableRS') || textAt(object, 'status', 'canary', 'stableRS');
  if (at(object, 'spec', 'strategy', 'blueGreen') !== undefined) {
    if (textAt(object, 'status', 'blueGreen', 'activeSelector') !== current)
      return progressing('the active service does not lead to the new pods yet');
    return stable !== '' && stable !== current ? progressing('an analysis is still running') : undefined;
  }
  if (at(object, 'spec', 'strategy', 'canary') === undefined) return undefined;
  const total = numberAt(object, ['status', 'replicas'], 0);
  if (total > numberAt(object, ['status', 'updatedReplicas'], 0))
    return progressing('old replicas are being removed');
  return stable === current ? undefined : progressing('steps of the canary are left');
}
