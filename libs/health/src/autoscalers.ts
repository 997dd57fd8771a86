import type { KubeObject, ObjectKey } from '@meridian/manifests';
import { groupOf } from '@meridian/manifests';
import { judgeBeforeKind } from './standing.ts';
import { at, conditionOf, isRecord, numberAt, says, textAt } from './read.ts';
import type { Condition } from './read.ts';
import { degraded, healthy, progressing } from './verdict.ts';
import type { Verdict } from './verdict.ts';

/** How long an autoscaler may fail to find its target, which is often applied in the same second. */
const scaleTargetGraceMs = 60_000;

/** What an autoscaler asks of the object that it scales, and what is to be said of it once that is given. */
export interface Autoscaling {
  /** The object that it scales. */
  readonly target: ObjectKey;
  /** `spec.minReplicas`, 1 when it is not set. */
  readonly minReplicas: number;
  /** Whether its controller looked for the target and could not read it. */
  readonly lacksTarget: boolean;
  /** The verdict when the target is known to have `minReplicas` already. */
  readonly atMinimum: Verdict;
}

/** The object that an autoscaler scales, when the same application has it. */
export type ScaleTarget =
  | { readonly phase: 'unwritten' }
  /** `replicas` is its live `spec.replicas`; undefined when that is not known or the kind has none. */
  | { readonly phase: 'written'; readonly replicas: number | undefined };

/**
 * HorizontalPodAutoscaler by itself. Progressing until its controller has looked and left the target with `minReplicas`:
 * a Deployment without `replicas` starts with one, and `reconcileAutoscaler` (kubernetes, pkg/controller/podautoscaler)
 * takes a new or changed autoscaler up only after its sync period, 15 s by default. Without a metrics server
 * `ScalingActive` is False for ever on clusters that work, and the controller raises to `minReplicas` all the same, so
 * missing metrics are only mentioned; `ScalingLimited` merely says that a bound is reached. Degraded is what somebody must
 * mend: a target that cannot be found or scaled, an invalid selector or metric.
 */
export function judgeHorizontalPodAutoscaler(autoscaler: unknown, nowMs: number): Verdict {
  const object = withConditions(autoscaler);
  const accepted = judgeAcceptance(object, nowMs);
  const awaited = accepted.health === 'Healthy' ? awaitedOf(object) : undefined;
  return awaited === undefined ? accepted : progressing(awaited);
}

/** What the object, if it is an autoscaler, asks of its target; undefined for every other kind. */
export function autoscalingOf(object: KubeObject, nowMs: number): Autoscaling | undefined {
  if (object.kind !== 'HorizontalPodAutoscaler' || groupOf(object.apiVersion) !== 'autoscaling')
    return undefined;
  const full = withConditions(object);
  const able = conditionOf(full, 'AbleToScale');
  return {
    target: {
      group: groupOf(textAt(object, 'spec', 'scaleTargetRef', 'apiVersion')),
      kind: textAt(object, 'spec', 'scaleTargetRef', 'kind'),
      namespace: object.metadata.namespace ?? '',
      name: textAt(object, 'spec', 'scaleTargetRef', 'name'),
    },
    minReplicas: minReplicasOf(object),
    lacksTarget: able?.status === 'False' && able.reason === 'FailedGetScale',
    atMinimum: judgeBeforeKind(object) ?? judgeAcceptance(full, nowMs),
  };
}

/** `spec.replicas` of an object; undefined when it has none. The API server fills it in for the kinds of `apps`. */
export function replicasOf(object: KubeObject): number | undefined {
  const replicas = at(object, 'spec', 'replicas');
  return typeof replicas === 'number' ? replicas : undefined;
}

/**
 * The verdict on an autoscaler whose target is known, from the `verdict` on it by itself. Its status and its target come
 * from two watches in any order, so the target is believed: below `minReplicas` the autoscaler has work to do, whatever its
 * status says, and from there on nobody has to wait until its controller looks. A target with 0 replicas is not scaled.
 */
export function judgeWithTarget(verdict: Verdict, autoscaling: Autoscaling, target: ScaleTarget): Verdict {
  const { atMinimum, lacksTarget, minReplicas } = autoscaling;
  const isBroken = atMinimum.health === 'Degraded' && !lacksTarget;
  if (isBroken) return atMinimum;
  const { kind, name } = autoscaling.target;
  if (target.phase === 'unwritten') return progressing(`its target ${kind} ${name} is not applied yet`);
  const { replicas } = target;
  if (replicas === undefined || replicas === 0) return verdict;
  // The target is there, so its controller looked too early and looks again within its sync period.
  if (lacksTarget) return progressing(atMinimum.reason);
  if (replicas >= minReplicas || atMinimum.health !== 'Healthy') return atMinimum;
  return progressing(`its target ${kind} ${name} has ${replicas} of at least ${minReplicas} replicas`);
}

/** `autoscaling/v1` has no place for conditions; the API server tells them in an annotation (its `conversion.go`). */
function withConditions(object: unknown): unknown {
  const text = textAt(object, 'metadata', 'annotations', 'autoscaling.alpha.kubernetes.io/conditions');
  if (text === '' || !isRecord(object) || at(object, 'status', 'conditions') !== undefined) return object;
  const status = at(object, 'status');
  return { ...object, status: { ...(isRecord(status) ? status : {}), conditions: parsed(text) } };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function judgeAcceptance(object: unknown, nowMs: number): Verdict {
  const able = conditionOf(object, 'AbleToScale');
  if (able?.status === 'False') return judgeUnable(able, nowMs);
  const active = conditionOf(object, 'ScalingActive');
  if (active?.status !== 'False') return healthy('the autoscaler is accepted');
  if (active.reason.startsWith('Invalid')) return degraded(`the autoscaler cannot work: ${says(active)}`);
  if (active.reason === 'ScalingDisabled') return healthy(`the autoscaler rests: ${says(active)}`);
  return healthy(`the autoscaler is accepted but has no metrics: ${says(active)}`);
}

function judgeUnable(able: Condition, nowMs: number): Verdict {
  const young = able.sinceMs !== undefined && nowMs - able.sinceMs < scaleTargetGraceMs;
  return young || !able.reason.startsWith('Failed')
    ? progressing(`the target cannot be scaled yet: ${says(able)}`)
    : degraded(`the target cannot be scaled: ${says(able)}`);
}

/**
 * What the controller has yet to do. It sets AbleToScale whenever it looks. After a rescale `status.currentReplicas` is the
 * number before and `desiredReplicas` the new one; otherwise only the current number tells, because `desiredReplicas` stays
 * 0 or old while there are no metrics (`setCurrentReplicasAndMetricsInStatus`).
 */
function awaitedOf(object: unknown): string | undefined {
  const able = conditionOf(object, 'AbleToScale');
  if (!able) return 'its controller has not looked at the target yet';
  const active = conditionOf(object, 'ScalingActive');
  if (active?.status === 'False' && active.reason === 'ScalingDisabled') return undefined;
  const field = able.reason === 'SucceededRescale' ? 'desiredReplicas' : 'currentReplicas';
  const replicas = numberAt(object, ['status', field], 0);
  const minReplicas = minReplicasOf(object);
  if (replicas >= minReplicas) return undefined;
  return `its target has ${replicas} of at least ${minReplicas} replicas`;
}

function minReplicasOf(object: unknown): number {
  return numberAt(object, ['spec', 'minReplicas'], 1);
}
