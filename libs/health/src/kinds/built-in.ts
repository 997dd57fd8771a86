import { judgeHorizontalPodAutoscaler } from '../autoscalers.ts';
import { judgeCronJob, judgeJob } from '../batch.ts';
import {
  judgeApiService,
  judgeIngress,
  judgeNamespace,
  judgePersistentVolumeClaim,
  judgeService,
} from '../cluster-kinds.ts';
import { byConditions } from '../forms/conditions.ts';
import { present } from '../forms/before.ts';
import { judgePod } from '../pods.ts';
import type { KindTable } from '../rule.ts';
import { judgeDaemonSet, judgeDeployment, judgeReplicaSet, judgeStatefulSet } from '../workloads.ts';

/** Kinds of Kubernetes itself. */
export const builtInKinds: KindTable = {
  '/ConfigMap': present,
  '/Namespace': judgeNamespace,
  '/PersistentVolumeClaim': judgePersistentVolumeClaim,
  '/Pod': judgePod,
  '/Secret': present,
  '/Service': judgeService,
  'apiextensions.k8s.io/CustomResourceDefinition': byConditions({
    passes: [
      [
        ['Terminating=True', 'Progressing'],
        ['NamesAccepted=False', 'Degraded'],
        ['NonStructuralSchema=True', 'Degraded'],
        ['Established!=True:InvalidCABundle', 'Degraded'],
        ['Established!=True:Installing', 'Progressing'],
      ],
      [['Established=True', 'Healthy']],
    ],
  }),
  'apiregistration.k8s.io/APIService': judgeApiService,
  'apps/DaemonSet': judgeDaemonSet,
  'apps/Deployment': judgeDeployment,
  'apps/ReplicaSet': judgeReplicaSet,
  'apps/StatefulSet': judgeStatefulSet,
  'autoscaling/HorizontalPodAutoscaler': judgeHorizontalPodAutoscaler,
  'batch/CronJob': judgeCronJob,
  'batch/Job': judgeJob,
  'extensions/Ingress': judgeIngress,
  'networking.k8s.io/Ingress': judgeIngress,
  'policy/PodDisruptionBudget': byConditions({
    passes: [[['*=False:!InsufficientPods', 'Degraded']], [['*', 'Healthy']]],
  }),
};
