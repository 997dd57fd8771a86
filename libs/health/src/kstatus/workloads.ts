import { at, conditionOf, conditionsOf, numberAt, says, textAt } from '../read.ts';
import { current, failed, firstOf, inProgress } from './result.ts';
import type { Kstatus } from './result.ts';

// Each function follows core.go of kstatus (sigs.k8s.io/cli-utils v0.37.2, pkg/kstatus/status), in its order and with its
// reasons. What we judge otherwise is in ../workloads.ts.

const neverTimesOut = 2_147_483_647;

const count = (n: number, of: number, what: string): string =>
  `${n} of ${of} ${of === 1 ? 'replica is' : 'replicas are'} ${what}`;

const allAvailable = (n: number): string =>
  n === 1 ? 'the replica is available' : `all ${n} replicas are available`;

/** Deployment (`deploymentConditions`). */
export function kstatusOfDeployment(object: unknown): Kstatus {
  const overdue = conditionsOf(object).find(
    ({ type, reason }) => type === 'Progressing' && reason === 'ProgressDeadlineExceeded',
  );
  if (overdue) return failed(overdue.reason, `progress deadline exceeded: ${says(overdue)}`);
  const wanted = numberAt(object, ['spec', 'replicas'], 1);
  const total = numberAt(object, ['status', 'replicas'], 0);
  const updated = numberAt(object, ['status', 'updatedReplicas'], 0);
  const ready = numberAt(object, ['status', 'readyReplicas'], 0);
  const available = numberAt(object, ['status', 'availableReplicas'], 0);
  const missing = `the deployment is not available yet, ${count(available, wanted, 'available')}`;
  return firstOf(
    [
      { fails: wanted > total, reason: 'LessReplicas', message: count(total, wanted, 'created') },
      { fails: wanted > updated, reason: 'LessUpdated', message: count(updated, wanted, 'updated') },
      {
        fails: total > wanted,
        reason: 'ExtraPods',
        message: `${total - wanted} old replicas are being removed`,
      },
      {
        fails: updated > available,
        reason: 'LessAvailable',
        message: count(available, updated, 'available'),
      },
      { fails: wanted > ready, reason: 'LessReady', message: count(ready, wanted, 'ready') },
      {
        fails: !isSettled(object),
        reason: 'ReplicaSetNotAvailable',
        message: 'the new replica set is not available yet',
      },
      { fails: !hasTrue(object, 'Available'), reason: 'DeploymentNotAvailable', message: missing },
    ],
    allAvailable(wanted),
  );
}

function isSettled(object: unknown): boolean {
  if (numberAt(object, ['spec', 'progressDeadlineSeconds'], neverTimesOut) === neverTimesOut) return true;
  return conditionsOf(object).some(
    ({ type, status, reason }) =>
      type === 'Progressing' && status === 'True' && reason === 'NewReplicaSetAvailable',
  );
}

function hasTrue(object: unknown, wanted: string): boolean {
  return conditionsOf(object).some(({ type, status }) => type === wanted && status === 'True');
}

/** ReplicaSet (`replicasetConditions`). */
export function kstatusOfReplicaSet(object: unknown): Kstatus {
  const failure = conditionsOf(object).find(
    ({ type, status }) => type === 'ReplicaFailure' && status === 'True',
  );
  if (failure) return inProgress('ReplicaFailure', `pods cannot be made: ${says(failure)}`);
  const wanted = numberAt(object, ['spec', 'replicas'], 1);
  const total = numberAt(object, ['status', 'replicas'], 0);
  const labelled = numberAt(object, ['status', 'fullyLabeledReplicas'], 0);
  const available = numberAt(object, ['status', 'availableReplicas'], 0);
  const ready = numberAt(object, ['status', 'readyReplicas'], 0);
  return firstOf(
    [
      { fails: wanted > labelled, reason: 'LessLabelled', message: count(labelled, wanted, 'created') },
      { fails: wanted > available, reason: 'LessAvailable', message: count(available, wanted, 'available') },
      { fails: wanted > ready, reason: 'LessReady', message: count(ready, wanted, 'ready') },
      {
        fails: total > wanted,
        reason: 'ExtraPods',
        message: `${total - wanted} extra replicas are being removed`,
      },
    ],
    allAvailable(wanted),
  );
}

