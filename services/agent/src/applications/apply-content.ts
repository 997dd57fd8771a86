import type { KubeObject } from '@meridian/manifests';
import { FaultError } from '@meridian/runtime';
import type { DesiredObject } from '../assignments/prepare.ts';
import { fieldManager } from '../ports.ts';
import type { FieldConflict, KubePort } from '../ports.ts';
import { adoptManagers } from './adopt-managers.ts';
import { contested } from './contested.ts';
import { leaveFields } from './left-fields.ts';
import type { Leaving, LeftField } from './left-fields.ts';
import { rewriteContent } from './rewrite-content.ts';

/** What an apply needs. */
export interface ApplyContent {
  readonly kube: Pick<KubePort, 'get' | 'put' | 'rewrite' | 'apply' | 'applyUncontested' | 'rewriteManagers'>;
  readonly content: DesiredObject;
  /** The autoscaler that has the replicas of the object, as people write it. */
  readonly autoscaler: string | undefined;
  readonly signal: AbortSignal;
}

/** The stored object, and what of the bundle was left to others. */
export interface Written {
  readonly object: KubeObject;
  readonly left: readonly LeftField[];
}

/** How often an object is read again because somebody took fields of it in between. */
const attempts = 3;

/**
 * Applies one object by the policy of its application for other field managers. Where nobody is to be yielded to or to be
 * stopped for, that is one call; otherwise what is there is read first, and taken by force only from managers that may be.
 */
export async function applyContent(given: ApplyContent): Promise<Written> {
  const { kube, content, autoscaler, signal } = given;
  if (content.options.write === 'whole') return rewriteContent(given);
  if (!content.managers.looksFirst && autoscaler === undefined) {
    const object = await kube.apply(content.object, { signal });
    return { object: await adopt(object, content.object, given), left: [] };
  }
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const live = await kube.get(content.entry, signal);
    const leaving = live ? leaveFields(content, live, autoscaler) : { object: content.object, left: [] };
    const object = await applyLeaving(leaving, given);
    if (object) return { object: await adopt(object, leaving.object, given), left: leaving.left };
  }
  throw new FaultError('conflict', 'others take fields of it while it is applied', { retry: 'later' });
}

const adopt = (answer: KubeObject, applied: KubeObject, { kube, content, signal }: ApplyContent) =>
  adoptManagers(answer, {
    kube,
    content: applied,
    // What we wrote as a whole before is ours to remove like what we applied.
    isAdopted: (manager) =>
      manager === fieldManager ||
      (content.options.write !== 'merge' && content.managers.of(manager) === 'adopt'),
    signal,
  });

/** Undefined when somebody who is yielded to has taken a field since the object was read. */
async function applyLeaving(
  { object }: Leaving,
  { kube, content, autoscaler, signal }: ApplyContent,
): Promise<KubeObject | undefined> {
  const answer = await kube.applyUncontested(object, signal);
  if (answer.ok) return answer.object;
  const { conflicts } = answer;
  const stop = conflicts.find(({ manager }) => content.managers.of(manager) === 'fail');
  if (stop) throw contested(stop);
  const isYielded = ({ manager, field }: FieldConflict) =>
    content.managers.of(manager) === 'yield' || (autoscaler !== undefined && field === '.spec.replicas');
  return conflicts.some(isYielded) ? undefined : kube.apply(object, { signal });
}
