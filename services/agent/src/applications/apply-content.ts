import { canonicalJson } from '@meridian/manifests';
import type { KubeObject } from '@meridian/manifests';
import { FaultError } from '@meridian/runtime';
import type { DesiredObject } from '../assignments/prepare.ts';
import type { FieldConflict, KubePort } from '../ports.ts';
import { adoptManagers, isAdoptedIn } from './adopt-managers.ts';
import { unchangedBesides } from './apply-ignoring.ts';
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
  /** What was sent, or would be if it were not there already; undefined when the object is left as it is. */
  readonly sent?: KubeObject;
}

/** How often an object is read again because somebody took fields of it in between. */
const attempts = 3;

/**
 * Applies one object by the policy of its application for other field managers. Where nobody is to be yielded to or to be
 * stopped for, that is one call; otherwise what is there is read first, and taken by force only from managers that may be.
 * An object that differs in nothing but ignored fields is not written.
 */
export async function applyContent(given: ApplyContent): Promise<Written> {
  const { kube, content, signal } = given;
  const live = content.ignoring && (await kube.get(content.entry, signal));
  const unchanged = live && (await unchangedBesides(given, live));
  return unchanged ? { object: live, left: unchanged.left, sent: unchanged.object } : write(given);
}

async function write(given: ApplyContent): Promise<Written> {
  const { kube, content, autoscaler, signal } = given;
  if (content.options.write === 'whole') return rewriteContent(given);
  if (!content.managers.looksFirst && autoscaler === undefined && content.ignoring?.respects !== true) {
    const object = await kube.apply(content.object, { signal });
    return { object: await adopt(object, content.object, given), left: [], sent: content.object };
  }
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const leaving = await leavingNow(given);
    const object = await applyLeaving(leaving, given);
    if (!object) continue;
    const { object: sent, left } = leaving;
    return { object: await adopt(object, sent, given), left, sent };
  }
  throw new FaultError('conflict', 'others take fields of it while it is applied', { retry: 'later' });
}

async function leavingNow({ kube, content, autoscaler, signal }: ApplyContent): Promise<Leaving> {
  const live = await kube.get(content.entry, signal);
  return live ? leaveFields(content, live, autoscaler) : { object: content.object, left: [] };
}

const adopt = (answer: KubeObject, applied: KubeObject, { kube, content, signal }: ApplyContent) =>
  adoptManagers(answer, { kube, content: applied, isAdopted: isAdoptedIn(content), signal });

/** Undefined when somebody who is yielded to, or whose fields are to stay, has taken a field since the object was read. */
async function applyLeaving({ object }: Leaving, given: ApplyContent): Promise<KubeObject | undefined> {
  const { kube, content, autoscaler, signal } = given;
  const answer = await kube.applyUncontested(object, signal);
  if (answer.ok) return answer.object;
  const { conflicts } = answer;
  const stop = conflicts.find(({ manager }) => content.managers.of(manager) === 'fail');
  if (stop) throw contested(stop);
  const isYielded = ({ manager, field }: FieldConflict) =>
    content.managers.of(manager) === 'yield' || (autoscaler !== undefined && field === '.spec.replicas');
  if (conflicts.some(isYielded) || (await isOvertaken(object, given))) return undefined;
  return kube.apply(object, { signal });
}

/** Whether ignored fields that are to stay as they are have changed since they were read. */
async function isOvertaken(object: KubeObject, given: ApplyContent): Promise<boolean> {
  if (given.content.ignoring?.respects !== true) return false;
  const now = await leavingNow(given);
  return canonicalJson(now.object) !== canonicalJson(object);
}
