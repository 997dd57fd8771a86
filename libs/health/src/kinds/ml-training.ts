import type { KubeObject } from '@meridian/manifests';
import { byConditions, conditions, stated } from '../forms/conditions.ts';
import { present, unlessStale } from '../forms/before.ts';
import { phases } from '../forms/phases.ts';
import { at, conditionOf, listAt, numberAt, oneLine, textAt } from '../read.ts';
import type { KindTable, Rule } from '../rule.ts';
import { degraded, healthy, progressing, suspended } from '../verdict.ts';
import type { Verdict } from '../verdict.ts';
import { judgeRayCluster, judgeRayJob } from './ray.ts';

// JobSet: kubernetes-sigs/jobset api/jobset/v1alpha2; LeaderWorkerSet: kubernetes-sigs/lws api/leaderworkerset/v1; Kueue:
// kubernetes-sigs/kueue apis/kueue/v1beta1; Kubeflow: kubeflow/trainer v1 common_types.go and v2 trainer/v1alpha1; Volcano:
// volcano.sh/apis batch/v1alpha1 and scheduling/v1beta1; ProvisioningRequest: autoscaling.x-k8s.io/v1.

/** Jobs of the Kubeflow training operator keep all conditions they ever had; those that end it come first. */
const kubeflowJob: Rule = byConditions({
  passes: [
    [['Failed=True', 'Degraded']],
    [['Succeeded=True', 'Healthy']],
    [['Suspended=True', 'Suspended']],
    [['Restarting=True', 'Progressing']],
    [['Running=True', 'Progressing']],
  ],
});

const trainJob: Rule = byConditions({
  passes: [[['Failed=True', 'Degraded']], [['Complete=True', 'Healthy']], [['Suspended=True', 'Suspended']]],
});

/** JobSet: its end, a suspension, else how many of its jobs are done. */
function judgeJobSet(object: KubeObject): Verdict {
  const isTrue = (type: string) => {
    const found = conditionOf(object, type);
    return found?.status === 'True' ? found : undefined;
  };
  const failed = isTrue('Failed');
  if (failed) return degraded(stated(failed));
  const done = isTrue('Completed');
  if (done) return healthy(stated(done));
  const resting = isTrue('Suspended');
  if (resting) return suspended(stated(resting));
  const sum = (field: string) =>
    listAt(object, 'status', 'replicatedJobsStatus').reduce<number>(
      (total, entry) => total + numberAt(entry, [field], 0),
      0,
    );
  const restarts = numberAt(object, ['status', 'restarts'], 0);
  const jobs = `${sum('succeeded')} jobs have succeeded, ${sum('ready')} are ready, ${sum('failed')} have failed`;
  return progressing(restarts > 0 ? `${jobs}; restart ${restarts}` : jobs);
}

/** LeaderWorkerSet: groups count as a whole. None are asked for: Healthy, once none are left. */
function judgeLeaderWorkerSet(object: KubeObject): Verdict {
  const wanted = numberAt(object, ['spec', 'replicas'], 1);
  const total = numberAt(object, ['status', 'replicas'], 0);
  const fine = numberAt(object, ['status', 'readyReplicas'], 0);
  const updated = numberAt(object, ['status', 'updatedReplicas'], 0);
  const update = conditionOf(object, 'UpdateInProgress');
  if (update?.status === 'True') return progressing(`${updated} of ${wanted} groups are updated`);
  if (fine < wanted) return progressing(`${fine} of ${wanted} groups are ready`);
  if (total > wanted) return progressing(`${total - wanted} groups are being removed`);
  const available = conditionOf(object, 'Available');
  if (wanted > 0 && available && available.status !== 'True') return progressing(stated(available));
  return healthy(`${fine} of ${wanted} groups are ready`);
}

/** Queues of Kueue: Active, unless somebody has stopped them. */
const queue: Rule = byConditions({
  passes: [
    [
      ['Active=True', 'Healthy'],
      ['Active=False:Stopped|ClusterQueueIsStopped', 'Suspended'],
      ['Active=False', 'Degraded'],
    ],
  ],
});

/**
 * Workload of Kueue: waiting for quota is Progressing however long it takes, because quota is given back by others; one
 * whose pods are ready is as it should be.
 */
