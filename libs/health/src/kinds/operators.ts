import { phases } from '../forms/phases.ts';
import { stated } from '../forms/conditions.ts';
import { at, conditionsOf, numberAt, oneLine, textAt } from '../read.ts';
import type { Condition } from '../read.ts';
import type { KindTable, Rule } from '../rule.ts';
import { degraded, healthy, progressing, suspended } from '../verdict.ts';
import { kruiseKinds } from './kruise.ts';
import { judgeSpark } from './spark.ts';

// Source: the health checks of Argo CD for these groups (resource_customizations), written anew; KEDA: its
// apis/keda/v1alpha1/condition_types.go.

const deploymentConfig: Rule = (object) => {
  const replicas = at(object, 'status', 'replicas');
  if (replicas === undefined || at(object, 'status', 'conditions') === undefined)
    return progressing('its controller has told nothing yet');
  const fine = conditionsOf(object).filter(
    ({ type, status, reason }) =>
      status === 'True' &&
      (type === 'Available' || (type === 'Progressing' && reason === 'NewReplicationControllerAvailable')),
  );
  if (fine.length === 2 || replicas === 0) return healthy('it is rolled out');
  return fine.length === 1 ? progressing('it waits for pods') : degraded('it is not rolled out');
};

/** KEDA: what it cannot scale by is Degraded; `Paused` counts once it is Ready. */
function keda(badTests: readonly (readonly [string, string])[]): Rule {
  return (object) => {
    const found = conditionsOf(object);
    const bad = found.findLast(({ type, status }) => badTests.some(([t, s]) => t === type && s === status));
    if (bad) return degraded(stated(bad));
    const isTrue = (type: string) => found.find((one) => one.type === type && one.status === 'True');
    const isReady = isTrue('Ready');
    if (!isReady) return progressing('it is not ready yet');
    const paused = isTrue('Paused');
    return paused ? suspended(stated(paused)) : healthy(stated(isReady));
  };
}

const openFaas: Rule = (object) => {
  for (const one of conditionsOf(object)) {
    const isBad =
      (one.type === 'Ready' && one.status === 'False') || (one.type === 'Stalled' && one.status === 'True');
    if (isBad) return degraded(stated(one));
    if (one.type !== 'Ready' || one.status !== 'True') continue;
    return numberAt(object, ['status', 'replicas'], 0) > 0
      ? healthy(stated(one))
      : suspended('the function has no replicas');
  }
  return progressing('the function is not ready yet');
};

const spinFailure = ({ type, status, reason, message }: Condition): boolean =>
  type === 'Progressing' &&
  status === 'False' &&
  (reason === 'ProgressDeadlineExceeded' || /timeout|failed/i.test(message));

const spinApp: Rule = (object) => {
  if (at(object, 'status') === undefined) return progressing('its controller has told nothing yet');
  const found = conditionsOf(object);
  const failed = found.find(spinFailure);
  if (failed) return degraded(stated(failed));
  const available = found.findLast(({ type }) => type === 'Available');
  if (available?.status !== 'True') return degraded(available ? stated(available) : 'it is not available');
  return judgeSpinReplicas(object, found);
};

function judgeSpinReplicas(object: unknown, found: readonly Condition[]) {
  const readyReplicas = numberAt(object, ['status', 'readyReplicas'], 0);
  const wanted = numberAt(object, ['spec', 'replicas'], 1);
  const counts = `${readyReplicas} of ${wanted} replicas are ready`;
  if (readyReplicas < wanted) return progressing(counts);
  const moving = found.find(({ type, status }) => type === 'Progressing' && status === 'True');
  return moving ? progressing(stated(moving)) : healthy(counts);
}

const flink: Rule = (object) => {
  const told = at(object, 'status', 'reconciliationStatus');
  if (at(told, 'success') === true || textAt(told, 'state') === 'DEPLOYED') return healthy('it is deployed');
  return judgeFlinkManager(object, told) ?? judgeFlinkRest(object, told);
};

/** Its job manager, once the operator has told anything of it. */
function judgeFlinkManager(object: unknown, told: unknown) {
  const manager = textAt(object, 'status', 'jobManagerDeploymentStatus');
  if (told === undefined) return undefined;
  if (manager.startsWith('DEPLOY')) return progressing(`job manager is ${manager}`);
  if (manager !== 'ERROR') return undefined;
  const why = textAt(told, 'error') || textAt(object, 'status', 'error');
  return degraded(oneLine(why) || 'job manager is ERROR');
}

/** A job that is declared as suspended and never ran has nothing to do. */
function judgeFlinkRest(object: unknown, told: unknown) {
  const isResting = textAt(object, 'spec', 'job', 'state') === 'suspended';
  return isResting && at(told, 'lastReconciledSpec') === undefined
    ? healthy('its job is suspended, as declared')
    : progressing('it is not deployed yet');
}

const flinkJobPhase = phases('status.jobStatus.state', {
  Healthy: ['RUNNING', 'FINISHED'],
  Suspended: ['SUSPENDED', 'CANCELED'],
  Degraded: ['FAILED'],
  says: 'status.error',
});

const flinkJob: Rule = (object, nowMs) => {
  const state = textAt(object, 'status', 'jobStatus', 'state');
  const isKnown = [
    'RUNNING',
    'FINISHED',
    'RECONCILING',
    'CREATED',
    'SUSPENDED',
    'CANCELED',
    'FAILED',
  ].includes(state);
  const problem = textAt(object, 'status', 'error');
  return !isKnown && problem !== '' ? degraded(problem) : flinkJobPhase(object, nowMs);
};

const spot: Rule = (object) => {
  if (at(object, 'status', 'conditions') === undefined)
    return progressing('its controller has told nothing yet');
  for (const one of conditionsOf(object)) {
    const isAborted = one.reason === 'RolloutAborted' || one.reason === 'ProgressDeadlineExceeded';
    if (one.type === 'InvalidSpec' || (one.type === 'Progressing' && isAborted)) return degraded(stated(one));
    if (one.type === 'Paused' && one.status === 'True') return suspended('the rollout is paused');
  }
  return textAt(object, 'status', 'phase') === 'Progressing'
    ? progressing('steps of the rollout are left')
    : healthy('the rollout is complete');
};

/** Workloads of operators, and what scales them. */
export const operatorKinds: KindTable = {
  ...kruiseKinds,
  'apps.openshift.io/DeploymentConfig': deploymentConfig,
  'core.spinkube.dev/SpinApp': spinApp,
  'flink.apache.org/FlinkDeployment': flink,
  'flink.apache.org/FlinkSessionJob': flinkJob,
  'keda.sh/ScaledJob': keda([
    ['Ready', 'False'],
    ['Ready', 'Unknown'],
  ]),
  'keda.sh/ScaledObject': keda([
    ['Ready', 'False'],
    ['Fallback', 'True'],
  ]),
  'openfaas.com/Function': openFaas,
  'sparkoperator.k8s.io/SparkApplication': judgeSpark,
  'spot.io/SpotDeployment': spot,
};
