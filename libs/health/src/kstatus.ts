import type { KubeObject } from '@meridian/manifests';
import { at, conditionsOf, says } from './read.ts';
import { degraded, progressing } from './verdict.ts';
import type { Verdict } from './verdict.ts';

/**
 * What kstatus says of any object before it looks at the kind: deletion, a generation that was not observed, Reconciling
 * and Stalled. Undefined when none of them holds.
 */
export function judgeBeforeKind(object: KubeObject): Verdict | undefined {
  if (object.metadata.deletionTimestamp !== undefined) return progressing('the object is being deleted');
  const generation = object.metadata.generation;
  const observed = at(object, 'status', 'observedGeneration');
  if (typeof observed === 'number' && generation !== undefined && observed !== generation) {
    return progressing('the latest change was not observed by its controller yet');
  }
  for (const condition of conditionsOf(object)) {
    if (condition.status !== 'True') continue;
    if (condition.type === 'Reconciling') return progressing(`reconciling: ${says(condition)}`);
    if (condition.type === 'Stalled') return degraded(`stalled: ${says(condition)}`);
  }
  return undefined;
}