/** StatefulSet (`stsConditions`). */
export function kstatusOfStatefulSet(object: unknown): Kstatus {
  if (textAt(object, 'spec', 'updateStrategy', 'type') === 'OnDelete')
    return current('updates wait for somebody to delete the pods, as its update strategy says');
  const wanted = numberAt(object, ['spec', 'replicas'], 1);
  const total = numberAt(object, ['status', 'replicas'], 0);
  const ready = numberAt(object, ['status', 'readyReplicas'], 0);
  const early = firstOf(
    [
      { fails: wanted > total, reason: 'LessReplicas', message: count(total, wanted, 'created') },
      { fails: wanted > ready, reason: 'LessReady', message: count(ready, wanted, 'ready') },
      {
        fails: total > wanted,
        reason: 'ExtraPods',
        message: `${total - wanted} extra replicas are being removed`,
      },
    ],
    allAvailable(wanted),
  );
  return early.status === 'Current' ? statefulSetUpdate(object, wanted) : early;
}

function statefulSetUpdate(object: unknown, wanted: number): Kstatus {
  const updated = numberAt(object, ['status', 'updatedReplicas'], 0);
  const partition = numberAt(object, ['spec', 'updateStrategy', 'rollingUpdate', 'partition'], -1);
  if (partition !== -1) {
    const part = wanted - partition;
    const message = count(updated, part, 'updated');
    return firstOf([{ fails: updated < part, reason: 'PartitionRollout', message }], allAvailable(wanted));
  }
  const moved = numberAt(object, ['status', 'currentReplicas'], 0);
  const revision = textAt(object, 'status', 'currentRevision');
  return firstOf(
    [
      { fails: wanted > moved, reason: 'LessCurrent', message: count(moved, wanted, 'current') },
      {
        fails: revision !== textAt(object, 'status', 'updateRevision'),
        reason: 'RevisionMismatch',
        message: 'replicas are being moved to the new revision',
      },
    ],
    allAvailable(wanted),
  );
}

/** DaemonSet (`daemonsetConditions`); its generation and the observed one must be there. */
export function kstatusOfDaemonSet(object: unknown): Kstatus {
  if (typeof at(object, 'metadata', 'generation') !== 'number')
    return inProgress('NoGeneration', 'the daemon set has no generation yet');
  return kstatusOfDaemonPods(object);
}

/** {@link kstatusOfDaemonSet} for one that no API server has given a generation. */
export function kstatusOfDaemonPods(object: unknown): Kstatus {
  if (typeof at(object, 'status', 'observedGeneration') !== 'number')
    return inProgress('NoObservedGeneration', 'the daemon set was not observed yet');
  const wanted = numberAt(object, ['status', 'desiredNumberScheduled'], -1);
  if (wanted === -1) return inProgress('NoDesiredNumber', 'the number of nodes is not known yet');
  const of = (field: string) => numberAt(object, ['status', field], 0);
  const pods = (field: string, what: string) => `${of(field)} of ${wanted} pods are ${what}`;
  const check = (field: string, reason: string, what: string) => ({
    fails: wanted > of(field),
    reason,
    message: pods(field, what),
  });
  return firstOf(
    [
      check('currentNumberScheduled', 'LessCurrent', 'scheduled'),
      check('updatedNumberScheduled', 'LessUpdated', 'updated'),
      check('numberAvailable', 'LessAvailable', 'available'),
      check('numberReady', 'LessReady', 'ready'),
    ],
    `all ${wanted} pods are available`,
  );
}

/** Job (`jobConditions`, with the suspension that upstream has since): one that runs is Current. */
export function kstatusOfJob(object: unknown): Kstatus {
  const isSuspended = at(object, 'spec', 'suspend') === true;
  for (const condition of conditionsOf(object)) {
    if (condition.status !== 'True') continue;
    if (condition.type === 'Complete') return current('the job is complete');
    if (condition.type === 'Failed') return failed('JobFailed', `the job failed: ${says(condition)}`);
    if (condition.type === 'Suspended' && isSuspended) return current('the job is suspended');
  }
  return textAt(object, 'status', 'startTime') === ''
    ? inProgress('JobNotStarted', 'the job has not started')
    : current('the job runs');
}

/** Whether a Deployment or ReplicaSet cannot make pods, and why. */
export function replicaFailure(object: unknown): string | undefined {
  const failure = conditionOf(object, 'ReplicaFailure');
  return failure?.status === 'True' ? `pods cannot be made: ${says(failure)}` : undefined;
}
