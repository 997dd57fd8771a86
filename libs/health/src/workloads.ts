import type { Kstatus } from './kstatus/result.ts';
import {
  kstatusOfDaemonPods,
  kstatusOfDeployment,
  kstatusOfReplicaSet,
  kstatusOfStatefulSet,
  replicaFailure,
} from './kstatus/workloads.ts';
import { at, numberAt, textAt } from './read.ts';
import { degraded, healthy, progressing, suspended } from './verdict.ts';
import type { Verdict } from './verdict.ts';

// The workloads of Kubernetes: kstatus, with the differences that each function names.

function verdictOf({ status, message }: Kstatus): Verdict {
  if (status === 'Current') return healthy(message);
  return status === 'Failed' ? degraded(message) : progressing(message);
}

/** Deployment: Suspended while `spec.paused` (as Argo CD says it), and what keeps pods from being made is told. */
export function judgeDeployment(object: unknown): Verdict {
  if (at(object, 'spec', 'paused') === true) return suspended('the deployment is paused');
  const verdict = verdictOf(kstatusOfDeployment(object));
  const failure = replicaFailure(object);
  return verdict.health === 'Progressing' && failure !== undefined ? progressing(failure) : verdict;
}

/** ReplicaSet: pods that cannot be made are Degraded (as Argo CD says it). */
export function judgeReplicaSet(object: unknown): Verdict {
  const failure = replicaFailure(object);
  return failure === undefined ? verdictOf(kstatusOfReplicaSet(object)) : degraded(failure);
}

/** StatefulSet: kstatus; with `OnDelete`, too, its pods must be ready (as Argo CD says it). */
export function judgeStatefulSet(object: unknown): Verdict {
  const verdict = verdictOf(kstatusOfStatefulSet(object));
  if (textAt(object, 'spec', 'updateStrategy', 'type') !== 'OnDelete') return verdict;
  const wanted = numberAt(object, ['spec', 'replicas'], 1);
  const ready = numberAt(object, ['status', 'readyReplicas'], 0);
  return ready < wanted ? progressing(`${ready} of ${wanted} replicas are ready`) : verdict;
}

/** DaemonSet: with `OnDelete` nobody waits for pods that nobody is going to replace. */
export function judgeDaemonSet(object: unknown): Verdict {
  const status = kstatusOfDaemonPods(object);
  const onDelete = textAt(object, 'spec', 'updateStrategy', 'type') === 'OnDelete';
  return verdictOf(onDelete && status.reason === 'LessUpdated' ? daemonPodsOf(object) : status);
}

function daemonPodsOf(object: unknown): Kstatus {
  const wanted = numberAt(object, ['status', 'desiredNumberScheduled'], 0);
  const status = at(object, 'status');
  const updated = { ...(typeof status === 'object' ? status : {}), updatedNumberScheduled: wanted };
  return kstatusOfDaemonPods({ status: updated });
}
