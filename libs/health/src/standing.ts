import type { KubeObject } from '@meridian/manifests';
import { at, conditionsOf, says } from './read.ts';
import { degraded, progressing } from './verdict.ts';
import type { Verdict } from './verdict.ts';

/**
 * What holds of any object, whatever its kind: it is being deleted, or its controller has not seen the present generation,
 * so that the rest of its status tells of the past. Undefined when neither holds.
 */
export function judgeBeforeKind(object: KubeObject): Verdict | undefined {
  if (object.metadata.deletionTimestamp !== undefined) return progressing('the object is being deleted');
  const generation = object.metadata.generation;
  const observed = at(object, 'status', 'observedGeneration');
  return typeof observed === 'number' && generation !== undefined && observed !== generation
    ? progressing('the latest change was not observed by its controller yet')
    : undefined;
}

/** The two conditions by which kstatus lets any controller say that it works or that it cannot go on. */
export function judgeStanding(object: KubeObject): Verdict | undefined {
  for (const condition of conditionsOf(object)) {
    if (condition.status !== 'True') continue;
    if (condition.type === 'Reconciling') return progressing(`reconciling: ${says(condition)}`);
    if (condition.type === 'Stalled') return degraded(`stalled: ${says(condition)}`);
  }
  return undefined;
}
