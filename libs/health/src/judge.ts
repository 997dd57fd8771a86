import type { KubeObject } from '@meridian/manifests';
import { groupOf } from '@meridian/manifests';
import { judgeCronJob, judgeJob } from './batch.ts';
import {
  judgeByConditions,
  judgeCustomResourceDefinition,
  judgeHorizontalPodAutoscaler,
  judgeIngress,
  judgeNamespace,
  judgePersistentVolumeClaim,
  judgePodDisruptionBudget,
  judgeService,
} from './cluster-kinds.ts';
import { judgePod } from './pods.ts';
import { at, conditionsOf, says } from './read.ts';
import { degraded, healthy, progressing } from './verdict.ts';
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
  const rule = rules.get(`${groupOf(object.apiVersion)}/${object.kind}`);
  return rule ? rule(object, nowMs) : judgeByConditions(object);
}
