import { conditionsOf, listAt, says, textAt, timeMs } from '../read.ts';
import { current, failed, inProgress } from './result.ts';
import type { Kstatus } from './result.ts';
import {
  kstatusOfDaemonSet,
  kstatusOfDeployment,
  kstatusOfJob,
  kstatusOfReplicaSet,
  kstatusOfStatefulSet,
} from './workloads.ts';

// Each function follows core.go of kstatus (sigs.k8s.io/cli-utils v0.37.2, pkg/kstatus/status), in its order and with its
// reasons.

/** How long a pod may be without a node before kstatus calls it Failed (`ScheduleWindow`). */
const scheduleWindowMs = 15_000;

type KstatusRule = (object: unknown, nowMs: number) => Kstatus;

const always: KstatusRule = () => current('the object exists');

function pod(object: unknown, nowMs: number): Kstatus {
  const phase = textAt(object, 'status', 'phase');
  switch (phase) {
    case 'Succeeded':
      return current('the pod has completed');
    case 'Failed':
      return current('the pod has completed, but failed');
    case 'Running':
      return runningPod(object);
    case 'Pending':
      return pendingPod(object, nowMs);
    case '':
      return inProgress('PodNotObserved', 'the pod was not observed yet');
    default:
      return { status: 'Unknown', reason: '', message: `the pod is in phase ${phase}` };
  }
}

function runningPod(object: unknown): Kstatus {
  const isReady = conditionsOf(object).some(({ type, status }) => type === 'Ready' && status === 'True');
  if (isReady) return current('the pod is ready');
  const crashing = listAt(object, 'status', 'containerStatuses')
    .filter((container) => textAt(container, 'state', 'waiting', 'reason') === 'CrashLoopBackOff')
    .map((container) => textAt(container, 'name'));
  return crashing.length > 0
    ? failed('ContainerCrashLooping', `containers keep crashing: ${crashing.join(', ')}`)
    : inProgress('PodRunningNotReady', 'the pod is running but not ready');
}

function pendingPod(object: unknown, nowMs: number): Kstatus {
  const scheduled = conditionsOf(object).find(
    ({ type, status }) => type === 'PodScheduled' && status === 'False',
  );
  if (scheduled?.reason !== 'Unschedulable') return inProgress('PodPending', 'the pod is pending');
  const madeMs = timeMs(textAt(object, 'metadata', 'creationTimestamp'));
  const isYoung = madeMs !== undefined && nowMs - scheduleWindowMs < madeMs;
  return isYoung
    ? inProgress('PodNotScheduled', 'the pod has no node yet')
    : failed('PodUnschedulable', 'the pod finds no node');
}

function service(object: unknown): Kstatus {
  return textAt(object, 'spec', 'type') === 'LoadBalancer' && textAt(object, 'spec', 'clusterIP') === ''
    ? inProgress('NoIPAssigned', 'the service has no cluster IP yet')
    : current('the service is accepted');
}

function claim(object: unknown): Kstatus {
  return textAt(object, 'status', 'phase') === 'Bound'
    ? current('the claim is bound')
    : inProgress('NotBound', 'the claim is not bound yet');
}

function definition(object: unknown): Kstatus {
  for (const condition of conditionsOf(object)) {
    const { type, status, reason } = condition;
    if (type === 'NamesAccepted' && status === 'False') return failed(reason, says(condition));
    if (type !== 'Established') continue;
    if (status === 'False' && reason !== 'Installing') return failed(reason, says(condition));
    if (status === 'True') return current('the resource definition is established');
  }
  return inProgress('Installing', 'the resource definition is being installed');
}

/** The kinds that kstatus has rules for, as `group/Kind`. */
export const kstatusKinds: ReadonlyMap<string, KstatusRule> = new Map<string, KstatusRule>([
  ['/ConfigMap', always],
  ['/PersistentVolumeClaim', claim],
  ['/Pod', pod],
  ['/Secret', always],
  ['/Service', service],
  ['apiextensions.k8s.io/CustomResourceDefinition', definition],
  ['apps/DaemonSet', kstatusOfDaemonSet],
  ['apps/Deployment', kstatusOfDeployment],
  ['apps/ReplicaSet', kstatusOfReplicaSet],
  ['apps/StatefulSet', kstatusOfStatefulSet],
  ['batch/CronJob', always],
  ['batch/Job', kstatusOfJob],
  ['extensions/DaemonSet', kstatusOfDaemonSet],
  ['extensions/Deployment', kstatusOfDeployment],
  ['extensions/ReplicaSet', kstatusOfReplicaSet],
  ['policy/PodDisruptionBudget', always],
]);
