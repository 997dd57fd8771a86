import { onceObserved } from '../forms/before.ts';
import { at, conditionsIn, generationOf, listAt, numberAt, textAt } from '../read.ts';
import type { KindTable, Rule } from '../rule.ts';
import { degraded, healthy, progressing, suspended } from '../verdict.ts';

// Source: the health checks of Argo CD for OpenKruise (resource_customizations), written anew.

const cronJob: Rule = (object) => {
  const hasRun = textAt(object, 'status', 'lastScheduleTime') !== '';
  if (!hasRun && at(object, 'spec', 'paused') === true) return suspended('the job is paused');
  if (listAt(object, 'status', 'active').length > 0) return progressing('a run is active');
  return hasRun ? healthy('it has run') : degraded('it has never run');
};

const broadcast: Rule = (object) => {
  const phase = textAt(object, 'status', 'phase');
  const isAll = at(object, 'status', 'desired') === at(object, 'status', 'succeeded');
  if (phase === 'completed' && isAll) return healthy('all pods have completed');
  if (phase === 'failed' && at(object, 'status', 'failed') !== 0) return degraded('pods have failed');
  return phase === 'paused' && at(object, 'spec', 'paused') === true
    ? suspended('the job is paused')
    : progressing(`phase is ${phase || 'not told'}`);
};

const cloneSet: Rule = (object) => {
  const available = at(object, 'status', 'updatedAvailableReplicas');
  const isPaused = at(object, 'spec', 'updateStrategy', 'paused') === true;
  if (isPaused || available === undefined) return suspended('the update is paused');
  if (waitsAtPartition(object, ['spec', 'updateStrategy', 'partition'])) {
    const updated = numberAt(object, ['status', 'updatedReplicas'], 0);
    return updated >= numberAt(object, ['status', 'expectedUpdatedReplicas'], 0)
      ? suspended('the update waits at its partition')
      : progressing(`${updated} replicas are updated`);
  }
  return judgeAvailable(object, available);
};

/** A partition that is absent counts as one, as upstream has it: it is nothing but 0 that ends an update. */
function waitsAtPartition(object: unknown, path: readonly string[]): boolean {
  return at(object, ...path) !== 0 && (generationOf(object) ?? 0) > 1;
}

function judgeAvailable(object: unknown, available: unknown) {
  const total = at(object, 'status', 'replicas');
  return available === total
    ? healthy('all replicas are updated and available')
    : degraded(`${String(available)} of ${String(total)} replicas are updated and available`);
}

const rolling = ['spec', 'updateStrategy', 'rollingUpdate'] as const;

const statefulSet: Rule = (object) => {
  const available = at(object, 'status', 'updatedAvailableReplicas');
  if (at(object, ...rolling, 'paused') === true || available === undefined)
    return suspended('the update is paused');
  if (waitsAtPartition(object, [...rolling, 'partition'])) {
    const total = numberAt(object, ['status', 'replicas'], 0);
    const part = total - numberAt(object, [...rolling, 'partition'], 0);
    const updated = numberAt(object, ['status', 'updatedReplicas'], 0);
    return updated > part
      ? suspended('the update waits at its partition')
      : progressing(`${updated} of ${part} replicas are updated`);
  }
  return judgeAvailable(object, available);
};

const daemonSet: Rule = (object) => {
  const updated = at(object, 'status', 'updatedNumberScheduled');
  if (at(object, ...rolling, 'paused') === true || typeof updated !== 'number')
    return suspended('the update is paused');
  const wanted = numberAt(object, ['status', 'desiredNumberScheduled'], 0);
  const partition = numberAt(object, [...rolling, 'partition'], 0);
  if (partition !== 0 && (generationOf(object) ?? 0) > 1) {
    return updated > wanted - partition
      ? suspended('the update waits at its partition')
      : progressing(`${updated} pods are updated`);
  }
  return updated === wanted
    ? judgeDaemonPods(object, wanted)
    : progressing(`${updated} of ${wanted} pods are updated`);
};

function judgeDaemonPods(object: unknown, wanted: number) {
  const available = numberAt(object, ['status', 'numberAvailable'], 0);
  if (available === wanted) return healthy('all pods are updated and available');
  return numberAt(object, ['status', 'numberUnavailable'], 0) === wanted
    ? degraded('no pod is available')
    : progressing(`${available} of ${wanted} pods are available`);
}

const rollout: Rule = (object) => {
  const phase = textAt(object, 'status', 'phase');
  const step = textAt(object, 'status', 'canaryStatus', 'currentStepState');
  const reason = `phase is ${phase}, step is ${step}`;
  if (step === 'StepPaused' && phase === 'Progressing') return suspended(reason);
  if (step === 'Completed' && phase === 'Healthy') return healthy(reason);
  const isOff = phase === 'Terminating' || phase === 'Disabled';
  return step === 'StepPaused' && isOff ? degraded(reason) : progressing(reason);
};

const gameServer: Rule = (object) => {
  if (at(object, 'status') === undefined)
    return { health: 'Unknown', reason: 'its controller has told nothing yet' };
  const now = textAt(object, 'status', 'currentState');
  const wanted = textAt(object, 'status', 'desiredState');
  if (now !== wanted) return progressing(`state is ${now || 'not told'}, ${wanted || 'none'} is wanted`);
  const pod = conditionsIn(object, 'status', 'podStatus', 'conditions');
  if (pod.some(({ type, status }) => type === 'KruisePodReady' && status !== 'True'))
    return degraded('its pod is not ready');
  return now === 'Ready'
    ? healthy('the game server is ready')
    : { health: 'Unknown', reason: `state is ${now || 'not told'}` };
};

const gameServerSet: Rule = (object) => {
  if (at(object, ...rolling, 'paused') === true) return suspended('the update is paused');
  const total = numberAt(object, ['status', 'replicas'], 0);
  const partition = numberAt(object, [...rolling, 'partition'], 0);
  if (partition !== 0 && numberAt(object, ['status', 'updatedReplicas'], 0) >= total - partition)
    return suspended('the update waits at its partition');
  const updated = numberAt(object, ['status', 'updatedReadyReplicas'], 0);
  return updated === total
    ? healthy('all replicas are updated and ready')
    : progressing(`${updated} of ${total} replicas are updated and ready`);
};

/** OpenKruise: workloads, rollouts and games. */
export const kruiseKinds: KindTable = {
  'apps.kruise.io/AdvancedCronJob': cronJob,
  'apps.kruise.io/BroadcastJob': broadcast,
  'apps.kruise.io/CloneSet': onceObserved(cloneSet),
  'apps.kruise.io/DaemonSet': onceObserved(daemonSet),
  'apps.kruise.io/StatefulSet': onceObserved(statefulSet),
  'game.kruise.io/GameServer': gameServer,
  'game.kruise.io/GameServerSet': onceObserved(gameServerSet),
  'rollouts.kruise.io/Rollout': onceObserved(rollout),
};
