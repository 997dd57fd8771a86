import { at, conditionOf, numberAt, says, textAt } from './read.ts';
import { degraded, healthy, progressing, suspended } from './verdict.ts';
import type { Verdict } from './verdict.ts';

// Rules of this file follow kstatus (https://github.com/kubernetes-sigs/cli-utils/tree/master/pkg/kstatus) in order;
// differences are named where they are made.

const neverTimesOut = 2_147_483_647;

interface Check {
  readonly failed: boolean;
  readonly reason: string;
}

const firstFailed = (checks: readonly Check[], fine: string): Verdict => {
  const found = checks.find((check) => check.failed);
  return found ? progressing(found.reason) : healthy(fine);
};

const count = (n: number, of: number, what: string): string =>
  `${n} of ${of} ${of === 1 ? 'replica is' : 'replicas are'} ${what}`;

const allAvailable = (n: number): string =>
  n === 1 ? 'the replica is available' : `all ${n} replicas are available`;

/** Deployment: kstatus, and Suspended while `spec.paused` (as Argo CD says it). */
export function judgeDeployment(object: unknown): Verdict {
  if (at(object, 'spec', 'paused') === true) return suspended('the deployment is paused');
  const progress = conditionOf(object, 'Progressing');
  if (progress?.reason === 'ProgressDeadlineExceeded')
    return degraded(`progress deadline exceeded: ${says(progress)}`);
  const failure = conditionOf(object, 'ReplicaFailure');
  const counts = deploymentCounts(object);
  const verdict = firstFailed(deploymentChecks(object, counts), allAvailable(counts.wanted));
  if (verdict.health === 'Progressing' && failure?.status === 'True')
    return progressing(`pods cannot be made: ${says(failure)}`);
  return verdict;
}

interface DeploymentCounts {
  readonly wanted: number;
  readonly total: number;
  readonly updated: number;
  readonly ready: number;
  readonly available: number;
}

function deploymentCounts(object: unknown): DeploymentCounts {
  return {
    wanted: numberAt(object, ['spec', 'replicas'], 1),
    total: numberAt(object, ['status', 'replicas'], 0),
    updated: numberAt(object, ['status', 'updatedReplicas'], 0),
    ready: numberAt(object, ['status', 'readyReplicas'], 0),
    available: numberAt(object, ['status', 'availableReplicas'], 0),
  };
}

function deploymentChecks(
  object: unknown,
  { wanted, total, updated, ready, available }: DeploymentCounts,
): readonly Check[] {
  const progress = conditionOf(object, 'Progressing');
  const deadline = numberAt(object, ['spec', 'progressDeadlineSeconds'], neverTimesOut);
  const settled =
    deadline === neverTimesOut ||
    (progress?.status === 'True' && progress.reason === 'NewReplicaSetAvailable');
  return [
    { failed: wanted > total, reason: count(total, wanted, 'created') },
    { failed: wanted > updated, reason: count(updated, wanted, 'updated') },
    { failed: total > wanted, reason: `${total - wanted} old replicas are being removed` },
    { failed: updated > available, reason: count(available, updated, 'available') },
    { failed: wanted > ready, reason: count(ready, wanted, 'ready') },
    { failed: !settled, reason: 'the new replica set is not available yet' },
    {
      failed: conditionOf(object, 'Available')?.status !== 'True',
      reason: `the deployment is not available yet, ${count(available, wanted, 'available')}`,
    },
  ];
}

/** ReplicaSet: kstatus. */
export function judgeReplicaSet(object: unknown): Verdict {
  const failure = conditionOf(object, 'ReplicaFailure');
  if (failure?.status === 'True') return progressing(`pods cannot be made: ${says(failure)}`);
  const wanted = numberAt(object, ['spec', 'replicas'], 1);
  const total = numberAt(object, ['status', 'replicas'], 0);
  const labelled = numberAt(object, ['status', 'fullyLabeledReplicas'], 0);
  const available = numberAt(object, ['status', 'availableReplicas'], 0);
  const ready = numberAt(object, ['status', 'readyReplicas'], 0);
  return firstFailed(
    [
      { failed: wanted > labelled, reason: count(labelled, wanted, 'created') },
      { failed: wanted > available, reason: count(available, wanted, 'available') },
      { failed: wanted > ready, reason: count(ready, wanted, 'ready') },
      { failed: total > wanted, reason: `${total - wanted} extra replicas are being removed` },
    ],
    allAvailable(wanted),
  );
}

/** StatefulSet: kstatus. */
export function judgeStatefulSet(object: unknown): Verdict {
  if (textAt(object, 'spec', 'updateStrategy', 'type') === 'OnDelete') {
    return healthy('updates wait for somebody to delete the pods, as its update strategy says');
  }
  const wanted = numberAt(object, ['spec', 'replicas'], 1);
  const total = numberAt(object, ['status', 'replicas'], 0);
  const ready = numberAt(object, ['status', 'readyReplicas'], 0);
  const early = firstFailed(
    [
      { failed: wanted > total, reason: count(total, wanted, 'created') },
      { failed: wanted > ready, reason: count(ready, wanted, 'ready') },
      { failed: total > wanted, reason: `${total - wanted} extra replicas are being removed` },
    ],
    allAvailable(wanted),
  );
  return early.health === 'Healthy' ? judgeStatefulSetUpdate(object, wanted) : early;
}

function judgeStatefulSetUpdate(object: unknown, wanted: number): Verdict {
  const updated = numberAt(object, ['status', 'updatedReplicas'], 0);
  const current = numberAt(object, ['status', 'currentReplicas'], 0);
  const partition = at(object, 'spec', 'updateStrategy', 'rollingUpdate', 'partition');
  if (typeof partition === 'number') {
    const part = Math.max(0, wanted - partition);
    return firstFailed(
      [{ failed: updated < part, reason: count(updated, part, 'updated') }],
      allAvailable(wanted),
    );
  }
  const revision = textAt(object, 'status', 'currentRevision');
  const next = textAt(object, 'status', 'updateRevision');
  return firstFailed(
    [
      { failed: wanted > current, reason: count(current, wanted, 'current') },
      { failed: revision !== next, reason: 'replicas are being moved to the new revision' },
    ],
    allAvailable(wanted),
  );
}

/** DaemonSet: kstatus, but `OnDelete` does not wait for pods that nobody is going to replace. */
export function judgeDaemonSet(object: unknown): Verdict {
  if (
    at(object, 'metadata', 'generation') === undefined ||
    at(object, 'status', 'observedGeneration') === undefined
  ) {
    return progressing('the daemon set was not observed yet');
  }
  const wanted = at(object, 'status', 'desiredNumberScheduled');
  if (typeof wanted !== 'number') return progressing('the number of nodes is not known yet');
  const onDelete = textAt(object, 'spec', 'updateStrategy', 'type') === 'OnDelete';
  const scheduled = numberAt(object, ['status', 'currentNumberScheduled'], 0);
  const updated = numberAt(object, ['status', 'updatedNumberScheduled'], 0);
  const available = numberAt(object, ['status', 'numberAvailable'], 0);
  const ready = numberAt(object, ['status', 'numberReady'], 0);
  const pods = (n: number, what: string) => `${n} of ${wanted} pods are ${what}`;
  return firstFailed(
    [
      { failed: wanted > scheduled, reason: pods(scheduled, 'scheduled') },
      { failed: !onDelete && wanted > updated, reason: pods(updated, 'updated') },
      { failed: wanted > available, reason: pods(available, 'available') },
      { failed: wanted > ready, reason: pods(ready, 'ready') },
    ],
    `all ${wanted} pods are available`,
  );
}
