import type { KubeObject } from '@meridian/manifests';
import { groupOf } from '@meridian/manifests';
import { at, conditionsOf, isRecord, says } from '../read.ts';
import { kstatusKinds } from './kinds.ts';
import { current, failed, inProgress } from './result.ts';
import type { Kstatus } from './result.ts';

/**
 * The status of an object by the rules of kstatus and nothing else (sigs.k8s.io/cli-utils v0.37.2, pkg/kstatus/status,
 * `Compute`). `nowMs` is Unix time; only a pod without a node is asked for its age. What upstream refuses to read is Unknown.
 */
export function kstatusOf(object: KubeObject, nowMs: number): Kstatus {
  if (object.metadata.deletionTimestamp)
    return { status: 'Terminating', reason: '', message: 'the object is being deleted' };
  const stale = staleness(object);
  if (stale) return stale;
  const flaw = conditionsFlaw(object);
  if (flaw !== undefined) return { status: 'Unknown', reason: '', message: flaw };
  const rule = kstatusKinds.get(`${groupOf(object.apiVersion)}/${object.kind}`);
  return standing(object) ?? (rule ? rule(object, nowMs) : byReady(object));
}

function staleness(object: KubeObject): Kstatus | undefined {
  const { generation } = object.metadata;
  const observed = at(object, 'status', 'observedGeneration');
  if (generation === undefined || typeof observed !== 'number' || observed === generation) return undefined;
  return inProgress(
    'LatestGenerationNotObserved',
    `generation ${generation} is not observed yet, only ${observed}`,
  );
}

const texts = ['type', 'status', 'reason', 'message'] as const;

/** Upstream reads conditions into a type; a list of anything else is an error. */
function conditionsFlaw(object: KubeObject): string | undefined {
  const list = at(object, 'status', 'conditions');
  if (list === undefined || list === null) return undefined;
  if (!Array.isArray(list)) return 'status.conditions is no list';
  const bad = list.some(
    (entry) =>
      !isRecord(entry) ||
      texts.some((name) => {
        const value = at(entry, name);
        return value !== undefined && value !== null && typeof value !== 'string';
      }),
  );
  return bad ? 'an entry of status.conditions is no condition' : undefined;
}

function standing(object: KubeObject): Kstatus | undefined {
  for (const condition of conditionsOf(object)) {
    if (condition.status !== 'True') continue;
    if (condition.type === 'Reconciling')
      return inProgress(condition.reason, `reconciling: ${says(condition)}`);
    if (condition.type === 'Stalled') return failed(condition.reason, `stalled: ${says(condition)}`);
  }
  return undefined;
}

function byReady(object: KubeObject): Kstatus {
  for (const condition of conditionsOf(object)) {
    if (condition.type !== 'Ready') continue;
    if (condition.status === 'True') return current('the object is ready');
    if (condition.status === 'False' || condition.status === 'Unknown')
      return inProgress(condition.reason, `not ready: ${says(condition)}`);
  }
  return current('the object is accepted');
}