function judgeWorkload(object: KubeObject): Verdict {
  const of = (type: string) => {
    const found = conditionOf(object, type);
    return found?.status === 'True' ? found : undefined;
  };
  const finished = of('Finished');
  if (finished)
    return finished.reason.includes('Fail') ? degraded(stated(finished)) : healthy(stated(finished));
  if (at(object, 'spec', 'active') === false) return suspended('the workload is deactivated');
  const evicted = of('Evicted');
  const admitted = of('Admitted');
  if (!admitted) {
    const quota = conditionOf(object, 'QuotaReserved');
    return progressing(
      evicted ? stated(evicted) : quota ? `waits for quota; ${stated(quota)}` : 'waits for quota',
    );
  }
  return of('PodsReady')
    ? healthy('its pods are ready')
    : progressing('it is admitted, its pods are not ready yet');
}

const volcanoJob = phases('status.state.phase', {
  Healthy: ['Completed'],
  Suspended: ['Aborted'],
  Degraded: ['Failed', 'Terminated'],
  says: 'status.state.message',
});

/** Capacity that Kueue or a user books with the cluster autoscaler. */
const provisioning = byConditions({
  passes: [
    [['Failed=True', 'Degraded']],
    [['CapacityRevoked=True', 'Degraded']],
    [['Provisioned=True', 'Healthy']],
    [['BookingExpired=True', 'Degraded']],
  ],
});

/** Notebook of Kubeflow: one pod, or none when its annotation says that it is stopped. */
const notebook: Rule = (object) => {
  if (object.metadata.annotations?.['kubeflow-resource-stopped'] !== undefined)
    return suspended('the notebook is stopped');
  const waiting = textAt(object, 'status', 'containerState', 'waiting', 'reason');
  if (waiting === 'CrashLoopBackOff' || waiting === 'ImagePullBackOff')
    return degraded(
      `${waiting}: ${oneLine(textAt(object, 'status', 'containerState', 'waiting', 'message'))}`,
    );
  return numberAt(object, ['status', 'readyReplicas'], 0) > 0
    ? healthy('the notebook is ready')
    : progressing(waiting || 'the notebook is not ready yet');
};

/** Training and batch: Ray, JobSet, LeaderWorkerSet, Kueue, Kubeflow, Volcano. */
export const trainingKinds: KindTable = {
  'autoscaling.x-k8s.io/ProvisioningRequest': provisioning,
  'batch.volcano.sh/Job': volcanoJob,
  'jobset.x-k8s.io/JobSet': judgeJobSet,
  'kubeflow.org/Experiment': kubeflowJob,
  'kubeflow.org/JAXJob': kubeflowJob,
  'kubeflow.org/MPIJob': kubeflowJob,
  'kubeflow.org/Notebook': notebook,
  'kubeflow.org/PaddleJob': kubeflowJob,
  'kubeflow.org/PyTorchJob': kubeflowJob,
  'kubeflow.org/TFJob': kubeflowJob,
  'kubeflow.org/Trial': kubeflowJob,
  'kubeflow.org/XGBoostJob': kubeflowJob,
  'kueue.x-k8s.io/AdmissionCheck': conditions(['Active=True', 'Healthy'], ['Active=False', 'Degraded']),
  'kueue.x-k8s.io/ClusterQueue': queue,
  'kueue.x-k8s.io/Cohort': present,
  'kueue.x-k8s.io/LocalQueue': queue,
  'kueue.x-k8s.io/MultiKueueCluster': conditions(['Active=True', 'Healthy'], ['Active=False', 'Degraded']),
  'kueue.x-k8s.io/ResourceFlavor': present,
  'kueue.x-k8s.io/Topology': present,
  'kueue.x-k8s.io/Workload': judgeWorkload,
  'leaderworkerset.x-k8s.io/LeaderWorkerSet': unlessStale(judgeLeaderWorkerSet),
  'ray.io/RayCluster': judgeRayCluster,
  'ray.io/RayJob': judgeRayJob,
  'scheduling.volcano.sh/Queue': phases('status.state', {
    Healthy: ['Open'],
    Suspended: ['Closed'],
    otherwise: 'Progressing',
  }),
  'scheduling.volcano.sh/PodGroup': phases('status.phase', {
    Healthy: ['Running', 'Completed'],
    otherwise: 'Progressing',
  }),
  'trainer.kubeflow.org/ClusterTrainingRuntime': present,
  'trainer.kubeflow.org/TrainJob': trainJob,
  'trainer.kubeflow.org/TrainingRuntime': present,
};
