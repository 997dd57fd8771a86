import type { KubeObject } from '@meridian/manifests';
import { groupOf } from '@meridian/manifests';
import { judgeHorizontalPodAutoscaler } from './autoscalers.ts';
import { judgeCronJob, judgeJob } from './batch.ts';
import {
  judgeByConditions,
  judgeCustomResourceDefinition,
  judgeIngress,
  judgeNamespace,
  judgePersistentVolumeClaim,
  judgePodDisruptionBudget,
  judgeService,
} from './cluster-kinds.ts';
import { judgeBeforeKind } from './kstatus.ts';
import { judgePod } from './pods.ts';
import { healthy } from './verdict.ts';
import type { Verdict } from './verdict.ts';
import { judgeDaemonSet, judgeDeployment, judgeReplicaSet, judgeStatefulSet } from './workloads.ts';

type Rule = (object: KubeObject, nowMs: number) => Verdict;

const present: Rule = () => healthy('the object exists');

const rules: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ['/ConfigMap', present],
  ['/Secret', present],
  ['/Namespace', judgeNamespace],
  ['/Service', judgeService],
  ['/Pod', judgePod],
  ['/PersistentVolumeClaim', judgePersistentVolumeClaim],
  ['apps/Deployment', judgeDeployment],
  ['apps/ReplicaSet', judgeReplicaSet],
  ['apps/StatefulSet', judgeStatefulSet],
  ['apps/DaemonSet', judgeDaemonSet],
  ['batch/Job', judgeJob],
  ['batch/CronJob', judgeCronJob],
  ['policy/PodDisruptionBudget', judgePodDisruptionBudget],
  ['autoscaling/HorizontalPodAutoscaler', judgeHorizontalPodAutoscaler],
  ['networking.k8s.io/Ingress', judgeIngress],
  ['apiextensions.k8s.io/CustomResourceDefinition', judgeCustomResourceDefinition],
]);

/**
 * The verdict on one live object with a readable reason. `nowMs` is Unix time, used for grace periods only. The base is
 * kstatus: deletion, observed generation, Reconciling and Stalled come before the rule of the kind.
 */
export function judge(object: KubeObject, nowMs: number): Verdict {
  const early = judgeBeforeKind(object);
  if (early) return early;
  const rule = rules.get(`${groupOf(object.apiVersion)}/${object.kind}`);
  return rule ? rule(object, nowMs) : judgeByConditions(object);
}
