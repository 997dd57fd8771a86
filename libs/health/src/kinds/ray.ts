import type { Health } from '@meridian/fleet';
import type { KubeObject } from '@meridian/manifests';
import { stated } from '../forms/conditions.ts';
import { at, conditionOf, conditionsOf, isRecord, numberAt, oneLine, textAt } from '../read.ts';
import { degraded, healthy, progressing, suspended } from '../verdict.ts';
import type { Verdict } from '../verdict.ts';

// Types: ray-project/kuberay ray-operator/apis/ray/v1; conditions exist since 1.2, `status.state` before and after.

/**
 * RayCluster: its head, then as many workers as it asks for. One that Ray scales itself is ready with its head and the
 * first set of workers (RayClusterProvisioned): how many it has changes with its work.
 */
export function judgeRayCluster(object: KubeObject): Verdict {
  const state = textAt(object, 'status', 'state');
  const isSuspended = conditionOf(object, 'RayClusterSuspended')?.status === 'True' || state === 'suspended';
  if (isSuspended) return suspended('the cluster is suspended');
  if (state === 'failed') return degraded(oneLine(textAt(object, 'status', 'reason')) || 'state is failed');
  const failure = conditionOf(object, 'ReplicaFailure');
  if (failure?.status === 'True') return degraded(`pods cannot be made: ${stated(failure)}`);
  const head = conditionOf(object, 'HeadPodReady');
  if (head && head.status !== 'True') return progressing(`the head is not ready; ${stated(head)}`);
  return judgeWorkers(object, state);
}

function judgeWorkers(object: KubeObject, state: string): Verdict {
  const wanted = numberAt(object, ['status', 'desiredWorkerReplicas'], 0);
  const fine = numberAt(object, ['status', 'readyWorkerReplicas'], 0);
  const provisioned = conditionOf(object, 'RayClusterProvisioned');
  const isProvisioned = provisioned ? provisioned.status === 'True' : state === 'ready';
  if (!isProvisioned) return progressing(`${fine} of ${wanted} workers are ready`);
  const scalesItself = at(object, 'spec', 'enableInTreeAutoscaling') === true;
  return fine >= wanted || scalesItself
    ? healthy(`the head and ${fine} workers are ready`)
    : progressing(`${fine} of ${wanted} workers are ready`);
}

const jobEnds: ReadonlyMap<string, Health> = new Map<string, Health>([
  ['FAILED', 'Degraded'],
  ['STOPPED', 'Degraded'],
  ['SUCCEEDED', 'Healthy'],
]);

const jobSteps: ReadonlyMap<string, Health> = new Map<string, Health>([
  ['Failed', 'Degraded'],
  ['ValidationFailed', 'Degraded'],
  ['Complete', 'Healthy'],
  ['Suspended', 'Suspended'],
]);

/** RayJob: how the job in it ended, else what its controller does with it. A step that failed outweighs the job. */
export function judgeRayJob(object: KubeObject): Verdict {
  const step = textAt(object, 'status', 'jobDeploymentStatus');
  const job = textAt(object, 'status', 'jobStatus');
  const message = oneLine(textAt(object, 'status', 'message'));
  const reason = `the job is ${job || step || 'not taken up yet'}${message ? `: ${message}` : ''}`;
  const ofStep = jobSteps.get(step);
  const health = ofStep === 'Degraded' ? ofStep : (jobEnds.get(job) ?? ofStep ?? 'Progressing');
  return { health, reason };
}

const brokenServe = new Set(['DEPLOY_FAILED', 'UNHEALTHY']);

/** RayService: an application of Ray Serve that failed, a move to a new cluster, then Ready. */
export function judgeRayService(object: KubeObject): Verdict {
  const resting = conditionOf(object, 'Suspended');
  if (resting?.status === 'True') return suspended(stated(resting));
  const isMoving = conditionOf(object, 'UpgradeInProgress')?.status === 'True';
  const bad = brokenApplication(object, isMoving ? 'pendingServiceStatus' : 'activeServiceStatus');
  if (bad !== undefined) return degraded(bad);
  return isMoving ? progressing('it is moving to a new cluster') : judgeServing(object);
}

/** Controllers before 1.3 have no condition but one word. */
function judgeServing(object: KubeObject): Verdict {
  const told = conditionsOf(object).find(({ type }) => type === 'Ready');
  if (told) return told.status === 'True' ? healthy('the service is ready') : progressing(stated(told));
  const word = textAt(object, 'status', 'serviceStatus');
  return word === 'Running'
    ? healthy('the service runs')
    : progressing(word || 'the service is not taken up yet');
}

function brokenApplication(object: KubeObject, place: string): string | undefined {
  const applications = at(object, 'status', place, 'applicationStatuses');
  if (!isRecord(applications)) return undefined;
  for (const [name, application] of Object.entries(applications)) {
    const status = textAt(application, 'status');
    if (!brokenServe.has(status)) continue;
    const message = oneLine(textAt(application, 'message'));
    return `application ${name} is ${status}${message ? `: ${message}` : ''}`;
  }
  return undefined;
}
